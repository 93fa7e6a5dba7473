import * as z from "zod";
import { deadSubject, notSetUp, unavailable, type FacadeAnswer } from "../core/answer.ts";
import { secretPlace } from "../core/config/parts.ts";
import { clientForm } from "../core/wire.ts";
import { adapter, askVault, type FailureRule } from "./adapter.ts";
import { grantedToken } from "./oauth.ts";

/** What the second version of Keycloak's broker interface answers. */
export const keycloakBrokerRules = (connect: FacadeAnswer): readonly FailureRule[] => [
  { error: "invalid_request", says: /^User not associated/, then: () => connect },
  { error: "token_expired", then: () => connect },
  { error: "invalid_token", then: () => deadSubject("Keycloak refused the user's token.") },
  {
    status: 403,
    error: "invalid_client",
    then: () =>
      notSetUp("Keycloak does not let the facade's client read stored tokens (external.token.enabled)."),
  },
  { error: "unauthorized_client", then: () => unavailable("Keycloak refuses the facade's secret.") },
];

/**
 * Tokens that Keycloak has stored of another provider, by version 2 of its broker interface
 * (`--features=identity-brokering-api:v2`). No refresh token is in its answers, and none leaves the company.
 */
export const keycloakBroker = adapter({
  vault: z.strictObject({
    adapter: z
      .literal("keycloak-broker")
      .describe("Tokens that Keycloak stores of other providers (identity-brokering-api:v2)."),
    publicClient: z.string().min(1).describe("The client in whose name a person links an account."),
    returnTo: z.string().min(1).describe("A redirect of that client, where the person ends."),
  }),
  target: z.strictObject({
    alias: z.string().min(1).describe("The provider, as Keycloak calls it."),
    clientId: z
      .string()
      .optional()
      .describe("The client that may read this provider's tokens; the facade's own if absent."),
    clientSecret: secretPlace.optional(),
  }),
  ask: async ({ vault, target, person, idp, secret, wire }) => {
    const client = { clientId: target.clientId ?? idp.clientId, clientAuth: "basic" as const };
    const held = await secret(target.clientSecret ?? idp.clientSecret);
    const url = `${idp.issuer}/broker/${encodeURIComponent(target.alias)}/token`;
    const request = clientForm(url, client, held, { token: person.token.reveal() });
    const link = new URL(`${idp.issuer}/protocol/openid-connect/auth`);
    link.search = new URLSearchParams({
      client_id: vault.publicClient,
      redirect_uri: vault.returnTo,
      response_type: "code",
      scope: "openid",
      kc_action: `idp_link:${target.alias}`,
    }).toString();
    const connect: FacadeAnswer = { kind: "connect", url: link.href, reason: "Link your account first." };
    return askVault(wire, request, keycloakBrokerRules(connect), grantedToken);
  },
});
