import { SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/node/clock.ts";
import { verifySubject } from "../src/core/subject/verify.ts";
import {
  claims,
  configOf,
  crm,
  forge,
  granting,
  grants,
  issuer,
  plainConfig,
  plainIdp,
  publicJwk,
  refuses,
  seconds,
  sign,
  World,
} from "./support/world.ts";

const exchanges = (world: World): number => world.to("/token").length;

test("a person's token gets what the target says, whatever the caller sent", async () => {
  const world = granting();
  const answer = await world.ask(await sign(claims()), { form: { audience: "everything", scope: "admin" } });
  expect(answer).toMatchObject({ status: 200, body: { access_token: "vault-token", token_type: "Bearer" } });
  expect(answer.headers.get("cache-control")).toBe("no-store");
  const { form } = world.to("/token")[0] ?? { form: new URLSearchParams() };
  expect([form.get("audience"), form.get("scope"), form.get("resource")]).toEqual(["crm", "crm", null]);
});

describe("a subject token is refused that", () => {
  test.each([
    [
      "was issued to the facade: a credential of a connector's",
      { azp: "lanyard-facade" },
      "unauthorized_client",
    ],
    ["names another client beside it", { client_id: "crm" }, "unauthorized_client"],
    ["names no client", { azp: undefined }, "unauthorized_client"],
    ["is not meant for the facade", { aud: ["account"] }, "unauthorized_client"],
    ["has no audience", { aud: undefined }, "unauthorized_client"],
    ["is of another issuer", { iss: "https://id.example.com/realms/other" }, "invalid_request"],
    ["has expired", { exp: seconds() - 60 }, "invalid_request"],
    ["never expires", { exp: undefined }, "invalid_request"],
    ["has no person", { sub: undefined }, "invalid_request"],
    ["is an ID token", { typ: "ID" }, "invalid_request"],
    ["is an ID token by its members", { typ: undefined, at_hash: "x" }, "invalid_request"],
    ["is a refresh token", { typ: "Refresh" }, "invalid_request"],
    ["is a logout token", { typ: undefined, events: {} }, "invalid_request"],
    ["is bound to a certificate", { cnf: { "x5t#S256": "x" } }, "unauthorized_client"],
    ["is bound to a key, without a proof", { cnf: { jkt: "x" } }, "invalid_request"],
  ] as const)("%s", async (_, over, error) => {
    const world = granting();
    expect(await world.ask(await sign(claims(over)))).toMatchObject({ status: 400, body: { error } });
    expect(exchanges(world)).toBe(0);
  });

  test.each([
    ["is garbage", () => Promise.resolve("garbage")],
    ["another key has signed", () => forge(claims())],
    ["is of a type that is no access token", () => sign(claims(), { typ: "secevent+jwt" })],
    ["names a key that there is not", () => sign(claims(), { kid: "two" })],
    ["has no signature", async () => `${(await sign(claims())).split(".").slice(0, 2).join(".")}.`],
  ] as const)("%s", async (_, token) => {
    const world = granting();
    expect(await world.ask(await token())).toMatchObject({ body: { error: "invalid_request" } });
    expect(exchanges(world)).toBe(0);
  });
});

describe("a symmetric signature with the public key as its secret is none", () => {
  const secret = new TextEncoder().encode(JSON.stringify(publicJwk));
  const signed = (): Promise<string> =>
    new SignJWT({ ...claims() }).setProtectedHeader({ alg: "HS256", kid: "one" }).sign(secret);

  test("for the facade", async () => {
    const world = granting();
    expect(await world.ask(await signed())).toMatchObject({ body: { error: "invalid_request" } });
    expect(exchanges(world)).toBe(0);
  });

  test("nor is none at all", async () => {
    const world = granting();
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
    const token = `${part({ alg: "none", kid: "one" })}.${part(claims())}.`;
    expect(await world.ask(token)).toMatchObject({ body: { error: "invalid_request" } });
    expect(exchanges(world)).toBe(0);
  });

  test("even where somebody finds that key for it", async () => {
    const hmac = { name: "HMAC", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("raw", secret, hmac, false, ["verify"]);
    const idp = configOf(plainConfig()).identityProvider;
    const parts = { idp, findKey: () => Promise.resolve(key), clock: systemClock };
    expect(await verifySubject(await signed(), "access_token", parts)).toMatchObject({
      ...{ kind: "refused", answer: { kind: "deadSubject" } },
    });
  });
});

describe("the session", () => {
  test("that is over ends it", async () => {
    const world = granting();
    world.isAlive = false;
    expect(await world.ask(await sign(claims()))).toMatchObject({ body: { error: "invalid_request" } });
    expect(exchanges(world)).toBe(0);
  });

  test("is asked about once in some seconds for a token", async () => {
    const world = granting();
    const token = await sign(claims());
    for (let turn = 0; turn < 3; turn += 1) await world.ask(token);
    expect(world.to("/introspect")).toHaveLength(1);
    await world.ask(await sign(claims()));
    expect(world.to("/introspect")).toHaveLength(2);
  });

  test("is asked about nowhere where the identity provider offers neither, and its token ends it", async () => {
    const world = new World(plainConfig({}, { identityProvider: { ...plainIdp(), liveness: "none" } }));
    world.vault(() => grants());
    world.isAlive = false;
    expect((await world.ask(await sign(claims()))).status).toBe(200);
    expect([world.to("/introspect"), world.to("/userinfo")]).toEqual([[], []]);
    expect((await world.ask(await sign(claims({ exp: seconds() - 60 })))).body["error"]).toBe(
      "invalid_request",
    );
    await world.facade.signals.endings.end({ sessionId: "session-1" });
    expect((await world.ask(await sign(claims()))).body["error"]).toBe("invalid_request");
  });

  test.each([
    [200, { sub: "alice" }, 200],
    [200, { sub: "bob" }, 400],
    [401, {}, 400],
    [500, {}, 503],
  ])("by userinfo, which answers %i %j, gives %i", async (status, body, expected) => {
    const world = new World(plainConfig({}, { identityProvider: { ...plainIdp(), liveness: "userinfo" } }));
    world.vault(() => grants());
    world.answer(`${issuer}/protocol/openid-connect/userinfo`, () => refuses(status, body));
    expect((await world.ask(await sign(claims()))).status).toBe(expected);
  });

  test.each([
    ["cannot be asked about", () => Promise.reject(new TypeError("fetch failed"))],
    ["is asked about in vain", () => refuses(500, {})],
    ["is asked about with a secret that is refused", () => refuses(401, { error: "invalid_client" })],
  ])("that %s gives nothing, and signs nobody out", async (_, answer) => {
    const world = granting();
    world.answer(`${issuer}/protocol/openid-connect/introspect`, answer);
    expect(await world.ask(await sign(claims()))).toMatchObject({
      status: 503,
      body: { error: "temporarily_unavailable" },
    });
    expect(exchanges(world)).toBe(0);
  });

  test("that ends while the vault is asked gets nothing", async () => {
    const world = granting();
    world.vault(async () => {
      const token = await logoutToken();
      await world.post("/backchannel-logout", new URLSearchParams({ logout_token: token }).toString());
      return grants();
    });
    expect(await world.ask(await sign(claims()))).toMatchObject({ body: { error: "invalid_request" } });
  });
});

const logoutToken = (): Promise<string> =>
  sign(
    {
      ...{
        iss: issuer,
        aud: "lanyard",
        sub: "alice",
        sid: "session-1",
        iat: seconds(),
        exp: seconds() + 120,
      },
      ...{ jti: crypto.randomUUID(), events: { "http://schemas.openid.net/event/backchannel-logout": {} } },
    },
    { typ: "logout+jwt" },
  );

test("keys that cannot be read say nothing about the token", async () => {
  const world = granting();
  world.answer(`${issuer}/protocol/openid-connect/certs`, () => refuses(502, {}));
  expect((await world.ask(await sign(claims()))).status).toBe(503);
});

test("a question in the name of no public client is refused", async () => {
  const answer = await granting().ask(await sign(claims()), { form: { client_id: "lanyard-facade" } });
  expect(answer.body["error"]).toBe("invalid_client");
});

test("a resource that is not configured has no credentials", async () => {
  const answer = await granting().ask(await sign(claims()), { form: { resource: `${crm}/other` } });
  expect(answer).toMatchObject({ status: 400, body: { error: "invalid_target" } });
});
