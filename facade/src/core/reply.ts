import { isSecureUrl } from "../../../src/core/urls.ts";
import type { FacadeAnswer } from "./answer.ts";

/** An HTTP answer before any server. */
export interface FacadeReply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** Polls are held, so whoever waits asks again at once. */
const heldInterval = 0;

/** The answer table of docs/facade.md. Members without a value are left out. */
export const replyOf = (answer: FacadeAnswer, deferralCode?: string): FacadeReply => {
  switch (answer.kind) {
    case "granted":
      return reply(200, {
        access_token: answer.token,
        issued_token_type: answer.issuedTokenType,
        token_type: answer.tokenType,
        expires_in: answer.expiresInSeconds,
        scope: answer.scope,
      });
    case "connect":
      return withPage(answer.url, "interaction_required", answer.reason, {
        interval: heldInterval,
        expires_in: answer.expiresInSeconds,
      });
    case "stepUp":
      return stepUpReply(answer);
    case "pending":
      return requestFailure("authorization_pending", answer.reason, {
        binding_message: answer.bindingMessage,
        unsent: answer.unsent,
        interval: heldInterval,
        expires_in: answer.expiresInSeconds,
        deferral_code: deferralCode,
      });
    case "denied":
      return requestFailure("access_denied", answer.reason, {
        denied_by: answer.by,
        error_uri: answer.helpUrl !== undefined && isPage(answer.helpUrl) ? answer.helpUrl : undefined,
      });
    case "unavailable": {
      const retry =
        answer.retryAfterSeconds === undefined ? {} : { "retry-after": String(answer.retryAfterSeconds) };
      const status = answer.tooMany === true ? 429 : 503;
      return reply(status, errorBody("temporarily_unavailable", answer.reason), retry);
    }
    case "misconfigured":
      return requestFailure("unauthorized_client", answer.reason);
    case "deadSubject":
      return requestFailure("invalid_request", answer.reason);
    case "expired":
      return requestFailure("expired_token", answer.reason);
    case "unknownTarget":
      return requestFailure("invalid_target", "There are no credentials for this resource here.");
  }
};

/** What the question itself lacks (RFC 6749, section 5.2). */
export const requestFailure = (
  error: string,
  description: string,
  more: Readonly<Record<string, unknown>> = {},
): FacadeReply => reply(400, { ...errorBody(error, description), ...more });

const stepUpReply = (answer: Extract<FacadeAnswer, { kind: "stepUp" }>): FacadeReply => {
  const error = "insufficient_user_authentication";
  if (answer.url !== undefined) return withPage(answer.url, error, answer.reason, { interval: heldInterval });
  if (answer.claims !== undefined)
    return requestFailure("interaction_required", answer.reason, { claims: answer.claims });
  return requestFailure(error, answer.reason, {
    acr_values: answer.acrValues,
    max_age: answer.maxAgeSeconds,
  });
};

const withPage = (
  url: string,
  error: string,
  reason: string,
  more: Readonly<Record<string, unknown>>,
): FacadeReply =>
  isPage(url)
    ? requestFailure(error, reason, { interaction_uri: url, ...more })
    : requestFailure("unauthorized_client", "The vault named a page that is no https address.");

const isPage = (url: string): boolean => {
  const parsed = URL.parse(url);
  return parsed !== null && isSecureUrl(parsed);
};

const errorBody = (error: string, description: string): Readonly<Record<string, unknown>> => ({
  error,
  error_description: description,
});

const reply = (
  status: number,
  body: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): FacadeReply => ({
  status,
  body: Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)),
  headers: { "cache-control": "no-store", pragma: "no-cache", ...headers },
});
