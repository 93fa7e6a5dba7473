import * as oauth from "openid-client";
import { Secret } from "../../secret.ts";
import { nameless } from "../signIn/acceptTokens.ts";
import { resourceParameter } from "../signIn/authorization.ts";
import { clientFor, clientOf } from "../idp/client.ts";
import type { IdentityContext } from "../context.ts";
import type { Proofs } from "../proofs/proof.ts";
import type { LiveRecord } from "../sessions/records.ts";
import { refreshFailureOf } from "./refreshFailure.ts";
import { claimsSent, mendedIdToken, TokenReplies } from "../signIn/tokenReply.ts";
import { tokensOf, type Tokens } from "../signIn/tokens.ts";

/** What came of asking the token endpoint for new tokens. */
export type Renewal =
  | { readonly kind: "renewed"; readonly record: LiveRecord }
  /** Its ID token names another person; the record holds what came in their name. */
  | { readonly kind: "otherPerson"; readonly record: LiveRecord }
  /** A new refresh token came, in a reply that cannot be used otherwise: the old one is used up. */
  | { readonly kind: "rotated"; readonly record: LiveRecord; readonly reason: string }
  | { readonly kind: "refused" }
  /** `mayBeDone`: it may have been done, and its reply lost. */
  | { readonly kind: "unavailable"; readonly reason: string; readonly mayBeDone: boolean };

export interface RenewalParts {
  readonly kit: IdentityContext;
  readonly proofs: Proofs;
}

/**
 * Spends the refresh token (RFC 6749, section 6). Nothing that the reply holds beside loses the refresh token in it: the
 * ID token is judged apart, and one that cannot be used is left out: the renewal does not need it.
 */
export const askForRenewal = async (
  { kit: context, proofs }: RenewalParts,
  id: string,
  record: LiveRecord,
  refreshToken: Secret,
  traceparent: string | undefined,
): Promise<Renewal> => {
  const { discovery, options, clock } = context;
  const replies = new TokenReplies(record.clientId, "keepBack");
  let tokens: Tokens;
  let metadata: oauth.ServerMetadata;
  try {
    metadata = await discovery.metadata(record.issuer, new AbortController().signal);
    const configuration = clientFor(metadata, {
      ...clientOf(record),
      fetch: context.fetch,
      replies,
      clockToleranceSeconds: options.clockToleranceSeconds,
      ...(traceparent === undefined ? {} : { traceparent }),
    });
    const reply = await oauth.refreshTokenGrant(
      configuration,
      refreshToken.reveal(),
      resourceParameter(record.resource),
      await proofs.optionFor(id, configuration, record.proofKey),
    );
    tokens = tokensOf(reply, clock.now());
  } catch (error) {
    const { kind, reason, mayBeDone } = refreshFailureOf(error, record.issuer, replies.said);
    const rotated = replies.text("refresh_token");
    if (rotated !== undefined && rotated !== refreshToken.reveal()) {
      return { kind: "rotated", record: { ...record, refreshToken: new Secret(rotated) }, reason };
    }
    return kind === "refused" ? { kind } : { kind, reason, mayBeDone };
  }
  const { claims: _none, grantedScopes = [], ...kept } = tokens;
  const { accessTokenExpiresAtMs: _expired, ...before } = record;
  const renewed: LiveRecord = {
    ...before,
    ...kept,
    scopes: [...new Set([...record.scopes, ...grantedScopes])],
  };
  return judged(context, metadata, renewed, replies.text("id_token"));
};

const judged = async (
  context: IdentityContext,
  metadata: oauth.ServerMetadata,
  renewed: LiveRecord,
  idToken: string | undefined,
): Promise<Renewal> => {
  if (idToken === undefined || renewed.subject === nameless) return { kind: "renewed", record: renewed };
  const subject = claimsSent(idToken)?.["sub"];
  if (typeof subject === "string" && subject !== "" && subject !== renewed.subject) {
    return { kind: "otherPerson", record: renewed };
  }
  if (await isUsable(context, metadata, renewed, idToken)) {
    return { kind: "renewed", record: { ...renewed, idToken: new Secret(idToken) } };
  }
  context.log.warn("identity.renewal.idTokenUnusable");
  return { kind: "renewed", record: renewed };
};

/** By openid-client's own checks (OpenID Connect Core, section 12.2), with a reply of which the ID token is all. */
const isUsable = async (
  { options }: IdentityContext,
  metadata: oauth.ServerMetadata,
  { clientId }: LiveRecord,
  idToken: string,
): Promise<boolean> => {
  const reply = {
    ...{ access_token: "none", token_type: "Bearer" },
    id_token: mendedIdToken(idToken, clientId),
  };
  const fetch = (): Promise<Response> => Promise.resolve(Response.json(reply));
  const configuration = clientFor(metadata, {
    clientId,
    fetch,
    clockToleranceSeconds: options.clockToleranceSeconds,
  });
  try {
    const judgedReply = await oauth.refreshTokenGrant(configuration, "none");
    tokensOf(judgedReply, 0);
    return true;
  } catch {
    return false;
  }
};
