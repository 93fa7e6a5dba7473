import type { Grant } from "../../credentials/grant.ts";

/** An answer that a person's act, and nothing else, changes. */
export type Waiting = Extract<Grant, { readonly kind: "needsConnection" | "stepUp" | "pending" }>;

export const isWaiting = (grant: Grant): grant is Waiting =>
  grant.kind === "needsConnection" || grant.kind === "stepUp" || grant.kind === "pending";

/** What a source says of asking again. */
export interface PollTerms {
  /** Which wait it is: another kind is another wait, with an end of its own. */
  readonly kind: string;
  readonly intervalMs: number;
  readonly expiresAtMs?: number;
}

/** `undefined` where asking again is of no use until something happens on this side. */
export const pollTermsOf = (grant: Grant): PollTerms | undefined => {
  if (grant.kind === "needsConnection" || grant.kind === "pending") return grant;
  return grant.kind === "stepUp" && grant.how.kind !== "reauthenticate" ? grant.how : undefined;
};

/** The same wait with no less than this interval. */
export const noFasterThan = (waiting: Waiting, intervalMs: number): Waiting => {
  const slower = <T extends { readonly intervalMs: number }>(offer: T): T => ({
    ...offer,
    intervalMs: Math.max(offer.intervalMs, intervalMs),
  });
  if (waiting.kind !== "stepUp") return slower(waiting);
  return waiting.how.kind === "reauthenticate" ? waiting : { ...waiting, how: slower(waiting.how) };
};

export const hasExpired = (offer: PollTerms | undefined, nowMs: number): boolean =>
  offer?.expiresAtMs !== undefined && offer.expiresAtMs <= nowMs;
