import fc from "fast-check";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildFacade } from "../build.ts";
import { addressIn, endPrograms, runFacade, type Program } from "./support/program.ts";
import { startIdp, type StandIn } from "./support/standIn.ts";
import { claims, clientSecret, crm, forge, plainConfig, plainIdp, seconds, sign } from "./support/world.ts";

/**
 * Bytes as an attacker sends them, to the program as it ships. Whatever comes: no fault, nothing smuggled, and no secret
 * in any line that it writes.
 */
const canary = "canary-7c1e";
let folder: string;
let idp: StandIn;
let program: Program;
let url: string;
let token: string;
/** What must not be read anywhere. */
const secrets = new Set([clientSecret, canary]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lanyard-hostile-"));
  const bundle = join(folder, "lanyard-facade.mjs");
  [idp] = await Promise.all([startIdp(), buildFacade(bundle)]);
  idp.vault = () => ({ status: 200, body: { access_token: `${canary}-credential`, token_type: "Bearer" } });
  const secretPlace = { variable: "FACADE_SECRET" };
  const config = {
    ...plainConfig(),
    ...{ listen: { port: 0 }, questionsPerMinute: 1_000_000 },
    identityProvider: { ...plainIdp(), issuer: idp.issuer },
    vaults: {
      sts: {
        ...{ adapter: "oauth", endpoint: `${idp.issuer}/token` },
        ...{ clientId: "us", clientSecret: secretPlace },
      },
      nango: { adapter: "nango", url: idp.issuer, secretKey: secretPlace },
    },
    targets: { [crm]: { vault: "sts" }, "urn:nango": { vault: "nango", ask: { integration: "x" } } },
    sharedSignals: {
      ...{ issuer: idp.issuer, jwksUri: `${idp.issuer}/keys`, audience: "facade" },
      push: { authorization: secretPlace },
    },
  };
  const file = join(folder, "facade.json");
  await writeFile(file, JSON.stringify(config));
  program = runFacade(bundle, [file]);
  url = await addressIn(program);
  token = await sign(claims({ iss: idp.issuer, jti: canary }));
  for (const part of token.split(".")) secrets.add(part);
});
afterAll(async () => {
  endPrograms();
  await idp[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** What comes back for bytes, until the other end closes or says nothing more. */
const replied = async (bytes: string | Uint8Array): Promise<string> => {
  const socket = createConnection(Number(new URL(url).port), "127.0.0.1");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  // A reset is an answer too.
  const closed = once(socket, "close").catch(() => undefined);
  socket.on("error", () => undefined);
  socket.setTimeout(400, () => socket.destroy());
  socket.write(bytes);
  await closed;
  return Buffer.concat(chunks).toString("latin1");
};

const statusesIn = (reply: string): readonly number[] =>
  [...reply.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1]));

const request = (head: readonly string[], body = ""): string => [...head, "", body].join("\r\n");
const inner = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
const form = "Content-Type: application/x-www-form-urlencoded";

test.each<[string, string]>([
  [
    "two lengths of a body",
    request(
      ["POST /token HTTP/1.1", "Host: x", form, "Content-Length: 0", `Content-Length: ${inner.length}`],
      inner,
    ),
  ],
  [
    "a length and chunks",
    request(
      ["POST /token HTTP/1.1", "Host: x", form, "Content-Length: 6", "Transfer-Encoding: chunked"],
      `0\r\n\r\n${inner}`,
    ),
  ],
  [
    "chunks by another name",
    request(["POST /token HTTP/1.1", "Host: x", form, "Transfer-Encoding: xchunked"], `0\r\n\r\n${inner}`),
  ],
  [
    "chunks twice",
    request(
      ["POST /token HTTP/1.1", "Host: x", form, "Transfer-Encoding: chunked, identity"],
      `0\r\n\r\n${inner}`,
    ),
  ],
  ["a blank before a colon", request(["POST /token HTTP/1.1", "Host: x", "Content-Length : 5"], inner)],
  ["a folded header", request(["GET /health HTTP/1.1", "Host: x", "X: a", " b: c"])],
  ["a header with a zero", request(["GET /health HTTP/1.1", "Host: x", `X: \0${canary}`])],
  ["a negative length", request(["POST /token HTTP/1.1", "Host: x", "Content-Length: -1"], inner)],
  ["no host", request(["GET /health HTTP/1.1"])],
  ["two hosts", request(["GET /health HTTP/1.1", "Host: a", "Host: b"])],
  ["a header without end", `GET /health HTTP/1.1\r\nHost: x\r\nX: ${"a".repeat(70_000)}`],
  ["an old version", "GET /health\r\n\r\n"],
  ["TLS", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003"],
])("%s are not answered as another request", async (_, bytes) => {
  const reply = await replied(bytes);
  expect(reply).not.toContain("lanyard_facade_waiting");
  for (const status of statusesIn(reply)) expect([200, 400, 431]).toContain(status);
});

test.each([
  ["GET //evil.example.com/health HTTP/1.1", 404],
  ["GET http://evil.example.com/health HTTP/1.1", 200],
  ["GET http://[bad/health HTTP/1.1", 400],
  ["GET /health%00 HTTP/1.1", 404],
  ["GET /%c0%ae%c0%ae/metrics HTTP/1.1", 404],
  ["GET /connect?ticket=%ff HTTP/1.1", 410],
  [`GET /connect/signed-in?code=${canary}&state=${canary} HTTP/1.1`, 400],
  [`GET /connect/done?connect_code=${canary} HTTP/1.1`, 400],
  ["TRACE /health HTTP/1.1", 404],
  ["OPTIONS * HTTP/1.1", 400],
  ["PUT /token HTTP/1.1", 404],
  ["GET /token HTTP/1.1", 404],
])("%s is answered %i", async (line, status) => {
  const reply = await replied(
    request([line, "Host: evil.example.com", "X-Forwarded-Host: evil.example.com", "Connection: close"]),
  );
  expect(statusesIn(reply)).toEqual([status]);
  expect(reply).not.toContain("location");
  expect(reply).not.toContain("evil.example.com");
  expect(reply).not.toContain(canary);
});

test.each(["/token", "/backchannel-logout", "/events/receive"])(
  "a body at %s that ends before its end is no fault",
  async (path) => {
    const auth = `Authorization: ${clientSecret}`;
    const head = request([`POST ${path} HTTP/1.1`, "Host: x", form, auth, "Content-Length: 100"], canary);
    expect(statusesIn(await replied(head)).filter((status) => status >= 500)).toEqual([]);
    expect(program.lines.filter((line) => line.includes('"fault"'))).toEqual([]);
  },
);

test("bytes of any kind", async () => {
  const start = fc.constantFrom(
    "",
    "GET /events HTTP/1.1\r\n",
    "POST /token HTTP/1.1\r\nHost: x\r\n",
    "POST ",
  );
  await fc.assert(
    fc.asyncProperty(start, fc.uint8Array({ maxLength: 300 }), async (head, bytes) => {
      const reply = await replied(Buffer.concat([Buffer.from(head), bytes, Buffer.from("\r\n\r\n")]));
      for (const status of statusesIn(reply)) expect(status).toBeLessThan(500);
    }),
    { numRuns: 20 },
  );
});

const names = [
  "grant_type",
  "client_id",
  "subject_token",
  "subject_token_type",
  "resource",
  "completion_mode",
];
const good = (): Readonly<Record<string, string>> => ({
  ...{ grant_type: "urn:ietf:params:oauth:grant-type:token-exchange", client_id: "lanyard", resource: crm },
  ...{ subject_token: token, subject_token_type: "urn:ietf:params:oauth:token-type:access_token" },
});
const noisy = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.constant(canary));
const headerText = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((at) => String.fromCharCode(at)) }),
  fc.constant(`Bearer ${canary}`),
);

test("questions with anything in any field and any header", async () => {
  const headers = fc.dictionary(
    fc.constantFrom("dpop", "traceparent", "authorization", "cookie"),
    headerText,
  );
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.constantFrom(...names), noisy), headers, async (over, more) => {
      const init = { method: "POST", body: new URLSearchParams({ ...good(), ...over }), headers: more };
      const reply = await fetch(`${url}/token`, init);
      expect([200, 400]).toContain(reply.status);
      expect(reply.headers.get("cache-control")).toBe("no-store");
      if (reply.status === 400) expect(await reply.text()).not.toContain(canary);
      const listened = await fetch(`${url}/events?wait=0&after=${canary}`, { headers: more });
      expect([401, 410]).toContain(listened.status);
    }),
    { numRuns: 60 },
  );
});

test("vaults with anything in their answers", async () => {
  const before = idp.vault;
  const errors = fc.constantFrom(
    "interaction_required",
    "invalid_grant",
    "access_denied",
    "slow_down",
    "teapot",
  );
  const member = fc.constantFrom(
    "interaction_uri",
    "claims",
    "acr_values",
    "max_age",
    "access_token",
    "expires_in",
  );
  const status = fc.constantFrom(200, 400, 401, 403, 404, 429, 500);
  try {
    await fc.assert(
      fc.asyncProperty(status, errors, fc.dictionary(member, fc.jsonValue()), async (code, error, more) => {
        idp.vault = () => ({
          status: code,
          body: { error, error_description: `${canary} ${token}`, ...more },
        });
        const reply = await fetch(`${url}/token`, { method: "POST", body: new URLSearchParams(good()) });
        // 503 is what a vault that is down is.
        expect([200, 400, 503]).toContain(reply.status);
        const body = await reply.text();
        if (reply.status !== 200) expect(body).not.toContain(canary);
        expect(body).not.toContain("server_error");
      }),
      { numRuns: 60 },
    );
  } finally {
    idp.vault = before;
  }
});

test("tokens of every wrong kind are refused, and none of the secrets is in any line", async () => {
  const { privateKey, publicKey } = await generateKeyPair("ES256");
  const jwk = await exportJWK(publicKey);
  const jkt = await calculateJwkThumbprint(jwk);
  const bound = await sign(claims({ iss: idp.issuer, cnf: { jkt } }));
  const proof = await new SignJWT({ htm: "POST", htu: `${url}/token`, jti: canary })
    .setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk })
    .setIssuedAt()
    .sign(privateKey);
  const mine = { iss: idp.issuer };
  const wrong = [
    await forge(claims(mine)),
    await sign(claims({ ...mine, azp: "lanyard-facade" })),
    await sign(claims({ ...mine, aud: "crm" })),
    await sign(claims({ ...mine, iss: "https://evil.example.com" })),
    await sign(claims({ ...mine, sub: "" })),
    await sign(claims({ ...mine, sub: 5 })),
    await sign(claims({ ...mine, sub: ["alice"] })),
    await sign(claims({ ...mine, exp: seconds() - 60 })),
    await sign(claims({ ...mine, events: {} })),
    await sign(claims(mine), { typ: "dpop+jwt" }),
    await sign(claims(mine), { kid: "unknown", jku: `${idp.issuer}/keys` }),
    bound,
    proof,
  ];
  for (const subject_token of wrong) {
    for (const part of subject_token.split(".").slice(1)) secrets.add(part);
    const body = new URLSearchParams({ ...good(), subject_token });
    const reply = await fetch(`${url}/token`, { method: "POST", body, headers: { dpop: proof } });
    expect(reply.status).toBe(400);
    const logout = new URLSearchParams({ logout_token: subject_token });
    expect((await fetch(`${url}/backchannel-logout`, { method: "POST", body: logout })).status).toBe(400);
    const signal = { method: "POST", body: subject_token, headers: { authorization: clientSecret } };
    expect((await fetch(`${url}/events/receive`, signal)).status).toBe(400);
    const listened = await fetch(`${url}/events`, { headers: { authorization: `Bearer ${subject_token}` } });
    expect(listened.status).toBe(401);
  }
  expect(await (await fetch(`${url}/health`)).text()).toBe("ok");
  const written = program.lines.join("\n") + (await (await fetch(`${url}/metrics`)).text());
  expect(program.lines.length).toBeGreaterThan(50);
  for (const secret of secrets) expect(written).not.toContain(secret);
  expect(program.lines.filter((line) => line.includes('"fault"'))).toEqual([]);
});
