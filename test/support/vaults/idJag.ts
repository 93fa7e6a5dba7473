import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify } from "jose";
import { Secret } from "../../../src/core/secret.ts";
import { idToken } from "../asks.ts";
import { misconfigured, signedOut, type AnswerRow, type Scene, type SourceCase } from "./case.ts";
import { json, notFound, type Vault, type VaultReply, type VaultRequest } from "./server.ts";

const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
const jwk = { ...(await exportJWK(privateKey)), kid: "k1", alg: "ES256" };
const jwks = createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid: "k1", alg: "ES256" }] });
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const idJag = "urn:ietf:params:oauth:token-type:id-jag";
const audience = "https://as.mcp.example.com";

/** Client authentication by `private_key_jwt`: who it is, or nobody. */
const clientOf = async ({ form }: VaultRequest, issuer: string): Promise<string | undefined> => {
  if (form.get("client_assertion_type") !== assertionType) return undefined;
  try {
    const { payload } = await jwtVerify(form.get("client_assertion") ?? "", jwks, { audience: issuer });
    return payload.iss === payload.sub && payload.sub === form.get("client_id") ? payload.sub : undefined;
  } catch {
    return undefined;
  }
};

interface Servers {
  readonly idp?: VaultReply;
  readonly resource?: VaultReply;
}

const assertion: VaultReply = json(200, {
  issued_token_type: idJag,
  access_token: "jag.jwt",
  token_type: "N_A",
  expires_in: 300,
});
const credential = (token: string): VaultReply =>
  json(200, { token_type: "Bearer", access_token: token, expires_in: 3600 });

/** Both servers of the enterprise-managed authorization, each with client authentication enforced. */
const servers =
  ({ idp = assertion, resource = credential("mcp") }: Servers): Vault =>
  async (request) => {
    const { form, path } = request;
    if (path === "/idp/token") {
      if ((await clientOf(request, "https://idp.example.com")) !== "lanyard")
        return json(401, { error: "invalid_client" });
      const asked = [form.get("requested_token_type"), form.get("audience"), form.get("subject_token")];
      return String(asked) === String([idJag, audience, idToken])
        ? idp
        : json(400, { error: "invalid_request" });
    }
    if (path !== "/as/token") return notFound(request);
    if ((await clientOf(request, audience)) !== "lanyard-at-mcp")
      return json(401, { error: "invalid_client" });
    return form.get("assertion") === "jag.jwt" ? resource : json(400, { error: "invalid_grant" });
  };

const idpSays = (answer: string, idp: VaultReply, means: AnswerRow["means"]): AnswerRow => ({
  answer: `IdP: ${answer}`,
  vault: servers({ idp }),
  means,
});
const resourceSays = (answer: string, resource: VaultReply, means: AnswerRow["means"]): AnswerRow => ({
  answer: `resource server: ${answer}`,
  vault: servers({ resource }),
  means,
});

export const idJagCase: SourceCase = {
  source: "id-jag",
  place: "/access_token",
  firstStep: { access_token: "jag", issued_token_type: idJag },
  entry: () => ({
    source: "id-jag",
    audience,
    resource: "https://mcp.example.com",
    clientKey: "laptop",
    resourceClientId: "lanyard-at-mcp",
  }),
  ports: ({ origin }: Scene) => ({
    clientKey: (name, issuer) =>
      Promise.resolve(name === "laptop" && issuer !== audience ? new Secret(JSON.stringify(jwk)) : undefined),
    tokenEndpoint: (issuer) => Promise.resolve(`${origin}${issuer === audience ? "/as" : "/idp"}/token`),
  }),
  granting: (token) => servers({ resource: credential(token) }),
  headers: (token) => ({ Authorization: `Bearer ${token}` }),
  expired: () =>
    servers({ resource: json(200, { token_type: "Bearer", access_token: "old", expires_in: 0 }) }),
  answers: [
    idpSays(
      "fresh authentication",
      json(400, { error: "insufficient_user_authentication", max_age: 5 }),
      () => ({ kind: "stepUp", how: { kind: "reauthenticate", acrValues: [], maxAgeSeconds: 5 } }),
    ),
    idpSays("access_denied", json(400, { error: "access_denied" }), () => ({ kind: "denied", by: "policy" })),
    idpSays("invalid_target", json(400, { error: "invalid_target" }), () => ({
      kind: "denied",
      by: "policy",
    })),
    idpSays("invalid_grant", json(400, { error: "invalid_grant" }), signedOut),
    idpSays("invalid_client", json(401, { error: "invalid_client" }), misconfigured),
    idpSays(
      "an access token instead of an assertion",
      json(200, { access_token: "a", token_type: "Bearer" }),
      misconfigured,
    ),
    idpSays("503", { status: 503 }, () => ({ kind: "unavailable" })),
    resourceSays("invalid_grant", json(400, { error: "invalid_grant" }), misconfigured),
    resourceSays("401", { status: 401 }, misconfigured),
    resourceSays("invalid_client", json(401, { error: "invalid_client" }), misconfigured),
    resourceSays(
      "interaction_required",
      json(400, { error: "interaction_required", interaction_uri: "https://as.example.com/i" }),
      () => ({ kind: "needsConnection", url: "https://as.example.com/i" }),
    ),
    resourceSays(
      "interaction_pending",
      json(400, { error: "interaction_pending", interval: 1, expires_in: 9 }),
      () => ({ kind: "pending", intervalMs: 1000 }),
    ),
    resourceSays("access_denied", json(400, { error: "access_denied" }), () => ({
      kind: "denied",
      by: "policy",
    })),
    resourceSays("200 without a credential", json(200, {}), misconfigured),
    {
      answer: "an endpoint of the entry's own, where the IdP's metadata names another",
      entry: () => ({ endpoint: "https://attacker.example/token" }),
      vault: () => json(200, { issued_token_type: idJag, access_token: "stolen" }),
      means: misconfigured,
    },
    {
      answer: "a second endpoint of the entry's own, where the audience's metadata names another",
      entry: () => ({ resourceEndpoint: "https://attacker.example/token" }),
      vault: servers({}),
      means: misconfigured,
    },
    {
      answer: "a key that the settings do not hold",
      entry: () => ({ clientKey: "other" }),
      vault: servers({}),
      means: misconfigured,
    },
  ],
};
