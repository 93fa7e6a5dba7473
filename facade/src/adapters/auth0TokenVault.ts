import * as z from "zod";
import { deadSubject, unavailable, type FacadeAnswer } from "../core/answer.ts";
import { secureAddress, vaultClient } from "../core/config/parts.ts";
import { clientForm } from "../core/wire.ts";
import { adapter, askVault, type FailureRule } from "./adapter.ts";
import { grantedToken, tokenTypeOf } from "./oauth.ts";

const federated = "federated-connection-access-token";

/** What Auth0 answers, from its documents and SDKs; no live tenant was called. */
export const auth0Rules = (connect: FacadeAnswer): readonly FailureRule[] => [
  { error: "federated_connection_refresh_token_not_found", then: () => connect },
  { error: "federated_connection_refresh_token_flow_failed", then: () => connect },
  { error: "tokenset_not_found", then: () => connect },
  {
    error: "mfa_required",
    then: () => ({ kind: "stepUp", reason: "Auth0 asks for a second factor.", maxAgeSeconds: 0 }),
  },
  {
    error: "access_denied",
    then: () => ({ kind: "denied", by: "upstream", reason: "Auth0 does not allow it." }),
  },
  {
    error: "unauthorized_client",
    then: () => ({ kind: "denied", by: "upstream", reason: "Auth0 does not allow it for this connection." }),
  },
  { error: "invalid_grant", then: () => deadSubject("Auth0 refused the user's token.") },
  { error: "expired_token", then: () => deadSubject("Auth0 refused the user's token.") },
  { error: "invalid_client", then: () => unavailable("Auth0 refuses the facade's secret.") },
];

/** Auth0 Token Vault, by an access token of the API whose custom API client the facade is. */
export const auth0TokenVault = adapter({
  vault: z.strictObject({
    adapter: z.literal("auth0-token-vault").describe("Auth0 Token Vault."),
    domain: secureAddress.describe("The tenant: https://ACME.auth0.com"),
    clientId: vaultClient.clientId,
    clientSecret: vaultClient.clientSecret,
    connectPage: secureAddress.describe("The company's page where people connect accounts."),
  }),
  target: z.strictObject({
    connection: z.string().min(1).describe("Such as google-oauth2."),
    loginHint: z.string().optional(),
    scopes: z.array(z.string()).default([]).describe("Those that a connected account has to have."),
  }),
  ask: async ({ vault, target, person, secret, wire }) => {
    const page = new URL(vault.connectPage);
    page.searchParams.set("connection", target.connection);
    const connect: FacadeAnswer = { kind: "connect", url: page.href, reason: "Connect your account first." };
    const url = new URL("/oauth/token", vault.domain).href;
    const client = { clientId: vault.clientId, clientAuth: "post" as const };
    const request = clientForm(url, client, await secret(vault.clientSecret), {
      grant_type: `urn:auth0:params:oauth:grant-type:token-exchange:${federated}`,
      subject_token: person.token.reveal(),
      subject_token_type: tokenTypeOf("access_token"),
      requested_token_type: `http://auth0.com/oauth/token-type/${federated}`,
      connection: target.connection,
      login_hint: target.loginHint,
    });
    return askVault(wire, request, auth0Rules(connect), (reply) => {
      const answer = grantedToken(reply);
      if (answer?.kind !== "granted" || answer.scope === undefined) return answer;
      const has = new Set(answer.scope.split(" "));
      return target.scopes.every((scope) => has.has(scope)) ? answer : connect;
    });
  },
});
