import type { TokenEndpointResponse, TokenEndpointResponseHelpers } from "openid-client";
import * as z from "zod";
import { LanyardError } from "../../errors.ts";
import { Secret } from "../../secret.ts";

/** What openid-client's grants resolve with. */
export type TokenEndpointReply = TokenEndpointResponse & TokenEndpointResponseHelpers;

/** A token reply as the records hold it. */
export interface Tokens {
  readonly accessToken: Secret;
  readonly accessTokenFromMs: number;
  readonly accessTokenExpiresAtMs?: number;
  readonly refreshToken?: Secret;
  readonly idToken?: Secret;
  readonly grantedScopes?: readonly string[];
  /** Present exactly when `idToken` is. */
  readonly claims?: Claims;
}

const text = z.string().min(1).max(2048).optional().catch(undefined);

const claimsShape = z.object({
  sub: z.string(),
  iat: z.number(),
  auth_time: z.number().optional(),
  acr: text,
  preferred_username: text,
  email: text,
  name: text,
});

/** What Lanyard reads of an ID token that openid-client has validated (OpenID Connect Core, sections 2 and 5.1). */
export type Claims = z.output<typeof claimsShape>;

/** Ten years: longer lifetimes are no lifetimes, and their sum stays a safe integer. */
const longestSeconds = 10 * 365 * 24 * 3600;

/** `b64token` of RFC 6750, section 2.1: what a header can carry, a terminal does not obey, and nobody takes for words. */
const bearerToken = /^[A-Za-z0-9\-._~+/]+=*$/;

/** Whether an access token is made of the characters that one has (RFC 6750, section 2.1). */
export const isBearerToken = (token: string): boolean => bearerToken.test(token);

/**
 * @param idToken as it was sent: the one in `reply` may have been mended.
 * @throws LanyardError `badReply` for an access token that no request could carry
 */
export const tokensOf = (
  reply: TokenEndpointReply,
  receivedAtMs: number,
  idToken = reply.id_token,
): Tokens => {
  if (!isBearerToken(reply.access_token)) {
    throw new LanyardError("badReply", "The access token holds characters that no token has (RFC 6750).");
  }
  const validated = reply.claims();
  const claims = validated === undefined ? undefined : claimsShape.parse(validated);
  const seconds = reply.expires_in;
  return {
    accessToken: new Secret(reply.access_token),
    accessTokenFromMs: Math.floor(receivedAtMs),
    ...(seconds === undefined
      ? {}
      : { accessTokenExpiresAtMs: Math.floor(receivedAtMs + Math.min(seconds, longestSeconds) * 1000) }),
    ...(reply.refresh_token === undefined ? {} : { refreshToken: new Secret(reply.refresh_token) }),
    ...(idToken === undefined ? {} : { idToken: new Secret(idToken) }),
    ...(reply.scope === undefined ? {} : { grantedScopes: scopesOf(reply.scope) }),
    ...(claims === undefined ? {} : { claims }),
  };
};

/** Scope is a list separated by spaces, in which order and repetition mean nothing (RFC 6749, section 3.3). */
const scopesOf = (text: string): readonly string[] => [
  ...new Set(text.split(" ").filter((scope) => scope !== "")),
];
