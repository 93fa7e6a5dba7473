import * as oauth from "openid-client";
import type { LanyardError } from "../errors.ts";
import { plainText } from "../text.ts";
import { hostOf } from "../urls.ts";
import {
  comparedName,
  lacksIdToken,
  oauthErrorIn,
  ownErrorIn,
  statusOf,
  wordsOf,
  type OAuthAnswer,
} from "./errorsSeen.ts";
import { NoMetadataError, WrongIssuerError } from "./idp/discovery.ts";
import type { RedirectTaken, SignInFailure, SignInOutcome, SignInStep } from "./session.ts";

export type FailedSignIn = Extract<SignInOutcome, { kind: "failed" }>;

/** `{0}` is the identity provider's host. Plain sentences: what happened, and what to do. */
const sentences: Readonly<Record<SignInFailure, string>> = {
  cancelled: "The sign-in at {0} was cancelled.",
  denied:
    "The sign-in at {0} was refused, there or by yourself. Sign in again if it was not meant, or ask its administrators for access.",
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
  noMetadata:
    "{0} has no metadata where the issuer in .mcp.json says. Check its spelling, the path and the slash at its end.",
  requestRefused:
    "{0} refused the sign-in's request. Register the redirect {2} for the client {1} there, or correct the two in .mcp.json.",
  unknownClient:
    "{0} does not know the client {1}, or does not let it sign people in. Check the client ID in .mcp.json, and that the client is public, with the authorization code grant.",
  notForPerson:
    "{0} does not let you use the client {1}. Ask its administrators to assign it to you, or to consent to it for everybody.",
  noIdToken: "{0} sent no ID token. The scope openid has to be granted to this person and this client there.",
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

const lostRedirect =
  "No answer to the sign-in at {0} came back from the browser in time. Start it again, and where the browser ends at a page that does not open, paste that page's address in the editor.";

/** The time is up: in the browser, or before. */
export const overdue = (issuer: string, step: SignInStep): FailedSignIn => {
  const found = failed("timedOut", issuer);
  return step === "browser" ? { ...found, template: lostRedirect } : found;
};

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

const foreignPlace =
  "{0} has the sign-in done at {1}, which is another identity provider's. The sign-in was not begun. Remove its connectors unless your administrators know it.";

/** The identity provider would send the person to another's page. */
export const foreignPage = (issuer: string, host: string): FailedSignIn => ({
  ...failed("mixUp", issuer),
  ...{ template: foreignPlace, args: [hostOf(issuer), plainText(host, 200)] },
});

/** What a sign-in was about when it failed. */
export interface FailureContext {
  readonly clientId?: string;
  readonly redirectUri?: string;
  readonly step?: SignInStep;
}

/** What an error during a sign-in means. Classes and codes decide, never an error's message. */
export const failureOf = (error: unknown, issuer: string, about: FailureContext = {}): FailedSignIn => {
  const found = named(error, issuer, about);
  return { ...found, args: argsFor(found, about) };
};

const named = (error: unknown, issuer: string, about: FailureContext): FailedSignIn => {
  const own = ownErrorIn(error);
  if (own !== undefined) return withNote(failed(failureOfCode(own), issuer), ownNote(own));
  if (error instanceof WrongIssuerError) return wrongIssuer(issuer, error.found);
  if (error instanceof NoMetadataError)
    return failed(isOutage(error.status) ? "unreachable" : "noMetadata", issuer);
  const answer = oauthErrorIn(error);
  if (answer !== undefined) {
    return closer(failed(failureOfOAuthError(answer, about), issuer, wordsOf(answer)), answer, about);
  }
  return failed(failureOfCheck(error, about), issuer);
};

const redirectRefused =
  "{0} does not accept the redirect {2} for the client {1}. Register it there to the letter, or write the registered one as redirectUri in .mcp.json.";
const codeRefused =
  "{0} does not let the client {1} sign people in by a code. Have the device authorization grant turned on for it there, or sign in by the browser.";

/** The sentence that says more, where more is known. */
const closer = (found: FailedSignIn, { error }: OAuthAnswer, { step }: FailureContext): FailedSignIn => {
  if (found.failure === "requestRefused" && error === "invalid_redirect_uri")
    return { ...found, template: redirectRefused };
  if (found.failure === "unknownClient" && step === "device" && error !== "invalid_client")
    return { ...found, template: codeRefused };
  return found;
};

const argsFor = (
  { failure, args }: FailedSignIn,
  { clientId, redirectUri }: FailureContext,
): FailedSignIn["args"] =>
  failure === "unknownClient" || failure === "requestRefused" || failure === "notForPerson"
    ? [...args.slice(0, 1), plainText(clientId ?? "?", 100), redirectUri ?? "?"]
    : args;

const withNote = (found: FailedSignIn, note: string | undefined): FailedSignIn =>
  note === undefined ? found : { ...found, note };

const isOutage = (status: number): boolean => status >= 500 || status === 429;

const manyTenants =
  "{0} serves many tenants at this issuer. Write the one of your own tenant in .mcp.json, with its ID in the place of common, organizations or its domain.";
const otherSpelling =
  "{0} spells its issuer with one slash more or less. Write it in .mcp.json as it stands here: {1}";

const otherName =
  "The metadata at {0} names another issuer: {1}. It was not used. Check the issuer in .mcp.json, and write that one if it is your company's.";

/** Entra answers for `common` with a place to fill in, and for a domain with the tenant's ID. */
const wrongIssuer = (issuer: string, found: string): FailedSignIn => {
  const plain = failed("wrongIssuer", issuer);
  if (found.includes("{tenantid}")) return { ...plain, template: manyTenants };
  const args = [hostOf(issuer), found];
  return isOtherSpelling(issuer, found)
    ? { ...plain, template: otherSpelling, args, spelling: found }
    : { ...plain, template: otherName, args };
};

/** The same issuer, a slash at the end aside. */
const isOtherSpelling = (issuer: string, found: string): boolean =>
  issuer !== found && found.replace(/\/$/, "") === issuer.replace(/\/$/, "");

const anotherAnswers =
  "The answer to the sign-in at {0} is by another identity provider: {1}. It was not used. Check the issuer in .mcp.json.";
const nobodyAnswers =
  "The answer to the sign-in at {0} does not say whose it is, as {0} has promised. It was not used. Start the sign-in again.";

/** The answer's `iss` (RFC 9207) is missing, or not the issuer's. */
export const foreignAnswer = (issuer: string, named: readonly string[]): FailedSignIn => ({
  ...failed("wrongIssuer", issuer),
  template: named.length === 0 ? nobodyAnswers : anotherAnswers,
  args: [hostOf(issuer), plainText(named.join(" "), 200)],
});

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
const ownNote = (error: LanyardError): string | undefined =>
  error.code === "cancelled" || error.code === "storageFailed" ? undefined : error.message;

/** By the error codes of RFC 6749 (4.1.2.1, 5.2), RFC 8628, RFC 9470 and the registration of RFC 7591. */
const byOAuthError: ReadonlyMap<string, SignInFailure> = new Map([
  ["access_denied", "denied"],
  ["expired_token", "timedOut"],
  ["unmet_authentication_requirements", "stepUpUnmet"],
  ["server_error", "unreachable"],
  ["temporarily_unavailable", "unreachable"],
  ["invalid_client", "unknownClient"],
  ["unauthorized_client", "unknownClient"],
  ["invalid_scope", "rejected"],
  ["invalid_redirect_uri", "requestRefused"],
]);

/**
 * Vendors' own words for a person who may not use a client: Okta's sentence; Entra's numbers for "not assigned to the
 * application" and "needs the consent of an administrator".
 */
const notForPersonWords = /^User is not assigned to the client application|\bAADSTS(?:50105|90094|90095)\b/;

const failureOfOAuthError = (
  { error, status, description = "" }: OAuthAnswer,
  { step }: FailureContext,
): SignInFailure => {
  if (notForPersonWords.test(description)) return "notForPerson";
  const known = byOAuthError.get(error);
  if (known !== undefined) return known;
  return failureOfStatus(status ?? 0, step);
};

/** openid-client's codes for a reply that is not what the protocol says: a status, a page, nothing at all. */
const unread: ReadonlySet<string> = new Set([
  "OAUTH_RESPONSE_IS_NOT_CONFORM",
  "OAUTH_RESPONSE_IS_NOT_JSON",
  "OAUTH_PARSE_ERROR",
]);

/** A check of openid-client's that an answer did not pass. */
const failureOfCheck = (error: unknown, { step }: FailureContext): SignInFailure => {
  if (!(error instanceof oauth.ClientError)) return "rejected";
  if (unread.has(error.code ?? "")) return failureOfStatus(statusOf(error) ?? 0, step);
  switch (error.code) {
    case "OAUTH_JWT_TIMESTAMP_CHECK_FAILED":
      return "clockSkew";
    case "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED":
      return comparedName(error) === "issuer" ? "wrongIssuer" : "rejected";
    case "OAUTH_JWT_CLAIM_COMPARISON_FAILED":
      return comparedName(error) === "iss" ? "wrongIssuer" : "rejected";
    case "OAUTH_INVALID_RESPONSE":
      return lacksIdToken(error) ? "noIdToken" : "rejected";
    case "OAUTH_TIMEOUT":
      return "unreachable";
    case "OAUTH_ABORT":
      return "cancelled";
    case undefined:
    default:
      return "rejected";
  }
};

/** A refusal without words. */
const failureOfStatus = (status: number, step: SignInStep | undefined): SignInFailure => {
  if (isOutage(status)) return "unreachable";
  return step === "par" ? "requestRefused" : "rejected";
};
