import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readFacadeConfig } from "../src/core/config/schema.ts";
import { claims, crm, grants, plainConfig, sign, World } from "./support/world.ts";

/** Whatever is sent, the facade answers as it says, throws nothing, and writes no token into its record. */
const canary = "canary-9f2c";
let world: World;
let token: string;

beforeAll(async () => {
  world = new World(plainConfig({}, { questionsPerMinute: 1_000_000 }));
  world.vault(() => grants({ access_token: `${canary}-credential` }));
  token = await sign(claims({ jti: canary }));
});
afterAll(() => {
  expect(world.faults).toEqual([]);
  const record = JSON.stringify(world.audit) + world.facade.state.metrics.text(0);
  expect(record).not.toContain(canary);
  for (const part of token.split(".")) expect(record).not.toContain(part);
});

/** What a header may hold at all: the rest never reaches a server. */
const headerText = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((at) => String.fromCharCode(at)),
});
const noisy = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.constant(canary), fc.constant(crm));
const fieldNames = [
  ...["grant_type", "client_id", "subject_token", "subject_token_type", "resource", "audience", "scope"],
  ...["requested_token_type", "completion_mode", "deferral_code", "actor_token", "__proto__", "constructor"],
];
const runs = { numRuns: 150 };

test("forms", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom(...fieldNames), noisy), { maxLength: 12 }),
      async (pairs) => {
        const { status } = await world.post("/token", new URLSearchParams(pairs).toString());
        expect([400, 413]).toContain(status);
      },
    ),
    runs,
  );
});

test("bodies that are no forms", async () => {
  const type = fc.constantFrom("application/x-www-form-urlencoded", "application/json", "text/plain", "x");
  const path = fc.constantFrom("/token", "/backchannel-logout", "/events/receive", "/nothing");
  await fc.assert(
    fc.asyncProperty(path, fc.string({ unit: "binary" }), type, async (at, body, contentType) => {
      const { status } = await world.post(at, body, { "content-type": contentType });
      expect([400, 404, 413]).toContain(status);
    }),
    runs,
  );
});

test("a good question with members of another's", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.constantFrom("resource", "audience", "scope", "subject_token_type"), noisy),
      async (form) => {
        const { status, body } = await world.ask(token, { form });
        expect([200, 400]).toContain(status);
        // What the table names is given, and nothing else.
        if (status === 200) expect(form["resource"] ?? crm).toBe(crm);
        else expect(JSON.stringify(body)).not.toContain(canary);
      },
    ),
    runs,
  );
});

test("headers", async () => {
  const names = fc.constantFrom("dpop", "prefer", "traceparent", "authorization", "content-length", "cookie");
  await fc.assert(
    fc.asyncProperty(fc.dictionary(names, headerText), async (headers) => {
      const { prefer: _, ...others } = headers;
      expect([200, 400, 413]).toContain((await world.ask(token, { headers: others })).status);
      expect([401, 410, 200]).toContain((await world.get("/events?wait=0", headers)).status);
    }),
    runs,
  );
});

test("tokens that a bit was changed in are nobody's", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(token.length - 1),
      fc.constantFrom("A", "z", "0", "-", ".", "=", " ", "é"),
      async (at, letter) => {
        const changed = token.slice(0, at) + letter + token.slice(at + 1);
        const { status } = await world.ask(changed);
        // The last letter of base64url has bits that nothing reads.
        if (changed !== token && at < token.length - 1) expect(status).toBe(400);
      },
    ),
    runs,
  );
});

test("claims of any shape", async () => {
  const member = fc.constantFrom(
    "aud",
    "azp",
    "client_id",
    "sub",
    "typ",
    "cnf",
    "exp",
    "iat",
    "sid",
    "acr",
    "iss",
  );
  await fc.assert(
    fc.asyncProperty(fc.dictionary(member, fc.jsonValue(), { minKeys: 1, maxKeys: 3 }), async (over) => {
      expect([200, 400]).toContain((await world.ask(await sign(claims(over)))).status);
    }),
    { numRuns: 60 },
  );
});

test("cursors and waits", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string(), async (after) => {
      const query = new URLSearchParams({ after, wait: "0" }).toString();
      const { status } = await world.get(`/events?${query}`, { authorization: `Bearer ${token}` });
      expect([200, 410]).toContain(status);
    }),
    runs,
  );
});

test("configurations", () => {
  const parts = Object.keys(plainConfig());
  fc.assert(
    fc.property(fc.constantFrom(...parts), fc.jsonValue(), (name, value) => {
      const read = readFacadeConfig(JSON.stringify({ ...plainConfig(), [name]: value }));
      if (read.kind === "issues") expect(read.issues.every((issue) => issue.length > 0)).toBe(true);
    }),
    runs,
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(readFacadeConfig(text).kind).toBe("issues");
    }),
    runs,
  );
});
