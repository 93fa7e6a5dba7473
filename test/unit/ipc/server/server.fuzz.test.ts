import fc from "fast-check";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Secret } from "../../../../src/core/secret.ts";
import { headersRequestSchema, scriptResultSchema } from "../../../../src/ipc/api/protocol.ts";
import { route } from "../../../../src/ipc/server/route.ts";
import { AgentServer } from "../../../../src/ipc/server/server.ts";
import { writeFields } from "../../../support/fields.ts";
import { fieldsType, paths } from "../../../../src/ipc/wire.ts";
import { fuzzRuns, memoryLevel } from "../../../support/fuzz.ts";
import { recordingLog } from "../../../support/ports.ts";
import { addressIn } from "../../../support/needs.ts";

const key = "k".repeat(43);
let folder: string;
let server: AgentServer;
const log = recordingLog();

const refusing = () => ({
  kind: "refused" as const,
  exitCode: 0 as const,
  text: "no",
  refusal: { kind: "usage" as const, reason: "no" },
});
const answering = { run: () => Promise.resolve(refusing()), unfinished: refusing };
const routes = {
  headers: route(headersRequestSchema, answering),
  script: route(scriptResultSchema, answering),
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lanyard-test-"));
  server = await AgentServer.listen({
    address: addressIn(folder),
    key: new Secret(key),
    version: "0.1.0",
    router: (path) =>
      path === paths.headers
        ? routes.headers
        : path.startsWith(paths.scriptResults)
          ? routes.script
          : undefined,
    log,
    limits: { headersTimeoutMs: 300, requestTimeoutMs: 600 },
  });
});

afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

/** Writes the pieces one after the other, closes its side, and reads until the agent closes its own. */
const exchange = async (pieces: readonly Uint8Array[]): Promise<string> => {
  const socket = connect(addressIn(folder));
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString("latin1"))).on("error", () => undefined);
  for (const piece of pieces) socket.write(piece);
  socket.end();
  await once(socket, "close");
  return text;
};

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const junk = fc.uint8Array({ minLength: 1, maxLength: 300 });

/** A request that is nearly right: each part is mostly what belongs there. */
const line = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      paths.headers,
      `${paths.scriptResults}${"0".repeat(32)}`,
      paths.agent,
      paths.windows,
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 60 }) },
);
const type = fc.oneof(
  fc.constantFrom("application/json", fieldsType, "text/html"),
  fc.string({ maxLength: 20 }),
);
const secret = fc.oneof({ weight: 4, arbitrary: fc.constant(key) }, { weight: 1, arbitrary: fc.string() });
const field = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom("claude", "person", "1e309", "-0"),
);
const fields = fc.dictionary(
  fc.constantFrom(
    "asker",
    "server",
    "url",
    "cwd",
    "deadlineMs",
    "json",
    "script",
    "passedOn",
    "exitCode",
    "stdout",
    "stderr",
    "__proto__",
    "constructor",
  ),
  field,
);
const body = fc.oneof(
  fields.map((value) => bytes(JSON.stringify(value))),
  fields.map((value) =>
    Buffer.from(
      writeFields(Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]))),
    ),
  ),
  fc.json().map(bytes),
  junk,
);
const length = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.integer({ min: -2, max: 70_000 }) },
);
const more = fc.array(
  fc.constantFrom(
    "Expect: 100-continue",
    "Transfer-Encoding: chunked",
    "Upgrade: lanyard",
    "Connection: Upgrade",
    "Host: x",
    "X: \u0000",
  ),
  { maxLength: 2 },
);

const request = fc
  .record({
    method: fc.constantFrom("POST", "POST", "POST", "GET", "PUT", "CONNECT"),
    line,
    type,
    secret,
    body,
    length,
    more,
  })
  .map((r) => {
    const head = [
      `${r.method} ${r.line} HTTP/1.1`,
      "Host: lanyard",
      "Connection: close",
      `Authorization: Bearer ${r.secret}`,
      `Content-Type: ${r.type}`,
      `Content-Length: ${r.length ?? r.body.byteLength}`,
      ...r.more,
    ].join("\r\n");
    return [bytes(`${head}\r\n\r\n`), r.body];
  });

const pieces = fc.oneof(
  { weight: 1, arbitrary: fc.array(junk, { minLength: 1, maxLength: 3 }) },
  { weight: 4, arbitrary: request },
  {
    weight: 1,
    arbitrary: fc
      .tuple(request, junk)
      .map(([[head = new Uint8Array(), rest = new Uint8Array()], tail]) => [head, rest, tail]),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(request, fc.nat({ max: 200 }))
      .map(([all, cut]) => [Buffer.concat(all).subarray(0, cut + 1)]),
  },
);

test("whatever bytes reach the endpoint, they are answered in HTTP or not at all, and the next request is served", async () => {
  const level = memoryLevel();
  await fc.assert(
    fc.asyncProperty(pieces, async (sent) => {
      const answer = await exchange(sent);
      expect(answer).toMatch(/^(?:$|HTTP\/1\.1 [1-5]\d\d )/);
      expect(answer).not.toMatch(/^HTTP\/1\.1 500 /);
    }),
    { numRuns: fuzzRuns(3000), timeout: 5000 },
  );
  const good = `{"asker":"claude","server":"a","url":"https://a.example/"}`;
  const head = `POST ${paths.headers} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nContent-Length: ${good.length}\r\n\r\n`;
  expect(await exchange([bytes(head), bytes(good)])).toMatch(/^HTTP\/1\.1 200 /);
  expect(log.entries.filter((entry) => entry.level === "error")).toEqual([]);
  expect(level.growth()).toBe(0);
}, 600_000);
