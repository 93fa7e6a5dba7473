import { plainText } from "../../text.ts";
import { hostOf } from "../../urls.ts";
import { oauthErrorIn, ownErrorIn, statusOf } from "../failures.ts";

/** What a refresh that failed means: the IdP has ended the session, or it could not be asked. */
export type RefreshFailure =
  { readonly kind: "refused" } | { readonly kind: "unavailable"; readonly reason: string };

/** Answers by which an IdP says that a person must sign in again (RFC 6749 section 5.2, OpenID Connect Core 3.1.2.6). */
const endings: readonly string[] = [
  "invalid_grant",
  "access_denied",
  "login_required",
  "interaction_required",
];

/** Anything that is not plainly the end of the session is an outage: a fault of the IdP signs nobody out. */
export const refreshFailureOf = (error: unknown, issuer: string): RefreshFailure => {
  const own = ownErrorIn(error);
  if (own !== undefined) return { kind: "unavailable", reason: own.message };
  const answer = oauthErrorIn(error);
  if (answer !== undefined && endings.includes(answer.error)) return { kind: "refused" };
  const host = hostOf(issuer);
  if (answer !== undefined) {
    const words = plainText(answer.description ?? answer.error);
    return { kind: "unavailable", reason: `${host} did not renew the session: ${words}` };
  }
  const status = statusOf(error);
  if (status !== undefined) return { kind: "unavailable", reason: `${host} answered with HTTP ${status}.` };
  return { kind: "unavailable", reason: `${host} sent an answer that cannot be used.` };
};
