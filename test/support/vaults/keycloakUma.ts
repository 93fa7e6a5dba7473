import { userToken } from "../asks.ts";
import { misconfigured, signedOut, type SourceCase } from "./case.ts";
import { json, notFound, type Vault, type VaultReply } from "./server.ts";

/** Keycloak's token endpoint, asked for a permission (its AuthorizationTokenService), as measured at 26.7.3. */
const uma =
  (reply: VaultReply): Vault =>
  (request) => {
    const { method, path, form, headers } = request;
    if (method !== "POST" || path !== "/realms/acme/protocol/openid-connect/token") return notFound(request);
    if (form.get("grant_type") !== "urn:ietf:params:oauth:grant-type:uma-ticket") return notFound(request);
    if (headers["authorization"] !== `Bearer ${userToken}`) return error(400, "invalid_grant");
    return form.get("audience") === "crm" ? reply : error(400, "invalid_request", "Client not found");
  };

const error = (status: number, name: string, description = name): VaultReply =>
  json(status, { error: name, error_description: description });

const granting = (credential: string): VaultReply =>
  json(200, {
    ...{ access_token: credential, token_type: "Bearer", expires_in: 300 },
    ...{ refresh_token: "not-for-us", upgraded: false },
  });

export const keycloakUmaCase: SourceCase = {
  source: "keycloak-uma",
  place: "/access_token",
  entry: () => ({ source: "keycloak-uma", audience: "crm" }),
  ports: ({ origin }) => ({
    tokenEndpoint: () => Promise.resolve(`${origin}/realms/acme/protocol/openid-connect/token`),
  }),
  granting: (credential) => uma(granting(credential)),
  headers: (credential) => ({ Authorization: `Bearer ${credential}` }),
  answers: [
    {
      answer: "a permission, with its end",
      vault: uma(granting("t1")),
      means: ({ nowMs }) => ({
        ...{ kind: "granted", headers: { Authorization: "Bearer t1" } },
        expiresAtMs: nowMs + 300_000,
      }),
    },
    {
      answer: "one permission by its name",
      entry: () => ({ permission: "deals#read" }),
      vault: (request) =>
        request.form.get("permission") === "deals#read"
          ? uma(granting("t1"))(request)
          : error(400, "invalid_resource"),
      means: () => ({ kind: "granted" }),
    },
    {
      answer: "no role",
      vault: uma(error(403, "access_denied", "not_authorized")),
      means: () => ({ kind: "denied", by: "policy" }),
    },
    {
      answer: "another client than the realm has",
      entry: () => ({ audience: "nobody" }),
      vault: uma(granting("t1")),
      means: misconfigured,
    },
    {
      answer: "a resource that is not there",
      vault: uma(error(400, "invalid_resource", "Resource with id [x] does not exist.")),
      means: misconfigured,
    },
    {
      answer: "a scope that is not there",
      vault: uma(error(400, "invalid_scope", "One of the given scopes [x] is invalid")),
      means: misconfigured,
    },
    {
      answer: "a session that is over",
      vault: uma(error(400, "invalid_grant", "Invalid bearer token")),
      means: signedOut,
    },
    { answer: "401", vault: uma({ status: 401 }), means: signedOut },
  ],
  expired: () => uma(json(200, { access_token: "t", token_type: "Bearer", expires_in: 0 })),
};
