/** What an IdP that has turned bad answers: its metadata and its token replies, through the real openid-client. */
import fc from "fast-check";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { boundedFetch } from "../../../../src/core/http.ts";
import { Discovery } from "../../../../src/core/identity/idp/discovery.ts";
import { failureOf } from "../../../../src/core/identity/failures.ts";
import type { LiveRecord } from "../../../../src/core/identity/sessions/records.ts";
import { createIdentityService } from "../../../../src/core/identity/service.ts";
import { SessionStore } from "../../../../src/core/identity/sessions/sessionStore.ts";
import type { SessionAnswer } from "../../../../src/core/identity/session.ts";
import type { Fetch } from "../../../../src/core/ports.ts";
import { Secret } from "../../../../src/core/secret.ts";
import { systemClock } from "../../../../src/node/clock.ts";
import { fuzzRuns, memoryLevel } from "../../../support/fuzz.ts";
import { memoryMemory, memorySecrets, recordingLog } from "../../../support/ports.ts";
import { never } from "./harness.ts";

interface Said {
  readonly status: number;
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

const status = fc.oneof(
  { weight: 3, arbitrary: fc.constant(200) },
  { weight: 2, arbitrary: fc.constantFrom(201, 204, 301, 307, 400, 401, 404, 429, 500, 503) },
);
const type = fc.constantFrom(
  "application/json",
  "application/json; charset=x",
  "application/jwt",
  "text/html",
  "",
);
const anyValue = fc.oneof(
  fc.constantFrom(
    "",
    "javascript:alert(1)",
    "command:x",
    "file:///etc/passwd",
    "https://idp.example.com/x",
    "http://idp.example.com/",
  ),
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.constantFrom(0, -1, 1e308, 0.5, true, null),
  fc.jsonValue({ maxDepth: 1 }),
);

const saying = (members: fc.Arbitrary<object>): fc.Arbitrary<Said> =>
  fc.record({
    status,
    type: fc.oneof({ weight: 4, arbitrary: fc.constant("application/json") }, { weight: 1, arbitrary: type }),
    body: fc.oneof(
      { weight: 6, arbitrary: members.map((value) => utf8(JSON.stringify(value))) },
      { weight: 1, arbitrary: fc.json().map(utf8) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((raw) => new Uint8Array(raw)) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(members, fc.nat({ max: 120 }))
          .map(([value, end]) => utf8(JSON.stringify(value).slice(0, end))),
      },
    ),
  });

const metadataNames = [
  ...[
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "device_authorization_endpoint",
    "userinfo_endpoint",
  ],
  ...["revocation_endpoint", "pushed_authorization_request_endpoint", "jwks_uri", "scopes_supported"],
  ...["dpop_signing_alg_values_supported", "authorization_response_iss_parameter_supported", "__proto__"],
];

/** Metadata that is right but for some members. */
const metadataOf = (issuer: string): fc.Arbitrary<object> =>
  fc.dictionary(fc.constantFrom(...metadataNames), anyValue, { maxKeys: 3 }).map((wrong) => ({
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    ...wrong,
  }));

const responseOf = ({ status: code, type: contentType, body }: Said): Response =>
  new Response([204, 205, 304].includes(code) ? null : body, {
    status: code,
    headers: contentType === "" ? {} : { "content-type": contentType, location: "https://evil.example.com/" },
  });

/** Right and whole, or a failure that has a name. */
const expectKnown = async (discovery: Discovery, issuer: string): Promise<void> => {
  const result: unknown = await discovery.metadata(issuer, never).catch((error: unknown) => error);
  if (result instanceof Error) {
    expect(["rejected", "noMetadata", "wrongIssuer", "unreachable"]).toContain(
      failureOf(result, issuer).failure,
    );
    return;
  }
  expect(result).toMatchObject({ issuer, token_endpoint: expect.any(String) as string });
};

describe("whatever an IdP says of itself", () => {
  let server: Server;
  let origin: string;
  let current: Said | undefined;

  beforeAll(async () => {
    server = createServer((_request, response) => {
      if (current === undefined) throw new Error("Nothing to say.");
      response.writeHead(current.status, current.type === "" ? {} : { "content-type": current.type });
      response.end(current.body);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });

  it("in a document over HTTP: it is right, or the failure has a name", async () => {
    const level = memoryLevel();
    await fc.assert(
      fc.asyncProperty(saying(metadataOf(origin)), async (said) => {
        current = said;
        await expectKnown(new Discovery(boundedFetch(fetch, systemClock), systemClock), origin);
      }),
      { numRuns: fuzzRuns(600), timeout: 5000 },
    );
    expect(level.growth()).toBe(0);
  }, 600_000);

  it("in many more documents, without the network", async () => {
    const issuer = "https://idp.example.com";
    await fc.assert(
      fc.asyncProperty(saying(metadataOf(issuer)), async (said) => {
        const answer: Fetch = () => Promise.resolve(responseOf(said));
        await expectKnown(new Discovery(boundedFetch(answer, systemClock), systemClock), issuer);
      }),
      { numRuns: fuzzRuns(1500), timeout: 5000 },
    );
  }, 600_000);
});

const issuer = "https://idp.example.com";
const before: LiveRecord = {
  ...{ version: 1, kind: "live", issuer, clientId: "lanyard", subject: "alice", accountLabel: "Alice" },
  ...{ scopes: ["openid"], signedInAtMs: 0 },
  accessToken: new Secret("canary-access-token"),
  refreshToken: new Secret("canary-refresh-token"),
};

const tokenNames = [
  "access_token",
  "token_type",
  "expires_in",
  "refresh_token",
  "scope",
  "id_token",
  "error",
  "error_description",
];
const tokenReply = fc
  .tuple(
    fc.constantFrom<object>(
      { access_token: "next", token_type: "Bearer" },
      { error: "invalid_grant" },
      { error: "server_error" },
    ),
    fc.dictionary(fc.constantFrom(...tokenNames), anyValue, { maxKeys: 3 }),
  )
  .map(([usual, wrong]) => ({ ...usual, ...wrong }));

/** One editor with Alice's session, whose IdP answers every token request with this. */
const refreshed = async (said: Said): Promise<{ readonly answer: SessionAnswer; readonly told: string }> => {
  const ports = { secrets: memorySecrets(), memory: memoryMemory(), log: recordingLog(), clock: systemClock };
  const store = new SessionStore(ports);
  await store.write(before);
  store.dispose();
  const answers: Fetch = (url) =>
    Promise.resolve(
      url === `${issuer}/token`
        ? responseOf(said)
        : Response.json({
            issuer,
            authorization_endpoint: `${issuer}/auth`,
            token_endpoint: `${issuer}/token`,
          }),
    );
  const identity = createIdentityService({ ...ports, fetch: answers }, { storageDelayMs: 0 });
  const need = { issuer, clientId: "lanyard", scopes: ["openid"] };
  const answer = await identity.fresh(need, { signal: never, refused: before.accessToken });
  identity.dispose();
  return { answer, told: `${JSON.stringify(answer)}${ports.log.text()}` };
};

describe("whatever an IdP answers to a refresh", () => {
  it("makes a session with the token that it gave, is an outage, or ends the session by a word of its own", async () => {
    const level = memoryLevel();
    await fc.assert(
      fc.asyncProperty(saying(tokenReply), async (said) => {
        const { answer, told } = await refreshed(said);
        expect(told).not.toContain("canary-");
        const body: unknown = parsed(said.body);
        switch (answer.kind) {
          case "active":
            expect([200, 201]).toContain(said.status);
            expect(body).toMatchObject({ access_token: answer.session.accessToken.reveal() });
            expect(answer.session.subject).toBe("alice");
            return;
          case "signedOut":
            expect([200, 201, 400, 401]).toContain(said.status);
            expect(body).toHaveProperty("error");
            return;
          case "unavailable":
            expect(answer.reason).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
            return;
        }
      }),
      { numRuns: fuzzRuns(1500), timeout: 5000 },
    );
    expect(level.growth()).toBe(0);
  }, 600_000);
});

const parsed = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
};
