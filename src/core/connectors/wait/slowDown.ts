import type { Grant } from "../../credentials/grant.ts";
import { lastAnswer, type Status } from "../board/status.ts";
import { hasExpired, isWaiting, noFasterThan, pollTermsOf, type Waiting } from "./waiting.ts";

/** What every further question waits longer after a `slow_down` (RFC 8628, section 3.5). */
export const slowDownMs = 5_000;

/**
 * A `slow_down` says only that the question came too soon. What is waited for, with its URL and its words, stays what
 * it was known to be, as long as that has not expired.
 */
export const keepBetterKnown = (
  grant: Grant,
  status: Status,
  nowMs: number,
): { readonly grant: Grant; readonly slowDown?: true } => {
  if (grant.kind === "stepUp" && grant.how.kind === "push" && grant.how.slowDown === true) {
    return { grant, slowDown: true };
  }
  if (grant.kind !== "pending" || grant.slowDown !== true) return { grant };
  const known = waitingIn(status, nowMs);
  return { grant: known === undefined ? grant : noFasterThan(known, grant.intervalMs), slowDown: true };
};

const waitingIn = (status: Status, nowMs: number): Waiting | undefined => {
  const answer = lastAnswer(status);
  if (answer === undefined) return undefined;
  const { evidence: _evidence, lastKnown: _lastKnown, ...finding } = answer;
  if (finding.kind === "granted" || !isWaiting(finding)) return undefined;
  return hasExpired(pollTermsOf(finding), nowMs) ? undefined : finding;
};
