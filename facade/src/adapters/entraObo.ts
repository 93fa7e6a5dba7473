import * as z from "zod";
import { deadSubject, notSetUp, unavailable, type FacadeAnswer } from "../core/answer.ts";
import { secureAddress, vaultClient } from "../core/config/parts.ts";
import { clientForm, textOf } from "../core/wire.ts";
import { adapter, askVault, type FailureRule } from "./adapter.ts";
import { grantedToken } from "./oauth.ts";

/**
 * What Entra answers, from its documents; no live tenant was called. A missing consent and a dead token are the same
 * `invalid_grant`, and numbers in its text are not to be read: with a page for consent it is taken for the former.
 */
export const entraRules = (consent: FacadeAnswer | undefined): readonly FailureRule[] => [
  {
    error: "interaction_required",
    has: "claims",
    then: ({ body }) => ({
      ...{ kind: "stepUp", reason: "Entra asks for a stronger sign-in." },
      claims: textOf(body, "claims") ?? "",
    }),
  },
  {
    error: "interaction_required",
    then: () => ({ kind: "stepUp", reason: "Entra asks you to sign in again.", maxAgeSeconds: 0 }),
  },
  { error: "invalid_grant", then: () => consent ?? deadSubject("Entra refused the user's token.") },
  { error: "invalid_scope", then: () => notSetUp("Entra knows no such scope.") },
  { error: "invalid_resource", then: () => notSetUp("Entra knows no such resource.") },
  { error: "invalid_client", then: () => unavailable("Entra refuses the facade's secret.") },
];

/** Entra's on-behalf-of flow, by the application that the user's token is for. */
export const entraObo = adapter({
  vault: z.strictObject({
    adapter: z.literal("entra-obo").describe("Entra, on behalf of the person."),
    tokenEndpoint: secureAddress.describe("https://login.microsoftonline.com/TENANT-ID/oauth2/v2.0/token"),
    clientId: vaultClient.clientId,
    clientSecret: vaultClient.clientSecret,
  }),
  target: z.strictObject({
    scope: z.string().min(1).describe("Such as https://graph.microsoft.com/.default"),
    consentPage: secureAddress.optional().describe("Where the person consents, where that is still to do."),
  }),
  ask: async ({ vault, target, person, secret, wire }) => {
    const consent: FacadeAnswer | undefined =
      target.consentPage === undefined
        ? undefined
        : { kind: "connect", url: target.consentPage, reason: "Consent first." };
    const client = { clientId: vault.clientId, clientAuth: "post" as const };
    const request = clientForm(vault.tokenEndpoint, client, await secret(vault.clientSecret), {
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      assertion: person.token.reveal(),
      scope: target.scope,
      requested_token_use: "on_behalf_of",
    });
    return askVault(wire, request, entraRules(consent), grantedToken);
  },
});
