import { json, oauthError, type PageReply } from "../../http/reply.ts";
import type { VaultAnswer } from "../answer.ts";

/** An answer that is not a credential. */
export type VaultRefusal = Exclude<VaultAnswer, { readonly kind: "granted" }>;

/** The status that a format gives to each refusal; bodies are the same everywhere. */
export type StatusOf = (refusal: VaultRefusal) => number;

/**
 * Refusals as OAuth errors: the names of RFC 6749, 8628, 8693 and 9470, with `interaction_uri` from
 * draft-parecki-oauth-jwt-grant-interaction-response.
 */
export const refusalReply = (refusal: VaultRefusal, statusOf: StatusOf): PageReply => {
  const status = statusOf(refusal);
  switch (refusal.kind) {
    case "needs-connection":
      return waiting(status, "interaction_required", "Connect your account first.", refusal, {
        interaction_uri: refusal.url,
      });
    case "step-up-url":
      return waiting(status, "insufficient_user_authentication", "Confirm on the vault's page.", refusal, {
        interaction_uri: refusal.url,
      });
    case "push":
      return waiting(status, "authorization_pending", "Approve the request on your phone.", refusal, {
        binding_message: refusal.bindingMessage,
      });
    case "push-unsent":
      return json(status, {
        error: "authorization_pending",
        error_description: "Ask because somebody wants it, and a push is sent.",
        unsent: true,
        interval: 1,
      });
    case "step-up":
      return json(status, {
        error: "insufficient_user_authentication",
        error_description: "Sign in again with a second factor.",
        acr_values: refusal.acrValues,
        max_age: refusal.maxAgeSeconds,
      });
    case "denied":
      return json(status, {
        error: "access_denied",
        error_description: refusal.reason,
        error_uri: refusal.helpUrl,
        denied_by: refusal.by,
      });
    case "expired":
      return oauthError(status, "expired_token", "Nobody approved the request in time.");
    case "down":
      return oauthError(status, "temporarily_unavailable", refusal.reason, {
        "retry-after": String(refusal.retryAfterSeconds),
      });
    case "dead-token":
      return oauthError(status, "invalid_request", refusal.reason);
    case "unknown-connector":
      return oauthError(status, "invalid_target", `The vault knows no connector "${refusal.asked}".`);
  }
};

const waiting = (
  status: number,
  error: string,
  description: string,
  refusal: { readonly intervalSeconds: number; readonly expiresInSeconds: number; readonly tooFast: boolean },
  more: Readonly<Record<string, string>>,
): PageReply =>
  json(refusal.tooFast ? 400 : status, {
    error: refusal.tooFast ? "slow_down" : error,
    error_description: refusal.tooFast ? "Ask less often." : description,
    ...more,
    interval: refusal.intervalSeconds,
    expires_in: refusal.expiresInSeconds,
  });
