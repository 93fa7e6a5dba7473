import * as z from "zod";
import { deadSubject, notSetUp, type FacadeAnswer } from "../core/answer.ts";
import { vaultClient, secureAddress } from "../core/config/parts.ts";
import { clientForm, secondsOf, textOf, type WireReply } from "../core/wire.ts";
import { adapter, askVault, type FailureRule } from "./adapter.ts";

export const exchangeGrant = "urn:ietf:params:oauth:grant-type:token-exchange";
export const tokenTypeOf = (name: string): string => `urn:ietf:params:oauth:token-type:${name}`;

/** What any authorization server may answer (RFC 6749, 8693, 9470, and `interaction_uri` of the drafts). */
export const oauthRules: readonly FailureRule[] = [
  {
    error: "interaction_required",
    has: "interaction_uri",
    then: ({ body }) => ({
      kind: "connect",
      url: textOf(body, "interaction_uri") ?? "",
      reason: "Connect your account first.",
      ...expiryOf(body),
    }),
  },
  {
    error: "interaction_required",
    has: "claims",
    then: ({ body }) => ({ kind: "stepUp", reason: signInMore, claims: textOf(body, "claims") ?? "" }),
  },
  { error: "interaction_required", then: (reply) => stepUpOf(reply) },
  { error: "insufficient_user_authentication", then: (reply) => stepUpOf(reply) },
  { error: "login_required", then: () => ({ kind: "stepUp", reason: signInMore, maxAgeSeconds: 0 }) },
  { error: "authorization_pending", then: (reply) => pendingOf(reply) },
  { error: "interaction_pending", then: (reply) => pendingOf(reply) },
  { error: "slow_down", then: (reply) => pendingOf(reply) },
  {
    error: "access_denied",
    then: () => ({ kind: "denied", by: "policy", reason: "The vault's policy does not allow it." }),
  },
  { error: "invalid_target", then: () => notSetUp("The vault does not know what it was asked for.") },
  { status: 400, error: "invalid_request", then: () => deadSubject("The vault refused the user's token.") },
  { status: 400, error: "invalid_grant", then: () => deadSubject("The vault refused the user's token.") },
];

const signInMore = "The vault asks for a stronger sign-in.";

const expiryOf = (body: WireReply["body"]): { readonly expiresInSeconds?: number } => {
  const seconds = secondsOf(body, "expires_in");
  return seconds === undefined ? {} : { expiresInSeconds: seconds };
};

const stepUpOf = ({ body }: WireReply): FacadeAnswer => {
  const [acrValues, maxAge] = [textOf(body, "acr_values"), secondsOf(body, "max_age")];
  const url = textOf(body, "interaction_uri");
  return {
    ...{ kind: "stepUp", reason: signInMore },
    ...(acrValues === undefined ? {} : { acrValues }),
    ...(maxAge === undefined ? {} : { maxAgeSeconds: maxAge }),
    ...(acrValues === undefined && maxAge === undefined && url === undefined ? { maxAgeSeconds: 0 } : {}),
    ...(url === undefined ? {} : { url }),
  };
};

const pendingOf = ({ body }: WireReply): FacadeAnswer => {
  const bindingMessage = textOf(body, "binding_message");
  return {
    ...{ kind: "pending", reason: "Somebody has to approve it first." },
    ...(bindingMessage === undefined ? {} : { bindingMessage }),
    ...expiryOf(body),
  };
};

/** A token of a successful reply. One that is bound to a key is none: the connector's client cannot prove the key. */
export const grantedToken = ({ body }: WireReply): FacadeAnswer | undefined => {
  const token = textOf(body, "access_token");
  if (token === undefined) return undefined;
  const type = (textOf(body, "token_type") ?? "Bearer").toLowerCase();
  if (type !== "bearer" && type !== "n_a")
    return notSetUp("The vault binds its tokens to a key. It has to issue bearer tokens.");
  const scope = textOf(body, "scope");
  return {
    ...{ kind: "granted", token, tokenType: type === "bearer" ? "Bearer" : "N_A" },
    issuedTokenType: textOf(body, "issued_token_type") ?? tokenTypeOf("access_token"),
    ...expiryOf(body),
    ...(scope === undefined ? {} : { scope }),
  };
};

/** Any server of RFC 8693 that wants a client with a secret. */
export const oauth = adapter({
  vault: z.strictObject({
    adapter: z.literal("oauth").describe("Any token exchange (RFC 8693) for a client with a secret."),
    endpoint: secureAddress.describe("Its token endpoint."),
    ...vaultClient,
  }),
  target: z.strictObject({
    audience: z.string().optional(),
    resource: z.string().optional(),
    scope: z.string().optional(),
    requestedTokenType: z.string().optional(),
  }),
  ask: async ({ vault, target, person, secret, wire }) => {
    const form = {
      grant_type: exchangeGrant,
      subject_token: person.token.reveal(),
      subject_token_type: tokenTypeOf(person.tokenKind),
      audience: target.audience,
      resource: target.resource,
      scope: target.scope,
      requested_token_type: target.requestedTokenType,
    };
    const request = clientForm(vault.endpoint, vault, await secret(vault.clientSecret), form);
    return askVault(wire, request, oauthRules, grantedToken);
  },
});
