import * as fc from "fast-check";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { Secret } from "../../../../src/core/secret.ts";
import type { CommandReply } from "../../../../src/ipc/api/protocol.ts";
import { route, type Router } from "../../../../src/ipc/server/route.ts";
import { AgentServer, type ServerLimits, type ServerOptions } from "../../../../src/ipc/server/server.ts";
import { writeFields } from "../../../support/fields.ts";
import { fieldsType, paths, windowsUpgrade } from "../../../../src/ipc/wire.ts";
import { recordingLog } from "../../../support/ports.ts";
import { addressIn, isWindows } from "../../../support/needs.ts";

const key = "k".repeat(43);
let folder: string;
let address: string;
let server: AgentServer;
/** What each request that is in work waits for. */
let release: (() => void)[];
let begun: string[];
let ended: string[];

const saying = (text: string): CommandReply => ({
  kind: "refused",
  exitCode: 0,
  text,
  refusal: { kind: "usage", reason: text },
});

const schema = z.object({
  deadlineMs: z.coerce.number().default(8000),
  name: z.string().default(""),
  how: z.enum(["at once", "held", "fails", "large"]).default("at once"),
});

const echo = route(schema, {
  async run({ name, how }, _leftMs, signal) {
    begun.push(name);
    signal.addEventListener("abort", () => ended.push(name), { once: true });
    if (how === "fails") throw new Error("It was not foreseen.");
    if (how === "held") await new Promise<void>((resolve) => release.push(resolve));
    return saying(how === "large" ? "x".repeat(1_000_000) : `hello ${name}`);
  },
  unfinished: ({ name }, why) => saying(`${why} ${name}`),
});

const router: Router = (path) => (path === "/v1/echo" ? echo : undefined);

const start = async (
  limits: Partial<ServerLimits> = {},
  windows: Pick<ServerOptions, "onWindow" | "isLeading"> = {},
): Promise<void> => {
  server = await AgentServer.listen({
    ...windows,
    address,
    key: new Secret(key),
    version: "0.1.0",
    router,
    log: recordingLog(),
    limits,
  });
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lanyard-test-"));
  address = addressIn(folder);
  [release, begun, ended] = [[], [], []];
});

afterEach(async () => {
  for (const each of release) each();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

interface Got {
  readonly status: number | undefined;
  readonly body: string;
}

const ask = async (
  body: string | Buffer,
  { path = "/v1/echo", method = "POST", headers = {} } = {},
): Promise<Got> => {
  const sent = httpRequest({
    socketPath: address,
    path,
    method,
    agent: false,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
  });
  sent.on("error", () => undefined);
  sent.end(body);
  const [response] = (await once(sent, "response")) as [NodeJS.ReadableStream & { statusCode?: number }];
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode, body: text };
};

const named = (name: string, more: object = {}): string => JSON.stringify({ name, ...more });

/** Waits until so many requests are in work. */
const inWork = async (count: number): Promise<void> => {
  while (begun.length < count) await new Promise((resolve) => setImmediate(resolve));
};

/** Writes bytes and reads whatever comes until the connection ends. */
const raw = async (bytes: string | Uint8Array): Promise<string> => {
  const socket = connect(address);
  let text = "";
  socket.on("data", (chunk) => (text += String(chunk))).on("error", () => undefined);
  socket.write(bytes);
  await once(socket, "close");
  return text;
};

describe("a request that is understood", () => {
  beforeEach(() => start());

  test("in JSON is answered in JSON", async () => {
    const { status, body } = await ask(named("alice"));
    expect([status, JSON.parse(body)]).toEqual([200, saying("hello alice")]);
  });

  test("in fields, by one who accepts text, is answered for a shell", async () => {
    const headers = { "content-type": fieldsType, accept: "text/plain" };
    expect(await ask(writeFields({ name: "alice" }), { headers })).toEqual({
      status: 200,
      body: "0\nhello alice",
    });
  });

  test("to the agent itself is answered with who it is", async () => {
    expect(JSON.parse((await ask("{}", { path: "/v1/agent" })).body)).toMatchObject({
      kind: "agent",
      protocol: 1,
      version: "0.1.0",
      pid: process.pid,
    });
  });
});

describe("another window that registers", () => {
  let taken: number;
  const welcome = {
    onWindow: (connection: Duplex): void => {
      taken += 1;
      connection.end();
    },
  };
  beforeEach(() => {
    taken = 0;
  });

  const register = async (authorization: string, path: string = paths.windows): Promise<string> => {
    const head = [
      `GET ${path} HTTP/1.1`,
      "Host: lanyard",
      "Connection: Upgrade",
      `Upgrade: ${windowsUpgrade}`,
    ];
    const key = authorization === "" ? [] : [`Authorization: ${authorization}`];
    return (await raw([...head, ...key, "", ""].join("\r\n"))).split("\r\n", 1)[0] ?? "";
  };

  test("is taken with the key", async () => {
    await start({}, welcome);
    expect(await register(`Bearer ${key}`)).toBe("HTTP/1.1 101 Switching Protocols");
    expect(taken).toBe(1);
  });

  test.each([
    ["without a key", ""],
    ["with another key", `Bearer ${"x".repeat(43)}`],
    ["with half a key", `Bearer ${key.slice(0, 20)}`],
    ["with the key in another scheme", `Basic ${key}`],
  ])("is refused %s", async (_what, authorization) => {
    await start({}, welcome);
    expect(await register(authorization)).toBe("HTTP/1.1 401 Unauthorized");
    expect(taken).toBe(0);
  });

  test("is refused at another path, and where this window does not lead", async () => {
    await start({}, { ...welcome, isLeading: () => false });
    expect(await register(`Bearer ${key}`, "/v1/echo")).toBe("HTTP/1.1 404 Not Found");
    expect(await register(`Bearer ${key}`)).toBe("HTTP/1.1 409 Conflict");
    expect(taken).toBe(0);
  });
});

describe("a request that is not", () => {
  beforeEach(() => start());

  test.each([
    ["without a key", 401, "{}", { headers: { authorization: "" } }],
    ["with another key", 401, "{}", { headers: { authorization: `Bearer ${"x".repeat(43)}` } }],
    ["with half a key", 401, "{}", { headers: { authorization: `Bearer ${key.slice(0, 20)}` } }],
    ["to the agent itself without a key", 401, "{}", { path: "/v1/agent", headers: { authorization: "" } }],
    ["to nowhere", 404, "{}", { path: "/v1/nowhere" }],
    ["by another method", 405, "", { method: "GET" }],
    ["of an unknown type", 415, "{}", { headers: { "content-type": "text/html" } }],
    ["that is not JSON", 400, "{", {}],
    ["that is not an object", 400, "[]", {}],
    ["with fields that do not end", 400, "name=a", { headers: { "content-type": fieldsType } }],
    ["with a field of the wrong type", 400, '{"name":1}', {}],
    ["that is too large", 413, "x".repeat(64 * 1024 + 1), {}],
  ])("is refused: %s", async (_what, status, body, options) => {
    const got = await ask(body, options);
    expect(got.status).toBe(status);
    expect(JSON.parse(got.body)).toMatchObject({ error: { message: expect.any(String) as string } });
    expect(begun).toEqual([]);
  });

  test("never has its values in the refusal", async () => {
    expect((await ask('{"how":"secret-canary"}')).body).not.toContain("secret-canary");
  });

  test.each([
    ["no HTTP", "hello\r\n\r\n", "400"],
    ["a header without end", `GET / HTTP/1.1\r\nX: ${"x".repeat(20_000)}`, "431"],
    ["two lengths", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400"],
  ])("is answered at the lowest level too: %s", async (_what, bytes, status) => {
    expect(await raw(bytes)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  test("does no harm, whatever its bytes", async () => {
    const bytes = fc.oneof(
      fc
        .uint8Array({ minLength: 1, maxLength: 200 })
        .map((array) => Buffer.concat([array, Buffer.from("\r\n\r\n")])),
      fc.string().map((line) => `POST /v1/echo HTTP/1.1\r\n${line}\r\n\r\n`),
      fc
        .string()
        .map(
          (body) =>
            `POST /v1/echo HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
        ),
    );
    await fc.assert(
      fc.asyncProperty(bytes, async (sent) => {
        const socket = connect(address);
        socket.resume().on("error", () => undefined);
        socket.end(sent);
        await once(socket, "close");
      }),
      { numRuns: 300 },
    );
    expect((await ask(named("alice"))).status).toBe(200);
  }, 30_000);
});

describe("slow clients", () => {
  beforeEach(() => start({ headersTimeoutMs: 100, requestTimeoutMs: 200 }));

  test.each([
    ["a head that does not end", "POST /v1/echo HTTP/1.1\r\n"],
    [
      "a body that does not come",
      `POST /v1/echo HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{`,
    ],
  ])("are dropped without a word: the window may have been the slow one: %s", async (_what, bytes) => {
    expect(await raw(bytes)).toBe("");
  });
});

describe("work", () => {
  test("that fails is answered as failed", async () => {
    await start();
    expect((await ask(named("alice", { how: "fails" }))).body).toContain("failed alice");
  });

  test("past its deadline is answered before the asker gives up", async () => {
    await start();
    const startedMs = performance.now();
    expect((await ask(named("alice", { how: "held", deadlineMs: 400 }))).body).toContain("overdue alice");
    expect(performance.now() - startedMs).toBeLessThan(400);
    expect(ended).toEqual(["alice"]);
  });

  test("beyond the limit waits in order, and is refused when its own time is up", async () => {
    await start({ inWork: 2 });
    const held = ["a", "b"].map((name) => ask(named(name, { how: "held" })));
    await inWork(2);
    const late = await ask(named("late", { deadlineMs: 200 }));
    expect(late.body).toContain("overdue late");
    const next = ask(named("next"));
    release[0]?.();
    expect((await next).body).toContain("hello next");
    release[1]?.();
    await Promise.all(held);
    expect(begun).toEqual(expect.arrayContaining(["a", "b", "next"]) as string[]);
    expect(begun).not.toContain("late");
  });

  // Windows opens the next instance of a pipe only when one was taken.
  test.each([isWindows ? 40 : 200])("%d at once are all answered", async (crowd) => {
    await start();
    const names = Array.from({ length: crowd }, (_, index) => `n${index}`);
    const answers = await Promise.all(names.map((name) => ask(named(name))));
    expect(answers.map(({ body }) => body).every((body, index) => body.includes(`hello n${index}`))).toBe(
      true,
    );
  });

  test("whose asker goes away is told, and gives its place free", async () => {
    await start({ inWork: 1 });
    const socket = connect(address);
    const body = named("gone", { how: "held" });
    socket.write(
      `POST /v1/echo HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await inWork(1);
    socket.destroy();
    while (ended.length === 0) await new Promise((resolve) => setImmediate(resolve));
    release[0]?.();
    expect((await ask(named("next"))).body).toContain("hello next");
  });

  test("that waits when the agent closes is refused with a reason, and the socket is gone", async () => {
    await start();
    const waiting = ask(named("alice", { how: "held" }));
    await inWork(1);
    await server.close();
    expect((await waiting).body).toContain("closing alice");
    await expect(once(connect(address), "connect")).rejects.toThrow("ENOENT");
  });
});

test("a large answer arrives whole", async () => {
  await start();
  const { body } = await ask(named("alice", { how: "large" }));
  expect((JSON.parse(body) as { text: string }).text).toHaveLength(1_000_000);
});
