import * as z from "zod";
import { deadSubject, notSetUp, unavailable } from "../core/answer.ts";
import { secretPlace } from "../core/config/parts.ts";
import { clientForm } from "../core/wire.ts";
import { adapter, askVault, type FailureRule } from "./adapter.ts";
import { exchangeGrant, grantedToken, tokenTypeOf } from "./oauth.ts";

/** What Keycloak 26.7 answers; its codes do not tell apart what its words do. */
export const keycloakExchangeRules: readonly FailureRule[] = [
  {
    error: "invalid_request",
    says: /^Invalid token/,
    then: () => deadSubject("Keycloak refused the user's token."),
  },
  {
    error: "invalid_request",
    says: /^Requested audience not available/,
    then: () => ({
      kind: "denied",
      by: "policy",
      reason: "Keycloak gives you no token for this: you lack the role, or the scope is not set up.",
    }),
  },
  {
    error: "invalid_request",
    says: /not enabled for the requested client/,
    then: () => notSetUp('Turn "Standard token exchange" on at the facade\'s client in Keycloak.'),
  },
  {
    error: "access_denied",
    says: /not within the token audience/,
    then: () => notSetUp("Give the public client an audience mapper for the facade's client in Keycloak."),
  },
  {
    error: "invalid_client",
    says: /Audience not found/,
    then: () => notSetUp("Keycloak knows no client of that audience."),
  },
  {
    error: "invalid_scope",
    says: /^Missing consents/,
    then: () => notSetUp("The facade's client asks for consent in Keycloak: turn that off."),
  },
  { error: "unauthorized_client", then: () => unavailable("Keycloak refuses the facade's secret.") },
];

/** Keycloak's standard token exchange (version 2), by the facade's client in the same realm. */
export const keycloakExchange = adapter({
  vault: z.strictObject({
    adapter: z
      .literal("keycloak-exchange")
      .describe("Keycloak's standard token exchange, in the realm that people sign in to."),
    clientId: z.string().optional().describe("The client that exchanges; the facade's own if absent."),
    clientSecret: secretPlace.optional(),
  }),
  target: z.strictObject({
    audience: z.string().min(1).describe("The client that the token is for."),
    scope: z.string().optional().describe("The scope whose audience mapper names that client."),
  }),
  ask: async ({ vault, target, person, idp, tokenEndpoint, secret, wire }) => {
    const endpoint = await tokenEndpoint();
    if (endpoint === undefined) return unavailable("Keycloak's metadata cannot be read now.");
    const form = {
      grant_type: exchangeGrant,
      subject_token: person.token.reveal(),
      subject_token_type: tokenTypeOf("access_token"),
      requested_token_type: tokenTypeOf("access_token"),
      audience: target.audience,
      scope: target.scope,
    };
    const client = { clientId: vault.clientId ?? idp.clientId, clientAuth: "basic" as const };
    const held = await secret(vault.clientSecret ?? idp.clientSecret);
    return askVault(wire, clientForm(endpoint, client, held, form), keycloakExchangeRules, grantedToken);
  },
});
