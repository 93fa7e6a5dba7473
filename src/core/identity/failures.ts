import * as oauth from "openid-client";
import { LanyardError } from "../errors.ts";
import { plainText } from "../text.ts";
import { hostOf } from "../urls.ts";
import { NoMetadataError, WrongIssuerError } from "./idp/discovery.ts";
import type { RedirectTaken, SignInFailure, SignInOutcome, SignInStep } from "./session.ts";

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
  noMetadata:
    "{0} has no metadata where the issuer in .mcp.json says. Check its spelling, the path and the slash at its end.",
  requestRefused:
    "{0} refused the sign-in's request. Register the redirect {2} for the client {1} there, or correct the two in .mcp.json.",
  unknownClient:
    "{0} does not know the client {1}, or does not let it sign people in. Check the client ID in .mcp.json, and that the client is public, with the authorization code grant.",
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

/** What a sign-in was about when it failed. */
export interface FailureContext {
  readonly clientId?: string;
  readonly redirectUri?: string;
  readonly step?: SignInStep;
}

/** What an error during a sign-in means. Classes and codes decide, never an error's message. */
export const failureOf = (error: unknown, issuer: string, about: FailureContext = {}): FailedSignIn => {
  const found = named(error, issuer, about);
  const status = statusOf(error);
  return {
    ...found,
    args: argsFor(found, about),
    ...(about.step === undefined ? {} : { step: about.step }),
    ...(status === undefined ? {} : { status }),
  };
};

const named = (error: unknown, issuer: string, about: FailureContext): FailedSignIn => {
  const own = ownErrorIn(error);
  if (own !== undefined) return withNote(failed(failureOfCode(own), issuer), ownNote(own));
  if (error instanceof WrongIssuerError) return wrongIssuer(issuer, error.found);
  if (error instanceof NoMetadataError)
    return failed(isOutage(error.status) ? "unreachable" : "noMetadata", issuer);
  const answer = oauthErrorIn(error);
  if (answer !== undefined) return failed(failureOfOAuthError(answer, about), issuer, wordsOf(answer));
  return failed(failureOfCheck(error, about), issuer);
};

const argsFor = (
  { failure, args }: FailedSignIn,
  { clientId, redirectUri }: FailureContext,
): FailedSignIn["args"] =>
  failure === "unknownClient" || failure === "requestRefused"
    ? [...args.slice(0, 1), plainText(clientId ?? "?", 100), redirectUri ?? "?"]
    : args;

const withNote = (found: FailedSignIn, note: string | undefined): FailedSignIn =>
  note === undefined ? found : { ...found, note };

const isOutage = (status: number): boolean => status >= 500 || status === 429;

const manyTenants =
  "{0} serves many tenants at this issuer. Write the one of your own tenant in .mcp.json, with its ID in the place of common, organizations or its domain.";
const otherSpelling =
  "{0} spells its issuer with one slash more or less. Write it in .mcp.json as it stands here: {1}";

/** Entra answers for `common` with a place to fill in, and for a domain with the tenant's ID. */
const wrongIssuer = (issuer: string, found: string): FailedSignIn => {
  const plain = failed("wrongIssuer", issuer, found);
  if (found.includes("{tenantid}")) return { ...plain, template: manyTenants };
  if (found.replace(/\/$/, "") !== issuer.replace(/\/$/, "")) return plain;
  return { ...plain, template: otherSpelling, args: [hostOf(issuer), found] };
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
const ownNote = (error: LanyardError): string | undefined =>
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

const failureOfOAuthError = ({ error, status }: OAuthAnswer, { step }: FailureContext): SignInFailure => {
  const known = byOAuthError.get(error);
  if (known !== undefined) return known;
  return failureOfStatus(status ?? 0, step);
};

/** A check of openid-client's that an answer did not pass. */
const failureOfCheck = (error: unknown, { step }: FailureContext): SignInFailure => {
  if (!(error instanceof oauth.ClientError)) return "rejected";
  switch (error.code) {
    case "OAUTH_JWT_TIMESTAMP_CHECK_FAILED":
      return "clockSkew";
    case "OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED":
      return comparedName(error) === "issuer" ? "wrongIssuer" : "rejected";
    case "OAUTH_JWT_CLAIM_COMPARISON_FAILED":
      return comparedName(error) === "iss" ? "wrongIssuer" : "rejected";
    case "OAUTH_RESPONSE_IS_NOT_CONFORM":
      return failureOfStatus(statusOf(error) ?? 0, step);
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
  return step === "request" ? "requestRefused" : "rejected";
};

/** The HTTP status of a reply that was not what the protocol says. */
export const statusOf = (error: unknown): number | undefined => {
  if (error instanceof NoMetadataError) return error.status;
  if (error instanceof oauth.WWWAuthenticateChallengeError || error instanceof oauth.ResponseBodyError) {
    return error.status;
  }
  return error instanceof oauth.ClientError && error.cause instanceof Response
    ? error.cause.status
    : undefined;
};

/** A token reply that is whole but for the ID token: openid-client keeps the body with the cause. */
const lacksIdToken = ({ cause }: Error): boolean => {
  const body = isObject(cause) ? cause["body"] : undefined;
  return isObject(body) && typeof body["access_token"] === "string" && body["id_token"] === undefined;
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
