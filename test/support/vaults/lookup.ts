import { userToken } from "../asks.ts";
import { misconfigured, signedOut, type AnswerRow, type SourceCase } from "./case.ts";
import { json, notFound, type Vault, type VaultReply } from "./server.ts";

/** A vault of a company's own: it knows the user by their bearer token and answers for the connector in the path. */
const lookup =
  (reply: VaultReply): Vault =>
  (request) => {
    if (request.path !== "/credentials/salesforce/alice") return notFound(request);
    return request.headers["authorization"] === `Bearer ${userToken}`
      ? reply
      : json(401, { error: "invalid_token" });
  };

const url = (origin: string): string => `${origin}/credentials/{connector}/{subject}`;
const page = "https://vault.example.com/connect";

const answers: readonly AnswerRow[] = [
  {
    answer: "404 where no page is named",
    vault: lookup(json(404, { message: "none" })),
    means: misconfigured,
  },
  {
    answer: "404 where the entry names the page to connect on",
    entry: () => ({ connectUrl: page }),
    vault: lookup(json(404, { message: "Nothing stored." })),
    means: () => ({ kind: "needsConnection", url: page, reason: "Nothing stored." }),
  },
  {
    answer: "a page to connect on, as a facade names it",
    vault: lookup(json(409, { error: "interaction_required", interaction_uri: page })),
    means: () => ({ kind: "needsConnection", url: page }),
  },
  { answer: "401", vault: lookup({ status: 401 }), means: signedOut },
  {
    answer: "401 with a step-up challenge (RFC 9470)",
    vault: lookup({
      status: 401,
      headers: { "www-authenticate": 'Bearer error="insufficient_user_authentication", acr_values="mfa"' },
    }),
    means: () => ({ kind: "stepUp", how: { kind: "reauthenticate", acrValues: ["mfa"] } }),
  },
  {
    answer: "403 with a reason",
    vault: lookup(json(403, { message: "Not in group sales." })),
    means: () => ({ kind: "denied", by: "policy", reason: "Not in group sales." }),
  },
  { answer: "400", vault: lookup(json(400, { message: "bad" })), means: misconfigured },
  {
    answer: "503",
    vault: lookup({ status: 503 }),
    means: ({ nowMs }) => ({ kind: "unavailable", retryAtMs: nowMs + 2000 }),
  },
];

export const vaultLookupCase: SourceCase = {
  source: "vault-lookup",
  place: "/access_token",
  entry: ({ origin }) => ({ source: "vault-lookup", url: url(origin) }),
  granting: (credential) => lookup(json(200, { access_token: credential, expires_in: 60 })),
  headers: (credential) => ({ Authorization: `Bearer ${credential}` }),
  expired: () => lookup(json(200, { access_token: "old", expires_at: "2001-01-01T00:00:00Z" })),
  answers,
};

export const apiKeyCase: SourceCase = {
  source: "api-key",
  place: "/data/key",
  entry: ({ origin }) => ({
    source: "api-key",
    url: url(origin),
    key: "/data/key",
    header: "X-Linear-Key",
    prefix: "Key ",
  }),
  granting: (credential) => lookup(json(200, { data: { key: credential } })),
  headers: (credential) => ({ "X-Linear-Key": `Key ${credential}` }),
  answers: [
    ...answers,
    { answer: "200 without the key", vault: lookup(json(200, { data: {} })), means: misconfigured },
  ],
};

export const customCase: SourceCase = {
  source: "custom",
  place: "/credential/value",
  entry: ({ origin }) => ({
    source: "custom",
    request: {
      method: "POST",
      url: url(origin),
      json: { resource: "{resource}", scopes: ["read", "{scopes}"] },
    },
    credential: { value: "/credential/value", expiresAt: "/credential/expires_at" },
    headers: { "X-Api-Key": "{credential}", "X-User": "{subject}" },
    rules: [
      {
        when: {
          status: 200,
          match: { "/active": false, "/error": ["not_installed", "needs_reauthorization"] },
        },
        then: { grant: "needsConnection", url: page },
      },
    ],
  }),
  granting: (credential) =>
    lookup(json(200, { active: true, credential: { value: credential, expires_at: null } })),
  headers: (credential) => ({ "X-Api-Key": credential, "X-User": "alice" }),
  expired: () => lookup(json(200, { active: true, credential: { value: "old", expires_at: 1_000_000_000 } })),
  answers: [
    {
      answer: "200 that says no, by a rule of the team's",
      vault: lookup(json(200, { active: false, error: "not_installed" })),
      means: () => ({ kind: "needsConnection", url: page }),
    },
    {
      answer: "200 that says no in a word that no rule knows",
      vault: lookup(json(200, { active: false, error: "on_strike" })),
      means: misconfigured,
    },
    { answer: "403", vault: lookup({ status: 403 }), means: () => ({ kind: "denied", by: "policy" }) },
  ],
};
