import * as oauth from "openid-client";
import { LanyardError } from "../errors.ts";
import { plainText } from "../text.ts";
import { hostOf } from "../urls.ts";
import { WrongIssuerError } from "./idp/discovery.ts";
import type { RedirectTaken, SignInFailure, SignInOutcome } from "./session.ts";

export type FailedSignIn = Extract<SignInOutcome, { kind: "failed" }>;

/** `{0}` is the identity provider's host. Plain sentences: what happened, and what to do. */
const sentences: Readonly<Record<SignInFailure, string>> = {
  cancelled: "The sign-in at {0} was cancelled.",
  denied: "{0} denied the sign-in. Ask its administrators if you should have access.",
  timedOut: "The sign-in at {0} was not completed in time. Start it again.",
  wrongState:
    "An answer came that does not belong to this sign-in at {0}. It was not used. Start the sign-in again.",
  wrongIssuer:
    "The answer to the sign-in at {0} names another identity provider. It was not used. Check the issuer in .mcp.json.",
  clockSkew:
    "The clocks of this machine and of {0} differ too much. Set this machine's date and time, then sign in again.",
  unreachable: "{0} cannot be reached or does not work at the moment. Check the network, then sign in again.",
  notPossibleHere:
    "Signing in at {0} is not possible from here: its answer cannot come back to this machine, and it offers no sign-in by code.",
  redirectTaken:
    "The sign-in at {0} comes back to {1}, but port {2} of this machine is in use or not allowed. End what uses it, then sign in again.",
  stepUpUnmet: "{0} did not confirm the stronger sign-in that was asked for. Sign in again and complete it.",
  storageFailed:
    "You signed in at {0}, but the editor's secret storage refused to keep the session. Set up the system's keyring, then sign in again.",
  mixUp:
    "{0} has the sign-in done at another identity provider, or could pass off another's answer as its own. The sign-in was not begun. Remove its connectors unless your administrators know it.",
  rejected: "{0} did not accept the sign-in. Check the client ID and the scopes in .mcp.json.",
};

/** A failure in words, for a sign-in at `issuer`; `detail` holds what the IdP itself said. */
export const failed = (failure: SignInFailure, issuer: string, detail?: string): FailedSignIn => ({
  kind: "failed",
  failure,
  template: sentences[failure],
  args: [hostOf(issuer)],
  ...(detail === undefined || detail.trim() === "" ? {} : { detail: plainText(detail) }),
});

const takenByProgram =
  "The sign-in at {0} comes back to {1}, but {3} has port {2} of this machine. End it, then sign in again.";

/** The port of the registered redirect is somebody else's. */
export const redirectTaken = (
  issuer: string,
  { redirectUri, port, program }: RedirectTaken,
): FailedSignIn => ({
  kind: "failed",
  failure: "redirectTaken",
  template: program === undefined ? sentences.redirectTaken : takenByProgram,
  args: [hostOf(issuer), redirectUri, String(port), ...(program === undefined ? [] : [program])],
});

/** What an error during a sign-in means. Classes and codes decide, never an error's message. */
export const failureOf = (error: unknown, issuer: string): FailedSignIn => {
  const own = ownErrorIn(error);
  if (own !== undefined) return failed(failureOfCode(own), issuer, ownDetail(own));
  if (error instanceof WrongIssuerError) return failed("wrongIssuer", issuer, error.found);
  const answer = oauthErrorIn(error);
  if (answer !== undefined) return failed(failureOfOAuthError(answer), issuer, wordsOf(answer));
  return failed(failureOfCheck(error), issuer);
};

/** An error of ours, also where openid-client has wrapped it. */
export const ownErrorIn = (error: unknown): LanyardError | undefined => {
  for (let current = error, depth = 0; current instanceof Error && depth < 8; depth += 1) {
    if (current instanceof LanyardError) return current;
    current = current.cause;
  }
  return undefined;
};

const failureOfCode = (error: LanyardError): SignInFailure => {
  switch (error.code) {
    case "cancelled":
      return "cancelled";
    case "storageFailed":
      return "storageFailed";
    case "network":
    case "timedOut":
      return "unreachable";
    case "replyTooLarge":
    case "redirectRefused":
    case "badReply":
    case "insecureUrl":
    case "agentUnreachable":
    case "endpointUnsafe":
    case "internal":
      return "rejected";
  }
};

/** Our own words help where the sentence is about the IdP's behaviour in general. */
const ownDetail = (error: LanyardError): string | undefined =>
  error.code === "cancelled" || error.code === "storageFailed" ? undefined : error.message;

/** An error that the IdP named itself (RFC 6749, sections 4.1.2.1 and 5.2). */
export interface OAuthAnswer {
  readonly error: string;
  readonly description?: string;
  readonly status?: number;
}

export const oauthErrorIn = (error: unknown): OAuthAnswer | undefined => {
  if (error instanceof oauth.AuthorizationResponseError) {
    return { error: error.error, ...described(error.error_description) };
  }
  if (error instanceof oauth.ResponseBodyError) {
    return { error: error.error, status: error.status, ...described(error.error_description) };
  }
  if (error instanceof oauth.WWWAuthenticateChallengeError) {
    const parameters = error.cause[0]?.parameters;
    const named = parameters?.error ?? "unauthorized";
    return { error: named, status: error.status, ...described(parameters?.error_description) };
  }
  return undefined;
};

const described = (text: unknown): { readonly description?: string } =>
  typeof text === "string" ? { description: text } : {};

const wordsOf = ({ error, description }: OAuthAnswer): string =>
  plainText(description === undefined ? error : `${description} (${error})`);

const failureOfOAuthError = ({ error, status }: OAuthAnswer): SignInFailure => {
  switch (error) {
    case "access_denied":
      return "denied";
    case "expired_token":
      return "timedOut";
    case "unmet_authentication_requirements":
      return "stepUpUnmet";
    case "server_error":
    case "temporarily_unavailable":
      return "unreachable";
    default:
      return status !== undefined && status >= 500 ? "unreachable" : "rejected";
  }
};

/** A check of openid-client's that an answer did not pass. */
const failureOfCheck = (error: unknown): SignInFailure => {
  if (!(error instanceof oauth.ClientError)) return "rejected";
  switch (error.code) {
    case "OAUTH_JWT_TIMESTAMP_CHECK_FAILED":
      return "clockSkew";
    case "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED":
      return comparedName(error) === "issuer" ? "wrongIssuer" : "rejected";
    case "OAUTH_JWT_CLAIM_COMPARISON_FAILED":
      return comparedName(error) === "iss" ? "wrongIssuer" : "rejected";
    case "OAUTH_RESPONSE_IS_NOT_CONFORM":
      return (statusOf(error) ?? 0) >= 500 ? "unreachable" : "rejected";
    case "OAUTH_TIMEOUT":
      return "unreachable";
    case "OAUTH_ABORT":
      return "cancelled";
    case undefined:
    default:
      return "rejected";
  }
};

/** The HTTP status of a reply that was not what the protocol says. */
export const statusOf = (error: unknown): number | undefined => {
  if (error instanceof oauth.WWWAuthenticateChallengeError || error instanceof oauth.ResponseBodyError) {
    return error.status;
  }
  return error instanceof oauth.ClientError && error.cause instanceof Response
    ? error.cause.status
    : undefined;
};

/** Which claim or attribute differed: openid-client keeps it with the cause, one level deeper for its own checks. */
const comparedName = (error: Error): string | undefined => {
  for (let current: unknown = error.cause, depth = 0; isObject(current) && depth < 3; depth += 1) {
    const name = current["attribute"] ?? current["claim"];
    if (typeof name === "string") return name;
    current = current["cause"];
  }
  return undefined;
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
