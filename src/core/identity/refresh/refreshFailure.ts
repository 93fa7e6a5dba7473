import type { ErrorCode } from "../../errors.ts";
import { plainText } from "../../text.ts";
import { hostOf } from "../../urls.ts";
import { oauthErrorIn, ownErrorIn, statusOf, type OAuthAnswer } from "../errorsSeen.ts";
import { descriptionIn, isWord, wordIn, type TokenEndpointSaid } from "../signIn/tokenReply.ts";

/** What a refresh that failed means: the IdP has ended the session, or it could not be asked. */
export interface RefreshFailure {
  readonly kind: "refused" | "unavailable";
  readonly reason: string;
  /** It may have been done, and its reply lost: the refresh token may be used up. */
  readonly mayBeDone: boolean;
}

/** Refusals that are not about the session: the client's, the server's, or a pace. */
const aboutOthers: ReadonlySet<string> = new Set([
  "invalid_client",
  "invalid_client_metadata",
  "invalid_dpop_proof",
  "use_dpop_nonce",
  "server_error",
  "temporarily_unavailable",
  "internal_error",
  "internal_server_error",
  "service_unavailable",
  "timeout",
  "unauthorized",
]);
const aboutPace = /slow_down|rate|limit|quota|throttl|too_many|busy/;
/** Statuses of who never looked at the token: no such endpoint, a proxy, a pace. */
const elsewhere: ReadonlySet<number> = new Set([404, 405, 407, 408, 413, 414, 415, 425, 429, 431, 451]);

/**
 * An authorization server's own word in a 4xx reply (or, wrongly, in a 200) ends the session, whatever word it is: it has
 * looked at the refresh token and will not look at it otherwise the next time (RFC 6749, section 5.2). Pages, firewalls
 * and outages sign nobody out.
 * @param said the reply of the token endpoint, where there was one.
 */
export const refreshFailureOf = (
  error: unknown,
  issuer: string,
  said?: TokenEndpointSaid,
): RefreshFailure => {
  const own = ownErrorIn(error);
  if (own !== undefined)
    return { kind: "unavailable", reason: own.message, mayBeDone: mayBeDone.has(own.code) };
  const host = hostOf(issuer);
  const status = said?.status ?? statusOf(error);
  // With new tokens in it a reply is no refusal, whatever stands beside them.
  const isOutage = status !== undefined && status >= 500;
  const answer =
    isOutage || typeof said?.members?.["access_token"] === "string" ? undefined : answerIn(error, said);
  if (answer === undefined) return unreadable(host, status);
  const reason = `${host} did not renew the session: ${plainText(answer.description ?? answer.error)}`;
  return { kind: isRefusal(status, answer.error) ? "refused" : "unavailable", reason, mayBeDone: false };
};

/** Failures after which nobody knows what the server has done. */
const mayBeDone: ReadonlySet<ErrorCode> = new Set(["network", "timedOut", "replyTooLarge"]);

/** The reply itself comes first: openid-client reads none beside a `WWW-Authenticate`, and none that is no error of RFC 6749. */
const answerIn = (error: unknown, said: TokenEndpointSaid | undefined): OAuthAnswer | undefined => {
  const word = wordIn(said?.members);
  if (word === undefined) {
    const answer = oauthErrorIn(error);
    return answer !== undefined && isWord(answer.error) ? answer : undefined;
  }
  const description = descriptionIn(said?.members);
  return { error: word, ...(description === undefined ? {} : { description }) };
};

const unreadable = (host: string, status: number | undefined): RefreshFailure => ({
  kind: "unavailable",
  reason:
    status === undefined || status < 300
      ? `${host} sent an answer that cannot be used.`
      : `${host} answered with HTTP ${status}.`,
  mayBeDone: status !== undefined && (status >= 500 || status < 300),
});

const isRefusal = (status: number | undefined, word: string): boolean =>
  (status === undefined || !elsewhere.has(status)) && !aboutOthers.has(word) && !aboutPace.test(word);
