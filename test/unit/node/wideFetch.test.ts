import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { boundedFetch } from "../../../src/core/http.ts";
import { systemClock } from "../../../src/node/clock.ts";
import { wideFetch } from "../../../src/node/wideFetch.ts";

const servers: Server[] = [];
const asked: string[] = [];

const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer((request, response) => {
    asked.push(`${request.method ?? ""} ${request.url ?? ""}`);
    listener(request, response);
  }).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return `http://127.0.0.1:${address.port}`;
};

afterEach(() => {
  asked.length = 0;
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** So many bytes of headers, in cookies as gateways send them. */
const cookies = (bytes: number): readonly string[] =>
  Array.from({ length: Math.ceil(bytes / 4000) }, (_, index) => `part${index}=${"x".repeat(3980)}; Path=/`);

const whole = boundedFetch(
  wideFetch((url, init) => fetch(url, init)),
  systemClock,
);

describe("a reply with many header bytes", () => {
  it.each([1, 8, 15, 17, 32, 64, 100])("of %i kB is read", async (kilobytes) => {
    const sent = cookies(kilobytes * 1000);
    const url = await serve((_request, response) => {
      response.writeHead(200, { "set-cookie": [...sent], "x-kind": "vault" }).end('{"access_token":"t"}');
    });
    const response = await whole(url);
    expect([response.status, response.headers.get("x-kind")]).toEqual([200, "vault"]);
    expect(response.headers.getSetCookie()).toEqual(sent);
    expect(await response.json()).toEqual({ access_token: "t" });
    expect(asked.length).toBe(kilobytes < 16 ? 1 : 2);
  });

  it.each([
    [204, ""],
    [304, ""],
    [401, "no"],
    [404, "nothing"],
    [502, "<html>"],
  ])("may be a %i", async (status, body) => {
    const url = await serve((_request, response) =>
      response.writeHead(status, { "set-cookie": [...cookies(64_000)] }).end(body),
    );
    const response = await whole(url);
    expect([response.status, await response.text()]).toEqual([status, body]);
  });

  it("is not followed where it leads elsewhere", async () => {
    const url = await serve((_request, response) =>
      response.writeHead(302, { location: "/next", "set-cookie": [...cookies(64_000)] }).end(),
    );
    await expect(whole(url)).rejects.toMatchObject({ code: "redirectRefused" });
    expect(asked).toEqual(["GET /", "GET /"]);
  });

  it("is told, and nothing asked twice, where asking may have done something", async () => {
    const url = await serve((_request, response) =>
      response.writeHead(200, { "set-cookie": [...cookies(64_000)] }).end("{}"),
    );
    const body = new URLSearchParams({ grant_type: "refresh_token" });
    await expect(whole(url, { method: "POST", body })).rejects.toMatchObject({ code: "replyTooLarge" });
    expect(asked).toEqual(["POST /"]);
  });

  it("is read at once where the origin is known for it, whatever is asked", async () => {
    const seen: { headers: IncomingMessage["headers"]; body: string }[] = [];
    const url = await serve((request, response) => {
      void text(request).then((body) => {
        seen.push({ headers: request.headers, body });
        response.writeHead(200, { "set-cookie": [...cookies(64_000)] }).end("{}");
      });
    });
    await whole(`${url}/.well-known/openid-configuration`);
    const body = new URLSearchParams({ code: "a&b" });
    await whole(`${url}/token`, { method: "POST", body, headers: { traceparent: "00-1" } });
    expect(asked.slice(2)).toEqual(["POST /token"]);
    expect(seen.at(-1)).toMatchObject({
      headers: {
        "content-type": "application/x-www-form-urlencoded;charset=UTF-8",
        "content-length": "10",
        traceparent: "00-1",
      },
      body: "code=a%26b",
    });
  });

  it("has the bounds of every other: its body's size, its compression, its time", async () => {
    const large = await serve((_request, response) => {
      response.writeHead(200, { "set-cookie": [...cookies(64_000)] }).end("x".repeat(2 * 1024 * 1024));
    });
    await expect(whole(large)).rejects.toMatchObject({ code: "replyTooLarge" });
    const packed = await serve((request, response) => {
      const isTaken = (request.headers["accept-encoding"] ?? "").includes("gzip");
      const headers = { "set-cookie": [...cookies(64_000)] };
      if (isTaken) response.writeHead(200, { ...headers, "content-encoding": "gzip" }).end(gzipSync("plain"));
      else response.writeHead(200, headers).end("plain");
    });
    expect(await (await whole(packed)).text()).toBe("plain");
    const slow = await serve((_request, response) => {
      response.writeHead(200, { "set-cookie": [...cookies(64_000)] }).write("begun");
    });
    const short = boundedFetch(
      wideFetch((url, init) => fetch(url, init)),
      systemClock,
      { timeoutMs: 500 },
    );
    await expect(short(slow)).rejects.toMatchObject({ code: "timedOut" });
  });

  it("of more than can be taken is told", async () => {
    const url = await serve((_request, response) =>
      response.writeHead(200, { "set-cookie": [...cookies(200_000)] }).end("{}"),
    );
    await expect(whole(url)).rejects.toMatchObject({ code: "replyTooLarge" });
  });
});
