import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { boundedFetch } from "../../../src/core/http.ts";
import { wideFetch } from "../../../src/node/wideFetch.ts";
import { systemClock } from "../../../src/node/clock.ts";

/** Connections that are kept open and end as balancers, restarts and networks end them; the next request finds out. */

const answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok";

interface End {
  /** Right after the first answer, while nothing is asked. */
  readonly idle?: (socket: Socket) => void;
  /** Once that has been read: on Windows a reset takes back what has not been. */
  readonly read?: (socket: Socket) => void;
  /** When the second request comes. */
  readonly asked?: (socket: Socket) => void;
}

const ends: Readonly<Record<string, End>> = {
  "is closed while idle": { idle: (socket) => socket.end() },
  "is reset while idle": { read: (socket) => socket.resetAndDestroy() },
  "is told of a time-out while idle, as balancers do": {
    idle: (socket) =>
      socket.end("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
  },
  "is closed when it is used again": { asked: (socket) => socket.end() },
  "is reset when it is used again": { asked: (socket) => socket.resetAndDestroy() },
  "is dropped when it is used again": { asked: (socket) => socket.destroy() },
  "ends in the middle of a head": { asked: (socket) => socket.end("HTTP/1.1 20") },
};

let server: Server | undefined;
afterEach(() => server?.close());

interface Served {
  readonly url: string;
  readonly requests: () => number;
  /** What was answered has been read. */
  readonly read: () => void;
}

/** Each connection answers one request, and ends as `end` says. */
const serve = async ({ idle, read, asked }: End): Promise<Served> => {
  let requests = 0;
  const open = new Set<Socket>();
  server = createServer((socket) => {
    let served = 0;
    open.add(socket);
    socket.on("error", () => undefined).on("close", () => open.delete(socket));
    socket.on("data", () => {
      requests += 1;
      served += 1;
      if (served > 1 && asked !== undefined) asked(socket);
      else socket.write(answer, () => idle !== undefined && setImmediate(() => idle(socket)));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port is free.");
  return {
    url: `http://127.0.0.1:${address.port}/`,
    requests: () => requests,
    read: () => open.forEach((socket) => read?.(socket)),
  };
};

describe.each(Object.entries(ends))("a connection that %s", (_name, end) => {
  it("costs no question, for a request that may be done twice", async () => {
    const { url, read } = await serve(end);
    const ask = boundedFetch(wideFetch(fetch), systemClock);
    for (let n = 0; n < 5; n += 1) {
      expect(await (await ask(url)).text()).toBe("ok");
      read();
    }
  });

  it("costs none either where several are kept open", async () => {
    const { url, read } = await serve(end);
    const ask = boundedFetch(wideFetch(fetch), systemClock);
    const texts = Array.from({ length: 6 }, async () => (await ask(url)).text());
    expect(await Promise.all(texts)).toEqual(Array(6).fill("ok"));
    read();
    for (let n = 0; n < 5; n += 1) {
      expect(await (await ask(url)).text()).toBe("ok");
      read();
    }
  });

  it("never has a request done twice that may not be", async () => {
    const { url, requests, read } = await serve(end);
    const ask = boundedFetch(wideFetch(fetch), systemClock);
    const post = { method: "POST", body: "x" };
    expect(await (await ask(url, post)).text()).toBe("ok");
    read();
    const second = await ask(url, post).catch((error: unknown) => error);
    // One that was seen to be gone was never sent on.
    expect(second instanceof Response ? await second.text() : "failed").toMatch(/^(?:ok|failed)$/);
    expect(requests()).toBe(2);
  });
});
