import { describe, expect, test } from "vitest";
import {
  claims,
  crm,
  grants,
  plainConfig,
  refuses,
  seconds,
  sign,
  stsUrl,
  withOauth,
  World,
  type Over,
} from "./support/world.ts";

describe("a policy", () => {
  const roles = { claim: ["realm_access", "roles"], anyOf: ["seller"], reason: "Sellers only." };
  const helpUrl = "https://help.example.com/crm";
  test.each([
    ["has its claim", { require: [roles] }, {}, { access_token: "vault-token" }],
    [
      "lacks its claim",
      { require: [roles], helpUrl },
      { realm_access: { roles: [] } },
      { error: "access_denied", denied_by: "policy", error_description: "Sellers only.", error_uri: helpUrl },
    ],
    [
      "finds it where nobody said",
      { require: [roles] },
      { realm_access: undefined, roles: ["seller"] },
      { error: "access_denied" },
    ],
    ["has its acr", { acr: ["1", "2"] }, {}, { access_token: "vault-token" }],
    ["wants another acr", { acr: ["2"] }, {}, { error: "insufficient_user_authentication", acr_values: "2" }],
    ["is fresh enough", { maxAgeSeconds: 60 }, {}, { access_token: "vault-token" }],
    [
      "is too old, and max_age alone is a step-up",
      { maxAgeSeconds: 60 },
      { auth_time: seconds() - 300 },
      { error: "insufficient_user_authentication", max_age: 60 },
    ],
    ["says no time", { maxAgeSeconds: 60 }, { auth_time: undefined }, { max_age: 60 }],
    [
      "is denied before it is asked to step up",
      { require: [{ ...roles, anyOf: ["boss"] }], acr: ["2"] },
      {},
      { error: "access_denied" },
    ],
  ] as const)("%s", async (_, policy, over, body) => {
    const world = new World(plainConfig(policy));
    world.vault(() => grants());
    const answer = await world.ask(await sign(claims(over)));
    expect(answer.body).toMatchObject(body);
    expect(world.to("/token")).toHaveLength("access_token" in body ? 1 : 0);
  });
});

/** Keycloak's words, as 26.7.3 says them. */
describe("keycloak-exchange", () => {
  test.each([
    [400, "invalid_request", "Invalid token", { status: 400, body: { error: "invalid_request" } }],
    [
      400,
      "invalid_request",
      "Requested audience not available: crm",
      { body: { error: "access_denied", denied_by: "policy" } },
    ],
    [
      400,
      "invalid_request",
      "Standard token exchange is not enabled for the requested client",
      { body: { error: "unauthorized_client" } },
    ],
    [400, "invalid_client", "Audience not found", { body: { error: "unauthorized_client" } }],
    [400, "invalid_client", "Client disabled", { body: { error: "unauthorized_client" } }],
    [
      403,
      "access_denied",
      "Client is not within the token audience",
      { body: { error: "unauthorized_client" } },
    ],
    [400, "invalid_scope", "Invalid scopes: crm", { body: { error: "unauthorized_client" } }],
    [
      400,
      "invalid_scope",
      "Missing consents for Token Exchange in client crm",
      { body: { error: "unauthorized_client" } },
    ],
    [401, "unauthorized_client", "Invalid client or Invalid client credentials", { status: 503 }],
    [400, "invalid_request", "something new", { body: { error: "unauthorized_client" } }],
    [500, "unknown_error", "", { status: 503, body: { error: "temporarily_unavailable" } }],
  ])("%i %s %s", async (status, error, description, expected) => {
    const world = new World();
    world.vault(() => refuses(status, { error, error_description: description }));
    expect(await world.ask(await sign(claims()))).toMatchObject(expected);
  });

  test("a token that is bound to a key is refused", async () => {
    const world = new World();
    world.vault(() => grants({ token_type: "DPoP" }));
    expect((await world.ask(await sign(claims()))).body["error"]).toBe("unauthorized_client");
  });
});

describe("oauth", () => {
  const page = "https://sts.example.com/connect/1";
  test.each<[string, number, Over, Over]>([
    [
      "a page",
      400,
      { error: "interaction_required", interaction_uri: page, expires_in: 60 },
      { error: "interaction_required", interaction_uri: page, interval: 0, expires_in: 60 },
    ],
    [
      "a page that is not https",
      400,
      { error: "interaction_required", interaction_uri: "http://evil.example.com" },
      { error: "unauthorized_client" },
    ],
    [
      "a page with a user name",
      400,
      { error: "interaction_required", interaction_uri: "https://a@evil.example.com" },
      { error: "unauthorized_client" },
    ],
    [
      "claims",
      400,
      { error: "interaction_required", claims: "{}" },
      { error: "interaction_required", claims: "{}" },
    ],
    [
      "nothing more",
      400,
      { error: "interaction_required" },
      { error: "insufficient_user_authentication", max_age: 0 },
    ],
    [
      "acr",
      400,
      { error: "insufficient_user_authentication", acr_values: "2" },
      { error: "insufficient_user_authentication", acr_values: "2" },
    ],
    ["max_age", 400, { error: "insufficient_user_authentication", max_age: 5 }, { max_age: 5 }],
    [
      "a page to step up",
      400,
      { error: "insufficient_user_authentication", interaction_uri: page },
      { error: "insufficient_user_authentication", interaction_uri: page },
    ],
    [
      "a sign-in",
      400,
      { error: "login_required" },
      { error: "insufficient_user_authentication", max_age: 0 },
    ],
    [
      "pending",
      400,
      { error: "authorization_pending", binding_message: "42" },
      { error: "authorization_pending", binding_message: "42", interval: 0 },
    ],
    ["denied", 403, { error: "access_denied" }, { error: "access_denied", denied_by: "policy" }],
    ["another target", 400, { error: "invalid_target" }, { error: "unauthorized_client" }],
    ["a dead token", 400, { error: "invalid_grant" }, { error: "invalid_request" }],
    ["its own key refused", 401, { error: "invalid_client" }, { error: "temporarily_unavailable" }],
    ["too many", 429, {}, { error: "temporarily_unavailable" }],
    ["what nobody knows", 400, { error: "teapot" }, { error: "unauthorized_client" }],
    ["no credential", 200, {}, { error: "unauthorized_client" }],
    ["a redirect", 302, {}, { error: "temporarily_unavailable" }],
  ])("%s", async (_, status, body, expected) => {
    const world = withOauth();
    world.answer(stsUrl, () => refuses(status, body));
    expect((await world.ask(await sign(claims()))).body).toMatchObject(expected);
  });

  test("an API key is handed on as what it is", async () => {
    const world = withOauth();
    world.answer(stsUrl, () => grants({ token_type: "N_A", issued_token_type: "urn:x" }));
    expect((await world.ask(await sign(claims()))).body).toMatchObject({
      token_type: "N_A",
      issued_token_type: "urn:x",
    });
  });

  test("Retry-After is handed on", async () => {
    const world = withOauth();
    world.answer(stsUrl, () => refuses(503, {}, { "retry-after": "7" }));
    expect((await world.ask(await sign(claims()))).headers.get("retry-after")).toBe("7");
  });

  test("the incoming trace goes to the vault and into the record", async () => {
    const world = withOauth();
    world.answer(stsUrl, () => grants());
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    await world.ask(await sign(claims()), { headers: { traceparent: `00-${traceId}-b7ad6b7169203331-01` } });
    expect(world.to("sts.example.com/token")[0]?.headers.get("traceparent")).toContain(traceId);
    expect(world.audit).toMatchObject([
      { event: "exchange", outcome: "granted", subject: "alice", target: crm, vault: "sts", traceId },
    ]);
  });
});

test.each<[Over, string]>([
  [{ grant_type: "password" }, "unsupported_grant_type: Tokens are exchanged here, and nothing else."],
  [{ client_id: "canary" }, "invalid_client: This client_id is not one that people sign in with here."],
  [{ subject_token: "" }, "invalid_request: The subject_token is missing, or no token."],
  [{ resource: undefined }, "invalid_target: Name one resource."],
])("a malformed question %j leaves a line", async (form, reason) => {
  const world = new World();
  const answer = await world.ask(await sign(claims()), { form });
  expect(`${String(answer.body["error"])}: ${String(answer.body["error_description"])}`).toBe(reason);
  expect(world.audit).toMatchObject([{ event: "exchange", outcome: "malformed", reason }]);
});

test("who asks too often is told when to come back", async () => {
  const world = new World(plainConfig({}, { questionsPerMinute: 2 }));
  world.vault(() => grants());
  const token = await sign(claims());
  await world.ask(token);
  await world.ask(token);
  const third = await world.ask(token);
  expect([third.status, third.headers.get("retry-after")]).toEqual([429, "30"]);
  expect((await world.ask(await sign(claims({ sub: "bob", sid: "session-2" })))).status).toBe(200);
});

describe("the record holds no text of a vault's", () => {
  test.each([
    ["a code that is none", "eyJhbGciOiJub25lIn0.canary.x", "The vault refused: 400."],
    ["one that looks like one", "canary_secret_of_somebody", "The vault refused: 400."],
    ["a code that is known", "unsupported_token_type", "The vault refused: 400 unsupported_token_type."],
  ])("%s", async (_, error, reason) => {
    const world = new World();
    world.vault(() => refuses(400, { error, error_description: "canary" }));
    const { body } = await world.ask(await sign(claims()));
    expect(body).toMatchObject({ error: "unauthorized_client", error_description: reason });
    expect(world.audit.at(-1)).toMatchObject({ outcome: "misconfigured", reason });
    expect(JSON.stringify(world.audit)).not.toContain("canary");
  });
});
