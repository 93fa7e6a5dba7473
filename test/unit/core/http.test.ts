import { createServer, type RequestListener, type Server } from "node:http";
import { once } from "node:events";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { LanyardError, type ErrorCode } from "../../../src/core/errors.ts";
import { boundedFetch } from "../../../src/core/http.ts";
import { systemClock } from "../../../src/node/clock.ts";
import { fakeClock } from "../../support/ports.ts";

const servers: Server[] = [];

const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `http://127.0.0.1:${address.port}/`;
};

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const codeOf = async (work: Promise<unknown>): Promise<ErrorCode | "resolved"> => {
  try {
    await work;
    return "resolved";
  } catch (error) {
    if (error instanceof LanyardError) return error.code;
    throw error;
  }
};

describe("a bounded request", () => {
  it("hands on the status, the headers and the whole body", async () => {
    const url = await serve((_request, response) => {
      response.writeHead(418, { "x-kind": "teapot" }).end("short and stout");
    });
    const response = await boundedFetch(fetch, systemClock)(url);
    expect(response.status).toBe(418);
    expect(response.headers.get("x-kind")).toBe("teapot");
    expect(await response.text()).toBe("short and stout");
  });

  it("accepts a reply that may have no body", async () => {
    const url = await serve((_request, response) => response.writeHead(204).end());
    expect((await boundedFetch(fetch, systemClock)(url)).body).toBeNull();
  });

  it("does not follow a redirect", async () => {
    let visited = false;
    const target = await serve((_request, response) => {
      visited = true;
      response.end();
    });
    const url = await serve((_request, response) => response.writeHead(307, { location: target }).end());
    expect(await codeOf(boundedFetch(fetch, systemClock)(url, { redirect: "follow" }))).toBe(
      "redirectRefused",
    );
    expect(visited).toBe(false);
  });

  it("refuses a reply whose declared length is over the limit", async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { "content-length": 10_000_000_000 }).write("x");
    });
    expect(await codeOf(boundedFetch(fetch, systemClock)(url))).toBe("replyTooLarge");
  });

  it("stops reading an endless reply at the limit, and hangs up", async () => {
    let hungUp = (): void => undefined;
    const closed = new Promise<void>((resolve) => (hungUp = resolve));
    const url = await serve((_request, response) => {
      const pour = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(64 * 1024)));
      };
      response.on("drain", pour).on("close", hungUp);
      pour();
    });
    expect(await codeOf(boundedFetch(fetch, systemClock)(url))).toBe("replyTooLarge");
    await closed;
  });

  it("counts what a compressed reply unpacks to", async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(2_000_000)));
    });
    expect(await codeOf(boundedFetch(fetch, systemClock)(url))).toBe("replyTooLarge");
  });

  it("ends when its time is up, also in the middle of the body", async () => {
    const clock = fakeClock();
    let started = (): void => undefined;
    const underWay = new Promise<void>((resolve) => (started = resolve));
    const url = await serve((_request, response) => {
      response.write("first of two");
      started();
    });
    const outcome = codeOf(boundedFetch(fetch, clock, { timeoutMs: 5000 })(url));
    await underWay;
    clock.advance(5000);
    expect(await outcome).toBe("timedOut");
    expect(clock.pending).toBe(0);
  });

  it("ends when its caller no longer wants it, and leaves no timer", async () => {
    const clock = fakeClock();
    const caller = new AbortController();
    const url = await serve(() => caller.abort());
    expect(await codeOf(boundedFetch(fetch, clock)(url, { signal: caller.signal }))).toBe("cancelled");
    expect(clock.pending).toBe(0);
  });

  it("is not sent at all when its caller has already gone, or its URL is not secure", async () => {
    let asked = 0;
    const counting = boundedFetch((url, init) => {
      asked += 1;
      return fetch(url, init);
    }, fakeClock());
    expect(await codeOf(counting("http://127.0.0.1:1/", { signal: AbortSignal.abort() }))).toBe("cancelled");
    expect(await codeOf(counting("http://idp.example.com/"))).toBe("insecureUrl");
    expect(asked).toBe(0);
  });

  it("says which host cannot be reached", async () => {
    const url = await serve(() => undefined);
    servers.splice(0).forEach((server) => server.close());
    const error: unknown = await boundedFetch(fetch, systemClock)(url).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: "network",
      message: expect.stringContaining(new URL(url).host) as string,
    });
  });
});
