import { exportJWK, generateKeyPair, jwtVerify } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { adapters } from "../src/adapters/registry.ts";
import type { FacadeAnswer } from "../src/core/answer.ts";
import { replyOf } from "../src/core/reply.ts";
import type { FacadePerson } from "../src/core/subject/person.ts";
import { wireOver } from "../src/core/wire.ts";
import { systemClock } from "../../src/node/clock.ts";
import { grants, refuses, type Over, type Reached } from "./support/world.ts";

/** What each vault answers, from its documents, and what the person's editor then gets. No live tenant was called. */
const place = { variable: "SECRET" };
const person: FacadePerson = {
  ...{ subject: "alice", sessionId: undefined, token: new Secret("user-token"), tokenKind: "access_token" },
  ...{ issuedAtSeconds: 0, expiresAtSeconds: 1e10, keyThumbprint: undefined },
  claims: { sub: "alice", org_id: "org_1" },
};
const pageWith = (memo: Readonly<Record<string, string>>): string =>
  `https://vault.example.com/connect?${new URLSearchParams(memo).toString()}`;
type Answers = (reached: Reached) => Response;

const asked = async (
  name: keyof typeof adapters,
  vault: Over,
  target: Over,
  answers: Answers,
  secret = "vault-secret",
): Promise<{ readonly answer: FacadeAnswer; readonly reached: readonly Reached[] }> => {
  const reached: Reached[] = [];
  const wire = wireOver(async (url, init) => {
    const request = new Request(url, init);
    const body = await request.text();
    reached.push({ url, headers: request.headers, body, form: new URLSearchParams(body) });
    const last = reached.at(-1);
    if (last === undefined) throw new Error("Nothing was asked.");
    return answers(last);
  }, systemClock);
  const answer = await adapters[name].asker(
    { adapter: name, ...vault },
    target,
  )({
    ...{ person, wire },
    idp: { issuer: "https://id.example.com", clientId: "lanyard-facade", clientSecret: place },
    tokenEndpoint: () => Promise.resolve("https://id.example.com/token"),
    secret: () => Promise.resolve(new Secret(secret)),
    page: (memo = {}) => Promise.resolve(pageWith(memo)),
    returnTo: "https://vault.example.com/connect/done",
  });
  return { answer, reached };
};
const bodyOf = (answer: FacadeAnswer): Over => replyOf(answer).body;
const required = { error: "interaction_required" };
const unavailable = { error: "temporarily_unavailable" };
const setUp = { error: "unauthorized_client" };

describe("auth0-token-vault", () => {
  const vault = { domain: "https://acme.auth0.com", clientId: "us", clientSecret: place };
  const target = { connection: "google-oauth2", scopes: ["mail"] };
  const there = { ...required, interaction_uri: pageWith({}) };
  test.each<[number, Over, Over]>([
    [200, { access_token: "t", scope: "mail drive" }, { access_token: "t" }],
    [200, { access_token: "t", scope: "drive" }, there],
    [401, { error: "federated_connection_refresh_token_not_found" }, there],
    [401, { error: "federated_connection_refresh_token_flow_failed" }, there],
    [400, { error: "tokenset_not_found" }, there],
    [
      403,
      { error: "mfa_required", mfa_token: "x" },
      { error: "insufficient_user_authentication", max_age: 0 },
    ],
    [403, { error: "access_denied" }, { error: "access_denied", denied_by: "upstream" }],
    [403, { error: "unauthorized_client" }, { error: "access_denied", denied_by: "upstream" }],
    [403, { error: "invalid_grant" }, { error: "invalid_request" }],
    [401, { error: "expired_token" }, { error: "invalid_request" }],
    [401, { error: "invalid_client" }, unavailable],
    [401, { error: "something_new" }, unavailable],
    [429, { error: "too_many_requests" }, unavailable],
    [400, { error: "something_new" }, setUp],
  ])("%i %j", async (status, body, expected) => {
    const { answer, reached } = await asked("auth0-token-vault", vault, target, () => refuses(status, body));
    expect(bodyOf(answer)).toMatchObject(expected);
    expect(Object.fromEntries(reached[0]?.form ?? [])).toMatchObject({
      subject_token: "user-token",
      connection: "google-oauth2",
      requested_token_type: "http://auth0.com/oauth/token-type/federated-connection-access-token",
    });
  });
});

describe("entra-obo", () => {
  const vault = { tokenEndpoint: "https://login.example.com/t/token", clientId: "us", clientSecret: place };
  const consentPage = "https://login.example.com/t/consent";
  test.each<[number, Over, Over, Over]>([
    [200, { access_token: "t", token_type: "Bearer" }, {}, { access_token: "t" }],
    [400, { error: "interaction_required", claims: "{}" }, {}, { ...required, claims: "{}" }],
    [400, { error: "interaction_required" }, {}, { error: "insufficient_user_authentication" }],
    [
      400,
      { error: "invalid_grant", error_codes: [65_001] },
      { consentPage },
      { ...required, interaction_uri: consentPage },
    ],
    [400, { error: "invalid_grant" }, {}, { error: "invalid_request" }],
    [400, { error: "invalid_scope" }, {}, setUp],
    [400, { error: "invalid_resource" }, {}, setUp],
    [401, { error: "invalid_client" }, {}, unavailable],
    [503, { error: "temporarily_unavailable" }, {}, unavailable],
  ])("%i %j %j", async (status, body, over, expected) => {
    const target = { scope: "https://graph.example.com/.default", ...over };
    const { answer, reached } = await asked("entra-obo", vault, target, () => refuses(status, body));
    expect(bodyOf(answer)).toMatchObject(expected);
    const { form } = reached[0] ?? { form: new URLSearchParams() };
    expect([form.get("assertion"), form.get("requested_token_use")]).toEqual(["user-token", "on_behalf_of"]);
  });
});

describe("okta-sts", () => {
  const vault = { org: "https://acme.okta.com", clientId: "agent", clientKey: place };
  const target = { resource: "orn:github" };
  let key = "";
  let publicKey: CryptoKey;
  beforeAll(async () => {
    const pair = await generateKeyPair("ES256", { extractable: true });
    publicKey = pair.publicKey;
    key = JSON.stringify({ ...(await exportJWK(pair.privateKey)), alg: "ES256", kid: "k" });
  });
  test.each<[number, Over, Over]>([
    [200, { access_token: "t", expires_in: 60 }, { access_token: "t", expires_in: 60 }],
    [
      200,
      { vaulted_secret: { key: "k" }, token_type: "N_A", expires_in: 300 },
      { access_token: "k", token_type: "N_A", expires_in: 300 },
    ],
    [
      200,
      { vaulted_secret: { user: "u", password: "p" } },
      { access_token: '{"user":"u","password":"p"}', token_type: "N_A" },
    ],
    [200, { vaulted_secret: {} }, setUp],
    [
      400,
      { error: "interaction_required", interaction_uri: "https://acme.okta.com/c" },
      { ...required, interaction_uri: "https://acme.okta.com/c" },
    ],
    [400, { error: "invalid_grant" }, { error: "invalid_request" }],
    [400, { error: "access_denied" }, { error: "access_denied" }],
    [401, { error: "invalid_client" }, unavailable],
  ])("%i %j", async (status, body, expected) => {
    const { answer, reached } = await asked("okta-sts", vault, target, () => refuses(status, body), key);
    expect(bodyOf(answer)).toMatchObject(expected);
    const assertion = reached[0]?.form.get("client_assertion") ?? "";
    const { payload } = await jwtVerify(assertion, publicKey, {
      audience: "https://acme.okta.com/oauth2/v1/token",
    });
    expect([payload.iss, payload.sub]).toEqual(["agent", "agent"]);
  });

  test("a key that is none is the facade's fault", async () => {
    const { answer, reached } = await asked("okta-sts", vault, target, () => grants(), "no key");
    expect([bodyOf(answer)["error"], reached]).toEqual(["temporarily_unavailable", []]);
  });
});

describe("workos-pipes", () => {
  const target = { integration: "github", organizationClaim: ["org_id"] };
  const who = { user_id: "alice", organization_id: "org_1" };
  const there = { ...required, interaction_uri: pageWith(who) };
  const token = { access_token: "t", expires_at: null, scopes: [], missing_scopes: [] };
  test.each<[number, Over, Over]>([
    [200, { active: true, access_token: token }, { access_token: "t", token_type: "Bearer" }],
    [200, { active: true, access_token: { ...token, missing_scopes: ["repo"] } }, there],
    [200, { active: false, error: "not_installed" }, there],
    [200, { active: false, error: "needs_reauthorization" }, there],
    [200, { active: false, error: "something_new" }, there],
    [401, { message: "Unauthorized" }, unavailable],
    [403, { message: "Forbidden" }, unavailable],
    [404, { message: "Not found" }, setUp],
    [422, { message: "Unprocessable" }, setUp],
    [500, {}, unavailable],
  ])("%i %j", async (status, body, expected) => {
    const { answer, reached } = await asked("workos-pipes", { apiKey: place }, target, () =>
      refuses(status, body),
    );
    expect(bodyOf(answer)).toMatchObject(expected);
    expect(reached.map(({ body: sent }): unknown => JSON.parse(sent))).toEqual([who]);
  });

  test("a token's end is handed on", async () => {
    const until = new Date(Date.now() + 60_000).toISOString();
    const reply = { active: true, access_token: { ...token, expires_at: until } };
    const { answer } = await asked("workos-pipes", { apiKey: place }, target, () => Response.json(reply));
    expect([59, 60]).toContain(bodyOf(answer)["expires_in"]);
  });
});

describe("nango", () => {
  const there = { ...required, interaction_uri: pageWith({ connection: "c1" }) };
  const connections = [
    { connection_id: "c0", provider_config_key: "slack", end_user: { id: "alice" } },
    { connection_id: "c1", provider_config_key: "github", end_user: { id: "alice" } },
  ];
  const answering =
    (listed: readonly Over[], status: number, body: Over): Answers =>
    ({ url }) => {
      const { pathname } = new URL(url);
      return pathname === "/connections" ? Response.json({ connections: listed }) : refuses(status, body);
    };
  test.each<[number, Over, Over]>([
    [200, { credentials: { type: "OAUTH2", access_token: "t", expires_at: null } }, { access_token: "t" }],
    [200, { credentials: { type: "API_KEY", apiKey: "k" } }, { access_token: "k", token_type: "N_A" }],
    [200, { credentials: { type: "BASIC" } }, setUp],
    [424, { error: { code: "invalid_credentials" } }, there],
    [404, { error: { code: "unknown_connection" } }, there],
    [401, { error: { code: "unknown_account" } }, unavailable],
    [403, {}, unavailable],
    [400, {}, setUp],
    [500, {}, unavailable],
  ])("%i %j", async (status, body, expected) => {
    const target = { integration: "github" };
    const { answer } = await asked(
      "nango",
      { secretKey: place },
      target,
      answering(connections, status, body),
    );
    expect(bodyOf(answer)).toMatchObject(expected);
  });

  test.each<[string, readonly Over[], Over]>([
    [
      "before the person's own",
      [
        { connection_id: "b1", provider_config_key: "github", end_user: { id: "bob" } },
        { connection_id: "n1", provider_config_key: "github", end_user: null },
        ...connections,
      ],
      { access_token: "token of c1" },
    ],
    [
      "and nothing of the person's",
      [
        { connection_id: "b1", provider_config_key: "github", end_user: { id: "bob" } },
        { connection_id: "n1", provider_config_key: "github" },
      ],
      { ...required, interaction_uri: pageWith({}) },
    ],
  ])("another person's connection, %s, is not asked for its token", async (_, listed, expected) => {
    const { answer, reached } = await asked(
      "nango",
      { secretKey: place },
      { integration: "github" },
      (request) => {
        const name = new URL(request.url).pathname.split("/").at(-1) ?? "";
        const credentials = { type: "OAUTH2", access_token: `token of ${name}` };
        return answering(listed, 200, { credentials })(request);
      },
    );
    expect(bodyOf(answer)).toMatchObject(expected);
    expect(reached.map(({ url }) => url).join("\n")).not.toMatch(/connections\/[bn]1/);
  });

  test("who has no connection is sent to make one", async () => {
    const target = { integration: "linear" };
    const { answer } = await asked("nango", { secretKey: place }, target, answering(connections, 200, {}));
    expect(bodyOf(answer)).toMatchObject({ ...required, interaction_uri: pageWith({}) });
  });
});

describe("keycloak-broker", () => {
  const vault = { publicClient: "lanyard", returnTo: "http://127.0.0.1/callback" };
  const link = "https://id.example.com/protocol/openid-connect/auth?";
  test.each<[number, Over, Over]>([
    [200, { access_token: "t", token_type: "Bearer" }, { access_token: "t" }],
    [
      400,
      { error: "invalid_request", error_description: "User not associated to identity provider" },
      required,
    ],
    [400, { error: "token_expired" }, required],
    [400, { error: "invalid_token" }, { error: "invalid_request" }],
    [403, { error: "invalid_client" }, setUp],
    [401, { error: "unauthorized_client" }, unavailable],
    [400, { error: "invalid_request", error_description: "Invalid identity provider" }, setUp],
    [502, {}, unavailable],
  ])("%i %j", async (status, body, expected) => {
    const { answer, reached } = await asked("keycloak-broker", vault, { alias: "github" }, () =>
      refuses(status, body),
    );
    const said = bodyOf(answer);
    expect(said).toMatchObject(expected);
    if (said["error"] === "interaction_required") {
      expect(String(said["interaction_uri"]).startsWith(link)).toBe(true);
      expect(String(said["interaction_uri"])).toContain("kc_action=idp_link%3Agithub");
    }
    expect(reached[0]?.url).toBe("https://id.example.com/broker/github/token");
  });
});
