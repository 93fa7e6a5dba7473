import { userToken } from "../asks.ts";
import {
  misconfigured,
  signedOut,
  type AnswerRow,
  type Expected,
  type Scene,
  type SourceCase,
} from "./case.ts";
import { json, notFound, type Vault, type VaultReply } from "./server.ts";

const exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
const accessTokenType = "urn:ietf:params:oauth:token-type:access_token";

/** A token endpoint that exchanges tokens (RFC 8693, section 2): checks the request, then gives this reply. */
export const tokenEndpoint =
  (reply: VaultReply): Vault =>
  (request) => {
    if (request.method !== "POST" || request.path !== "/token") return notFound(request);
    const { form } = request;
    if (form.get("grant_type") !== exchange) return json(400, { error: "unsupported_grant_type" });
    const knowsToken = form.get("subject_token") === userToken;
    if (!knowsToken || form.get("subject_token_type") !== accessTokenType) {
      return json(400, { error: "invalid_request", error_description: "The subject token is not valid." });
    }
    if (form.get("client_id") !== "lanyard") return json(401, { error: "invalid_client" });
    return reply;
  };

export const tokenReply = (accessToken: string): VaultReply =>
  json(200, {
    access_token: accessToken,
    issued_token_type: accessTokenType,
    token_type: "Bearer",
    expires_in: 300,
  });

const row = (answer: string, reply: VaultReply, means: (scene: Scene) => Expected): AnswerRow => ({
  answer,
  vault: tokenEndpoint(reply),
  means,
});

const uri = "https://vault.example.com/connect/salesforce?ticket=1";
const error = (code: string, more: object = {}, status = 400): VaultReply =>
  json(status, { error: code, ...more });

/** Answers that a facade and an authorization server give by their `error`; scripts print the same on stderr. */
export const errorRows: readonly AnswerRow[] = [
  row(
    "interaction_required with a page",
    error("interaction_required", {
      interaction_uri: uri,
      interval: 3,
      expires_in: 600,
      error_description: "Connect Salesforce.",
    }),
    ({ nowMs }) => ({
      kind: "needsConnection",
      url: uri,
      intervalMs: 3000,
      expiresAtMs: nowMs + 600_000,
      reason: "Connect Salesforce.",
    }),
  ),
  row(
    "interaction_required with a page and no times",
    error("interaction_required", { interaction_uri: uri }),
    () => ({
      kind: "needsConnection",
      url: uri,
      intervalMs: 5000,
    }),
  ),
  row(
    "interaction_required with a page that is not https",
    error("interaction_required", { interaction_uri: "http://vault.example.com/connect" }),
    misconfigured,
  ),
  row(
    "interaction_required with a script for a page",
    error("interaction_required", { interaction_uri: "javascript:alert(1)" }),
    misconfigured,
  ),
  row(
    "interaction_required with a command of the editor",
    error("interaction_required", { interaction_uri: "command:workbench.action.quit" }),
    misconfigured,
  ),
  row(
    "interaction_required with a password in its page",
    error("interaction_required", { interaction_uri: "https://alice:secret@vault.example.com/" }),
    misconfigured,
  ),
  row(
    "interaction_required with claims, as Entra has it",
    error("interaction_required", { claims: '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}' }),
    () => ({
      kind: "stepUp",
      how: { kind: "reauthenticate", acrValues: ["c1"] },
    }),
  ),
  row(
    "interaction_required with acr_values",
    error("interaction_required", { acr_values: "mfa phr", max_age: 0 }),
    () => ({
      kind: "stepUp",
      how: { kind: "reauthenticate", acrValues: ["mfa", "phr"], maxAgeSeconds: 0 },
    }),
  ),
  row("interaction_required and nothing else", error("interaction_required"), () => ({
    kind: "stepUp",
    how: { kind: "reauthenticate", acrValues: [] },
  })),
  row(
    "insufficient_user_authentication",
    error("insufficient_user_authentication", {
      acr_values: "mfa",
      max_age: 300,
      error_description: "A fresh second factor is needed.",
    }),
    () => ({
      kind: "stepUp",
      how: { kind: "reauthenticate", acrValues: ["mfa"], maxAgeSeconds: 300 },
      reason: "A fresh second factor is needed.",
    }),
  ),
  row(
    "insufficient_user_authentication with a page of the vault's",
    error("insufficient_user_authentication", { interaction_uri: uri, interval: 1 }),
    () => ({
      kind: "stepUp",
      how: { kind: "url", url: uri, intervalMs: 1000 },
    }),
  ),
  row(
    "authorization_pending with a binding message",
    error("authorization_pending", { binding_message: "Salesforce: 42", interval: 2, expires_in: 120 }),
    ({ nowMs }) => ({
      kind: "stepUp",
      how: { kind: "push", bindingMessage: "Salesforce: 42", intervalMs: 2000, expiresAtMs: nowMs + 120_000 },
    }),
  ),
  row(
    "authorization_pending",
    error("authorization_pending", {
      error_description: "Your manager is asked.",
      interval: 7,
      expires_in: 60,
    }),
    ({ nowMs }) => ({
      kind: "pending",
      message: "Your manager is asked.",
      intervalMs: 7000,
      expiresAtMs: nowMs + 60_000,
    }),
  ),
  row("interaction_pending without times", error("interaction_pending"), ({ nowMs }) => ({
    kind: "pending",
    intervalMs: 5000,
    expiresAtMs: nowMs + 300_000,
  })),
  row("slow_down", error("slow_down", { interval: 5, expires_in: 60 }), () => ({
    kind: "pending",
    intervalMs: 10_000,
  })),
  row("slow_down of a push", error("slow_down", { binding_message: "42", expires_in: 60 }), () => ({
    kind: "stepUp",
    how: { kind: "push", intervalMs: 10_000 },
  })),
  row(
    "access_denied by policy, with help",
    error("access_denied", {
      error_description: "Contractors may not use Salesforce.",
      error_uri: "https://help.example.com/sf",
    }),
    () => ({
      kind: "denied",
      by: "policy",
      reason: "Contractors may not use Salesforce.",
      helpUrl: "https://help.example.com/sf",
    }),
  ),
  row("access_denied by the user", error("access_denied", { denied_by: "user" }), () => ({
    kind: "denied",
    by: "user",
  })),
  row("access_denied by the provider behind", error("access_denied", { denied_by: "upstream" }), () => ({
    kind: "denied",
    by: "upstream",
  })),
  row("invalid_target", error("invalid_target", { error_description: "No such resource." }), () => ({
    kind: "denied",
    by: "policy",
    reason: "No such resource.",
  })),
  row("expired_token", error("expired_token"), () => ({ kind: "denied", by: "user" })),
  row("invalid_request: the subject token", error("invalid_request"), signedOut),
  row("invalid_grant", error("invalid_grant"), signedOut),
  row("invalid_token", error("invalid_token", {}, 401), signedOut),
  row("invalid_client", error("invalid_client", {}, 401), misconfigured),
  row("unauthorized_client", error("unauthorized_client"), misconfigured),
  row("unsupported_grant_type", error("unsupported_grant_type"), misconfigured),
  row("invalid_scope", error("invalid_scope"), misconfigured),
  row("temporarily_unavailable", error("temporarily_unavailable", { retry_after: 30 }), ({ nowMs }) => ({
    kind: "unavailable",
    retryAtMs: nowMs + 30_000,
  })),
  row("an unknown error with a page", error("upstream_wants_more", { interaction_uri: uri }), () => ({
    kind: "needsConnection",
    url: uri,
  })),
  row("an unknown error", error("out_of_cheese"), misconfigured),
];

const httpRows: readonly AnswerRow[] = [
  row(
    "401 with a step-up challenge (RFC 9470)",
    {
      status: 401,
      headers: {
        "www-authenticate":
          'Bearer error="insufficient_user_authentication", acr_values="mfa phr", max_age="60"',
      },
    },
    () => ({
      kind: "stepUp",
      how: { kind: "reauthenticate", acrValues: ["mfa", "phr"], maxAgeSeconds: 60 },
    }),
  ),
  row(
    "403 with a scope challenge",
    { status: 403, headers: { "www-authenticate": 'Bearer error="insufficient_scope", scope="vault"' } },
    misconfigured,
  ),
  row("401 without a word", { status: 401 }, signedOut),
  row("403 of a proxy, in HTML", { status: 403, text: "<h1>Forbidden</h1>" }, () => ({
    kind: "unavailable",
  })),
  row("429 with Retry-After in seconds", { status: 429, headers: { "retry-after": "120" } }, ({ nowMs }) => ({
    kind: "unavailable",
    retryAtMs: nowMs + 120_000,
  })),
  row("503", { status: 503, text: "<h1>Bad gateway</h1>" }, ({ nowMs }) => ({
    kind: "unavailable",
    retryAtMs: nowMs + 2000,
  })),
  row(
    "authorization_pending with a longer Retry-After",
    json(400, { error: "authorization_pending", interval: 1 }, { "retry-after": "9" }),
    () => ({ kind: "pending", intervalMs: 9000 }),
  ),
];

const oddRows: readonly AnswerRow[] = [
  row("200 without a credential", json(200, { token_type: "Bearer" }), misconfigured),
  row(
    "200 with a number for a credential",
    json(200, { access_token: 42, token_type: "Bearer" }),
    misconfigured,
  ),
  row("200 in HTML", { status: 200, text: "<form>Sign in</form>" }, misconfigured),
  row(
    "200 with a credential bound to a key",
    json(200, { access_token: "a", token_type: "DPoP" }),
    misconfigured,
  ),
  row(
    "200 with an expiry that is no time",
    json(200, { access_token: "a", token_type: "Bearer", expires_in: "soon" }),
    misconfigured,
  ),
  row("204", { status: 204 }, misconfigured),
  row("418 with a credential in it", json(418, { access_token: "a", token_type: "Bearer" }), misconfigured),
  row("500 with a credential in it", json(500, { access_token: "a", token_type: "Bearer" }), ({ nowMs }) => ({
    kind: "unavailable",
    retryAtMs: nowMs + 2000,
  })),
];

export const tokenExchangeCase: SourceCase = {
  source: "token-exchange",
  place: "/access_token",
  entry: ({ origin }) => ({
    source: "token-exchange",
    endpoint: `${origin}/token`,
    resource: "https://mcp.example.com",
  }),
  granting: (credential) => tokenEndpoint(tokenReply(credential)),
  headers: (credential) => ({ Authorization: `Bearer ${credential}` }),
  expired: () => tokenEndpoint(json(200, { access_token: "old", token_type: "Bearer", expires_in: 0 })),
  answers: [...errorRows, ...httpRows, ...oddRows],
};
