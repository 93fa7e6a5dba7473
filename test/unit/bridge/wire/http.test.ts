import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server as HttpServer } from "node:http";
import { createServer as createSecure } from "node:https";
import { createServer as createTcp, Socket, type AddressInfo, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createHttp, type SendHttp } from "../../../../src/bridge/wire/http.ts";
import { needs } from "../../../support/needs.ts";
import { selfSigned } from "../../../support/selfSigned.ts";

const opened: Disposable[] = [];

/** @returns the port on which it listens until the test is over. */
const listening = async (server: Server): Promise<number> => {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket.on("error", () => undefined)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.push({
    [Symbol.dispose]: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return (server.address() as AddressInfo).port;
};

afterEach(() => {
  for (const each of opened.splice(0)) each[Symbol.dispose]();
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

const get = (send: SendHttp, url: string, signal = new AbortController().signal): Promise<IncomingMessage> =>
  send({ method: "GET", url, headers: {}, signal });

const socketOf = (response: IncomingMessage): Socket => {
  expect(response.socket).toBeInstanceOf(Socket);
  return response.socket;
};

const ended = async (response: IncomingMessage): Promise<void> => {
  response.resume();
  await once(response, "close");
};

describe("a connection", () => {
  /** Answers with a head, and ends the body once it is told to. */
  const streaming = async (): Promise<{ url: string; end: () => void }> => {
    const ends: (() => void)[] = [];
    const server: HttpServer = createServer((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
      ends.push(() => response.end());
    });
    const url = `http://127.0.0.1:${await listening(server)}/`;
    return { url, end: () => ends.splice(0).forEach((end) => end()) };
  };

  test("has a limit while nobody uses it, and none while a stream is open: not at first, and not the next time", async () => {
    const { url, end } = await streaming();
    const send = createHttp();
    const first = await get(send, url);
    const socket = socketOf(first);
    expect(socket.timeout ?? 0).toBe(0);
    end();
    await ended(first);
    await vi.waitFor(() => expect(socket.timeout).toBe(4_000));
    const second = await get(send, url);
    expect(socketOf(second)).toBe(socket);
    expect(socket.timeout).toBe(0);
    end();
    await ended(second);
  });

  test("that says nothing is asked by the system whether it is there", needs("processTable"), async () => {
    const { url } = await streaming();
    const socket = socketOf(await get(createHttp(), url));
    const hex = (port = 0): string => `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
    const own = new RegExp(`${hex(socket.localPort)} \\S+${hex(socket.remotePort)} 01 \\S+ (\\d\\d):`);
    // The timer that runs: 02 is that of keep-alive (proc_net_tcp).
    const timer = async (): Promise<string | undefined> =>
      own.exec(await readFile("/proc/net/tcp", "utf8"))?.[1];
    await vi.waitFor(async () => expect(await timer()).toBe("02"));
  });
});

describe("to connect", () => {
  const limitMs = 10_000;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  });

  /** Takes connections, and says nothing. */
  const silent = async (): Promise<{ port: number; connected: Promise<unknown> }> => {
    const server = createTcp((socket) => socket.resume());
    const connected = once(server, "connection");
    return { port: await listening(server), connected };
  };

  /** What came of it so far. */
  const watched = (sent: Promise<unknown>): { said: string } => {
    const state = { said: "" };
    sent.then(
      () => (state.said = "answered"),
      (error: unknown) => (state.said = String(error)),
    );
    return state;
  };

  const expectLimit = async (sent: Promise<unknown>, connected: Promise<unknown>): Promise<void> => {
    const outcome = watched(sent);
    await connected;
    await vi.advanceTimersByTimeAsync(limitMs - 1);
    expect(outcome.said).toBe("");
    await vi.advanceTimersByTimeAsync(1);
    expect(outcome.said).toMatch(/too long to connect/);
    await expect(sent).rejects.toMatchObject({ code: "ETIMEDOUT" });
  };

  test("takes ten seconds at most, the encryption included", async () => {
    const { port, connected } = await silent();
    await expectLimit(get(createHttp(), `https://127.0.0.1:${port}/`), connected);
  });

  test("takes as long by a proxy, which hears of the connector and says nothing", async () => {
    const { port, connected } = await silent();
    vi.stubEnv("https_proxy", `http://127.0.0.1:${port}`);
    await expectLimit(get(createHttp(), "https://connector.example/"), connected);
  });

  test("ends at once where nobody waits any more, also by a proxy", async () => {
    const { port, connected } = await silent();
    vi.stubEnv("https_proxy", `http://127.0.0.1:${port}`);
    const end = new AbortController();
    const sent = get(createHttp(), "https://connector.example/", end.signal);
    const reason = new Error("Nobody waits.");
    await connected;
    end.abort(reason);
    await expect(sent).rejects.toBe(reason);
  });

  test.each(["http", "https"] as const)(
    "is all that is limited (%s): an answer may come later",
    async (by) => {
      const { cert, key } = selfSigned("127.0.0.1");
      const asked: (() => void)[] = [];
      const server = by === "http" ? createServer() : createSecure({ cert, key });
      server.on("request", (_request, response) => asked.push(() => response.end("late")));
      const url = `${by}://127.0.0.1:${await listening(server)}/`;
      vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
      const sent = get(createHttp(), url);
      const outcome = watched(sent);
      await vi.waitFor(() => expect(asked).toHaveLength(1));
      await vi.advanceTimersByTimeAsync(100 * limitMs);
      expect(outcome.said).toBe("");
      asked[0]?.();
      expect((await sent).statusCode).toBe(200);
    },
  );
});
