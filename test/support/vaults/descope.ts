import { userToken } from "../asks.ts";
import { misconfigured, signedOut, type SourceCase } from "./case.ts";
import { json, notFound, type Vault, type VaultReply } from "./server.ts";

const page = "https://github.com/login/oauth/authorize?client_id=descope";
const connect = json(200, { url: page });

/** Descope's outbound app endpoints: the token that it holds, and the page to connect on. */
const descope =
  (token: VaultReply, connected: VaultReply = connect, latest = "/latest"): Vault =>
  (request) => {
    if (request.headers["authorization"] !== `Bearer P2abc:${userToken}`) {
      return json(401, { errorCode: "E061102", errorDescription: "Invalid token" });
    }
    if (request.method !== "POST") return notFound(request);
    if (request.path === "/v1/mgmt/outbound/app/connect") return connected;
    if (request.path !== `/v1/mgmt/outbound/app/user/token${latest}`) return notFound(request);
    return JSON.stringify(request.json).includes('"userId":"alice"')
      ? token
      : json(400, { errorCode: "E011001" });
  };

const token = (accessToken: string, accessTokenExpiry: unknown = "1700000900"): VaultReply =>
  json(200, {
    token: {
      id: "t1",
      appId: "github",
      userId: "alice",
      accessToken,
      accessTokenType: "bearer",
      accessTokenExpiry,
      hasRefreshToken: true,
      scopes: ["repo"],
    },
  });

const absent = json(404, { errorCode: "E102004", errorDescription: "Outbound app user token was not found" });

export const descopeCase: SourceCase = {
  source: "descope",
  place: "/token/accessToken",
  entry: ({ origin }) => ({ source: "descope", projectId: "P2abc", appId: "github", baseUrl: origin }),
  granting: (credential) => descope(token(credential)),
  headers: (credential) => ({ Authorization: `Bearer ${credential}` }),
  answers: [
    {
      answer: "a token whose end is written in digits",
      vault: descope(token("a")),
      means: () => ({ kind: "granted", expiresAtMs: 1_700_000_900_000 }),
    },
    {
      answer: "a token whose end is RFC 3339",
      vault: descope(token("a", "2023-11-14T23:13:20Z")),
      means: () => ({ kind: "granted", expiresAtMs: 1_700_003_600_000 }),
    },
    {
      answer: "a token without an end",
      vault: descope(token("a", "0")),
      means: () => ({ kind: "granted", headers: { Authorization: "Bearer a" } }),
    },
    {
      answer: "a token that is over",
      vault: descope(token("old", 1_699_999_000)),
      means: () => ({ kind: "needsConnection", url: page, intervalMs: 2000 }),
    },
    {
      answer: "404: nothing connected",
      vault: descope(absent),
      means: () => ({
        kind: "needsConnection",
        url: page,
        intervalMs: 2000,
        reason: "Outbound app user token was not found",
      }),
    },
    {
      answer: "404 to a question for scopes",
      entry: () => ({ scopes: ["repo"], tenantId: "T1" }),
      vault: descope(absent, connect, ""),
      means: () => ({ kind: "needsConnection", url: page }),
    },
    {
      answer: "404, and a page that is not https",
      vault: descope(absent, json(200, { url: "http://github.com/" })),
      means: misconfigured,
    },
    {
      answer: "404, and no page",
      vault: descope(absent, json(404, { errorCode: "E1" })),
      means: misconfigured,
    },
    {
      answer: "404, and a page that is denied",
      vault: descope(absent, json(403, { errorDescription: "Policy." })),
      means: () => ({ kind: "denied", by: "policy", reason: "Policy." }),
    },
    { answer: "401", vault: descope(json(401, { errorCode: "E061102" })), means: signedOut },
    {
      answer: "403",
      vault: descope(json(403, { errorDescription: "Policy denied" })),
      means: () => ({ kind: "denied", by: "policy", reason: "Policy denied" }),
    },
    { answer: "400", vault: descope(json(400, { errorDescription: "Bad app" })), means: misconfigured },
    {
      answer: "429",
      vault: descope(json(429, {}, { "retry-after": "10" })),
      means: ({ nowMs }) => ({ kind: "unavailable", retryAtMs: nowMs + 10_000 }),
    },
    {
      answer: "500",
      vault: descope({ status: 500 }),
      means: ({ nowMs }) => ({ kind: "unavailable", retryAtMs: nowMs + 2000 }),
    },
  ],
};
