import { expect } from "vitest";
import { misconfigured, signedOut, type AnswerRow, type Expected, type SourceCase } from "./case.ts";
import { errors, hashicorp, kvSecret, vaultToken } from "./hashicorpServer.ts";
import { json, type Vault, type VaultReply } from "./server.ts";

const oauth = { engine: "oauth", path: "{subject}" };

/** Vault's words for each token that it does not take, all with 400 (hashicorp/cap, `jwt.Validator`), and what is wrong. */
const refusedTokens: readonly (readonly [string, AnswerRow["means"]])[] = [
  ["error validating token: invalid expiration time (exp) claim: token is expired", signedOut],
  ["error validating token: error verifying token signature: no known key successfully validated", signedOut],
  ["error validating token: failed to verify signature: failed to verify id token signature", signedOut],
  ["error validating token: something that nobody here knows", signedOut],
  ["error validating token: invalid audience (aud) claim: audience claim does not match", misconfigured],
  ["audience claim found in JWT but no audiences bound to the role", misconfigured],
  ["error validating token: invalid issuer (iss) claim", misconfigured],
  ["error validating token: invalid subject (sub) claim", misconfigured],
  ["error validating token: sub claim does not match bound subject", misconfigured],
  ["error validating token: go-jose/go-jose: compact JWS format must have three parts", misconfigured],
  ["error validating token: error parsing token: malformed jwt", misconfigured],
  ["error validating token: invalid not before (nbf) claim: token not yet valid", clockDiffers],
  ["error validating token: invalid issued at (iat) claim: token issued in the future", clockDiffers],
  ["error validating token: fetching keys oidc: get keys failed: connection refused", keysAway],
];

function clockDiffers(): Expected {
  const issues = [expect.objectContaining({ template: expect.stringContaining("clocks") as string })];
  return { kind: "misconfigured", issues, retryAtMs: expect.any(Number) as number };
}

function keysAway(): Expected {
  return { kind: "unavailable", reason: expect.stringContaining("fetching keys") as string };
}

const logins: readonly AnswerRow[] = [
  ...refusedTokens.map(([words, means]): AnswerRow => ({
    answer: `login: ${words}`,
    vault: hashicorp({ login: errors(400, words) }),
    means,
  })),
  {
    answer: "login: the namespace is another",
    vault: hashicorp({ namespace: "admin" }),
    means: misconfigured,
  },
  {
    answer: "login: permission denied",
    vault: hashicorp({ login: errors(403, "permission denied") }),
    means: misconfigured,
  },
  {
    answer: "login: no such role",
    vault: hashicorp({ login: errors(400, 'role "dev" could not be found') }),
    means: misconfigured,
  },
  {
    answer: "login: no such mount",
    vault: hashicorp({ login: errors(404, "no handler for route") }),
    means: misconfigured,
  },
  {
    answer: "login: the token is refused",
    vault: hashicorp({ login: errors(400, "error validating token: expired") }),
    means: signedOut,
  },
  {
    answer: "login: the claims do not fit the role",
    vault: hashicorp({ login: errors(400, 'error validating claims: claim "groups" is missing') }),
    means: () => ({ kind: "denied", by: "policy" }),
  },
  {
    answer: "login: Vault wants its own second factor",
    vault: hashicorp({
      login: json(200, {
        auth: { client_token: "", mfa_requirement: { mfa_request_id: "m1", mfa_constraints: {} } },
      }),
    }),
    means: misconfigured,
  },
  {
    answer: "login: sealed",
    vault: hashicorp({ login: errors(503, "Vault is sealed") }),
    means: ({ nowMs }) => ({ kind: "unavailable", retryAtMs: nowMs + 2000 }),
  },
];

const reads: readonly AnswerRow[] = [
  {
    answer: "another field of the secret, in any header",
    entry: () => ({
      field: "api key/1",
      headers: { "X-Api-Key": "{credential}", "X-App": "{/data/data/app}" },
    }),
    vault: hashicorp({ secret: kvSecret({ "api key/1": "k1", app: "a1" }) }),
    means: () => ({ kind: "granted", headers: { "X-Api-Key": "k1", "X-App": "a1" } }),
  },
  {
    answer: "a namespace",
    entry: () => ({ namespace: "team-a" }),
    vault: hashicorp({ namespace: "team-a" }),
    means: () => ({ kind: "granted" }),
  },
  {
    answer: "an address with the interface's first segment, and slashes around everything",
    entry: ({ origin }) => ({
      ...{ address: `${origin}/v1/`, authMount: "/jwt/", mount: "secret/", path: "/users/{subject}/sentry/" },
    }),
    vault: hashicorp({}),
    means: () => ({ kind: "granted", headers: { Authorization: "Bearer kv" } }),
  },
  {
    answer: "a number in the field",
    vault: hashicorp({ secret: kvSecret({ token: 4711 }) }),
    means: misconfigured,
  },
  {
    answer: "a lease",
    vault: hashicorp({ secret: json(200, { lease_duration: 30, data: { data: { token: "kv" } } }) }),
    means: ({ nowMs }) => ({ kind: "granted", expiresAtMs: nowMs + 30_000 }),
  },
  { answer: "no such field", vault: hashicorp({ secret: kvSecret({ other: "x" }) }), means: misconfigured },
  {
    answer: "half of a pair of headers",
    entry: () => ({ headers: { "X-Api-Key": "{credential}", "X-App": "{/data/data/app}" } }),
    vault: hashicorp({}),
    means: misconfigured,
  },
  { answer: "no such secret", vault: hashicorp({ secret: errors(404) }), means: misconfigured },
  {
    answer: "no such secret, with a page to put it",
    entry: () => ({ connectUrl: "https://vault.example.com/ui" }),
    vault: hashicorp({ secret: errors(404) }),
    means: () => ({ kind: "needsConnection", url: "https://vault.example.com/ui" }),
  },
  {
    answer: "a deleted version",
    vault: hashicorp({ secret: kvSecret(null, { version: 2, deletion_time: "2026-01-01T00:00:00Z" }) }),
    means: misconfigured,
  },
  {
    answer: "a policy that refuses",
    vault: hashicorp({ secret: errors(403, "1 error occurred: permission denied") }),
    means: () => ({ kind: "denied", by: "policy" }),
  },
  ...[412, 429, 472, 473, 503].map((status): AnswerRow => ({
    answer: `${status}`,
    vault: hashicorp({ secret: errors(status, "later") }),
    means: () => ({ kind: "unavailable" }),
  })),
  {
    answer: "a status that Vault does not have",
    vault: hashicorp({ secret: errors(409, "what") }),
    means: misconfigured,
  },
];

const oauthReads: readonly AnswerRow[] = [
  {
    answer: "OAuth engine: a token and its end",
    entry: () => oauth,
    vault: hashicorp({
      secret: json(200, {
        lease_duration: 0,
        data: { access_token: "up", type: "Bearer", server: "github", expire_time: "2023-11-14T22:28:20Z" },
      }),
    }),
    means: () => ({
      kind: "granted",
      headers: { Authorization: "Bearer up" },
      expiresAtMs: 1_700_000_900_000,
    }),
  },
  {
    answer: "OAuth engine: token pending issuance",
    entry: () => oauth,
    vault: hashicorp({ secret: errors(400, "token pending issuance") }),
    means: () => ({ kind: "pending", intervalMs: 5000 }),
  },
  {
    answer: "OAuth engine: no such credential",
    entry: () => oauth,
    vault: hashicorp({ secret: errors(404) }),
    means: misconfigured,
  },
  ...[
    'refresh failed: oauth2: "invalid_grant" "Token has been expired or revoked."',
    "device code exchange failed: access_denied",
  ].flatMap((words): AnswerRow[] => [
    {
      answer: `OAuth engine: ${words}`,
      entry: () => ({ ...oauth, connectUrl: "https://intranet.example.com/connect" }),
      vault: hashicorp({ secret: errors(400, words) }),
      means: () => ({ kind: "needsConnection", url: "https://intranet.example.com/connect" }),
    },
    {
      answer: `OAuth engine, without a page: ${words}`,
      entry: () => oauth,
      vault: hashicorp({ secret: errors(500, words) }),
      means: misconfigured,
    },
  ]),
  {
    answer: "OAuth engine: another 400",
    entry: () => oauth,
    vault: hashicorp({ secret: errors(400, "server not found") }),
    means: misconfigured,
  },
];

const anyPath = (path: string, reply: VaultReply): Vault => {
  const usual = hashicorp({});
  return (request) =>
    request.path === `/v1/${path}` && request.headers["x-vault-token"] === vaultToken
      ? reply
      : usual(request);
};

const anyReads: readonly AnswerRow[] = [
  {
    answer: "read: a signed token of the identity engine, with its own life",
    entry: () => ({ engine: "read", path: "identity/oidc/token/crm", expiresIn: "/data/ttl" }),
    vault: anyPath(
      "identity/oidc/token/crm",
      json(200, { lease_duration: 0, data: { token: "ey", ttl: 60 } }),
    ),
    means: ({ nowMs }) => ({
      ...{ kind: "granted", headers: { Authorization: "Bearer ey" } },
      expiresAtMs: nowMs + 60_000,
    }),
  },
  {
    answer: "read: KV version 1, whose lease means nothing beyond the login's",
    entry: () => ({ engine: "read", path: "/kv/users/{subject}/", value: "/data/api_key" }),
    vault: anyPath("kv/users/alice", json(200, { lease_duration: 2_764_800, data: { api_key: "k1" } })),
    means: ({ nowMs }) => ({
      ...{ kind: "granted", headers: { Authorization: "Bearer k1" } },
      expiresAtMs: nowMs + 3_600_000,
    }),
  },
  {
    answer: "read: a database's credential, shorter than the login",
    entry: () => ({
      ...{ engine: "read", mount: "database", path: "creds/reader", value: "/data/password" },
      headers: { "X-User": "{/data/username}", "X-Password": "{credential}" },
    }),
    vault: anyPath(
      "database/creds/reader",
      json(200, { lease_id: "l1", lease_duration: 600, data: { username: "v-alice", password: "p1" } }),
    ),
    means: ({ nowMs }) => ({
      ...{ kind: "granted", headers: { "X-User": "v-alice", "X-Password": "p1" } },
      expiresAtMs: nowMs + 600_000,
    }),
  },
  {
    answer: "read: nothing there",
    entry: () => ({ engine: "read", path: "kv/none" }),
    vault: anyPath("kv/none", errors(404)),
    means: misconfigured,
  },
  {
    answer: "read: no text there",
    entry: () => ({ engine: "read", path: "kv/odd", value: "/data/nothing" }),
    vault: anyPath("kv/odd", json(200, { data: { token: "kv" } })),
    means: misconfigured,
  },
];

export const hashicorpCase: SourceCase = {
  source: "hashicorp-vault",
  place: "/data/data/token",
  firstStep: { auth: { client_token: vaultToken, lease_duration: 60 } },
  entry: ({ origin }) => ({
    source: "hashicorp-vault",
    address: `${origin}/`,
    role: "dev",
    path: "users/{subject}/sentry",
  }),
  granting: (credential) => hashicorp({ secret: kvSecret({ token: credential }) }),
  headers: (credential) => ({ Authorization: `Bearer ${credential}` }),
  answers: [...logins, ...reads, ...oauthReads, ...anyReads],
};
