import * as oauth from "openid-client";
import { LanyardError } from "../errors.ts";
import { platformCodesIn } from "../platformCodes.ts";
import { plainText } from "../text.ts";
import { NoMetadataError } from "./idp/discovery.ts";

/** An error of ours, also where openid-client has wrapped it. */
export const ownErrorIn = (error: unknown): LanyardError | undefined => {
  for (let current = error, depth = 0; current instanceof Error && depth < 8; depth += 1) {
    if (current instanceof LanyardError) return current;
    current = current.cause;
  }
  return undefined;
};

/** An error that the IdP named itself (RFC 6749, sections 4.1.2.1 and 5.2). */
export interface OAuthAnswer {
  /** Empty for a challenge that names none. */
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
    const named = parameters?.error ?? "";
    return { error: named, status: error.status, ...described(parameters?.error_description) };
  }
  return undefined;
};

const described = (text: unknown): { readonly description?: string } =>
  typeof text === "string" ? { description: text } : {};

/** What the identity provider itself said, as plain text; nothing where it named nothing. */
export const wordsOf = ({ error, description }: OAuthAnswer): string => {
  if (description === undefined) return plainText(error);
  return plainText(error === "" ? description : `${description} (${error})`);
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

/** A token reply that is whole except for the ID token: openid-client keeps the body with the cause. */
export const lacksIdToken = ({ cause }: Error): boolean => {
  const body = isObject(cause) ? cause["body"] : undefined;
  return isObject(body) && typeof body["access_token"] === "string" && body["id_token"] === undefined;
};

/** Which claim or attribute differed: openid-client keeps it with the cause, one level deeper for its own checks. */
export const comparedName = (error: Error): string | undefined => {
  for (let current: unknown = error.cause, depth = 0; isObject(current) && depth < 3; depth += 1) {
    const name = current["attribute"] ?? current["claim"];
    if (typeof name === "string") return name;
    current = current["cause"];
  }
  return undefined;
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** The short name of what went wrong: the protocol's, else the platform's, else our own. */
export const codeOf = (error: unknown): string | undefined => {
  const answer = oauthErrorIn(error);
  if (answer !== undefined && answer.error !== "") return plainText(answer.error, 60);
  const own = ownErrorIn(error);
  const [platform] = own?.code === "network" ? platformCodesIn(own) : [];
  if (own !== undefined) return platform ?? own.code;
  return error instanceof oauth.ClientError ? error.code : undefined;
};
