import { userToken } from "../asks.ts";
import { misconfigured, signedOut, type AnswerRow, type SourceCase } from "./case.ts";
import { json, notFound, type Vault, type VaultReply } from "./server.ts";

const errors = (status: number, ...messages: string[]): VaultReply => json(status, { errors: messages });

interface HashicorpVault {
  readonly login?: VaultReply;
  readonly secret?: VaultReply;
  readonly namespace?: string;
}

export const vaultToken = "hvs.test";

export const loggedIn = (leaseSeconds = 3600): VaultReply =>
  json(200, {
    request_id: "r1",
    lease_id: "",
    renewable: false,
    lease_duration: 0,
    data: null,
    auth: {
      client_token: vaultToken,
      accessor: "a1",
      policies: ["default"],
      lease_duration: leaseSeconds,
      renewable: true,
    },
  });

/** A reply of the KV engine, version 2. */
export const kvSecret = (
  data: object | null,
  metadata: object = { version: 1, destroyed: false, deletion_time: "" },
): VaultReply =>
  json(data === null ? 404 : 200, {
    request_id: "r2",
    lease_id: "",
    renewable: false,
    lease_duration: 0,
    data: { data, metadata },
  });

/** HashiCorp Vault's HTTP API: JWT login, KV version 2, the OAuth engine, and revocation. */
export const hashicorp =
  ({ login = loggedIn(), secret = kvSecret({ token: "kv" }), namespace }: HashicorpVault): Vault =>
  (request) => {
    if (namespace !== request.headers["x-vault-namespace"]) return errors(403, "permission denied");
    if (request.path === "/v1/auth/jwt/login") {
      const body = JSON.stringify(request.json);
      return body === JSON.stringify({ role: "dev", jwt: userToken })
        ? login
        : errors(400, "error validating token: token is expired");
    }
    if (request.headers["x-vault-token"] !== vaultToken) return errors(403, "permission denied");
    const isSecret = ["/v1/secret/data/users/alice/sentry", "/v1/oauth2/creds/alice"].includes(request.path);
    if (isSecret && request.method === "GET") return secret;
    return notFound(request);
  };

const oauth = { engine: "oauth", path: "{subject}" };

const logins: readonly AnswerRow[] = [
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
  {
    answer: "OAuth engine: another 400",
    entry: () => oauth,
    vault: hashicorp({ secret: errors(400, "server not found") }),
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
  answers: [...logins, ...reads, ...oauthReads],
};
