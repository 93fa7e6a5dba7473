import { calculatePKCECodeChallenge, randomPKCECodeVerifier, randomState } from "openid-client";
import * as z from "zod";
import { deadSubject, unavailable, type FacadeAnswer } from "../core/answer.ts";
import { secureAddress, vaultClient } from "../core/config/parts.ts";
import { clientForm, type Wire, type WireReply } from "../core/wire.ts";
import {
  adapter,
  askVault,
  type ConnectBegin,
  type ConnectBegun,
  type ConnectFailed,
  type ConnectFinish,
  type ConnectFinished,
  type FailureRule,
} from "./adapter.ts";
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

interface Auth0 {
  readonly domain: string;
}
interface Auth0Target {
  readonly connection: string;
  readonly scopes: readonly string[];
  readonly loginHint?: string | undefined;
}

const begunSchema = z.looseObject({
  auth_session: z.string().min(1),
  connect_uri: z.url(),
  connect_params: z.looseObject({ ticket: z.string().min(1) }),
});

/** Asks the My Account API for its page ("Create a connected account request"). */
const beginAt = async ({
  vault,
  target,
  accessToken,
  returnTo,
  wire,
}: ConnectBegin<Auth0, Auth0Target>): Promise<ConnectBegun> => {
  const [state, verifier, token] = [randomState(), randomPKCECodeVerifier(), accessToken.reveal()];
  const result = await atMyAccount(wire, vault, "connect", token, {
    ...{ connection: target.connection, redirect_uri: returnTo, state },
    ...{
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    },
    // Auth0 refuses an empty list.
    ...(target.scopes.length === 0 ? {} : { scopes: target.scopes }),
    ...(target.loginHint === undefined ? {} : { authorization_params: { login_hint: target.loginHint } }),
  });
  if (result.kind === "failed") return result;
  const read = begunSchema.safeParse(result.body);
  if (!read.success) return { kind: "failed", reason: "Auth0 has named no page for it." };
  const url = new URL(read.data.connect_uri);
  url.searchParams.set("ticket", read.data.connect_params.ticket);
  return { kind: "go", url: url.href, keep: { state, verifier, token, session: read.data.auth_session } };
};

const finishAt = async ({
  vault,
  keep,
  query,
  returnTo,
  wire,
}: ConnectFinish<Auth0, Auth0Target>): Promise<ConnectFinished> => {
  const { state, verifier, token = "", session } = keep;
  if (state === undefined || query.get("state") !== state)
    return { kind: "failed", reason: "Auth0's answer is not the one to this page." };
  const code = query.get("connect_code");
  if (code === null) return { kind: "failed", reason: "Auth0 has not connected it." };
  const result = await atMyAccount(wire, vault, "complete", token, {
    ...{ auth_session: session, connect_code: code, redirect_uri: returnTo, code_verifier: verifier },
  });
  return result.kind === "failed" ? result : { kind: "connected" };
};

const atMyAccount = async (
  wire: Wire,
  { domain }: Auth0,
  what: "connect" | "complete",
  token: string,
  json: object,
): Promise<WireReply | ConnectFailed> => {
  const url = new URL(`/me/v1/connected-accounts/${what}`, domain).href;
  const result = await wire({ url, json, headers: { authorization: `Bearer ${token}` } });
  if (result.kind === "unreachable") return { kind: "failed", reason: "Auth0 does not answer now." };
  const { status } = result;
  if (status >= 200 && status < 300) return result;
  if (status === 429 || status >= 500) return { kind: "failed", reason: "Auth0 does not answer now." };
  return {
    kind: "failed",
    reason:
      status === 401 || status === 403
        ? "Auth0's My Account API does not take the facade's sign-in: its client has to be allowed to use it."
        : "Auth0 has refused to connect it.",
  };
};

/** Auth0 Token Vault, by an access token of the API whose custom API client the facade is. */
export const auth0TokenVault = adapter({
  vault: z.strictObject({
    adapter: z.literal("auth0-token-vault").describe("Auth0 Token Vault."),
    domain: secureAddress.describe("The tenant: https://ACME.auth0.com"),
    clientId: vaultClient.clientId,
    clientSecret: vaultClient.clientSecret,
  }),
  target: z.strictObject({
    connection: z.string().min(1).describe("Such as google-oauth2."),
    loginHint: z.string().optional(),
    scopes: z.array(z.string()).default([]).describe("Those that a connected account has to have."),
  }),
  ask: async ({ vault, target, person, secret, wire, page }) => {
    const connect: FacadeAnswer = {
      ...{ kind: "connect", url: await page(), reason: "Connect your account first." },
    };
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
  connect: {
    // The page's own sign-in is for the My Account API, where a person connects accounts.
    signIn: ({ domain }) => ({
      audience: new URL("/me/", domain).href,
      scope: "openid create:me:connected_accounts",
    }),
    begin: beginAt,
    finish: finishAt,
  },
});
