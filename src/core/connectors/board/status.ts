import type * as z from "zod";
import type { grantStateSchema } from "../../credentials/grantSchema.ts";
import type { evidenceSchema } from "./observationSchema.ts";

/** Whether a connector may be acted on, and if not, why. */
export type Permission = "untrusted" | "unapproved" | "changed" | "approved";

/** What answered, when, and how to find it in the other side's logs (invariant 8 in docs/architecture.md). */
export type Evidence = z.infer<typeof evidenceSchema>;

/** A grant as the board keeps it: without its headers. */
export type GrantState = z.infer<typeof grantStateSchema>;

export type Observed = GrantState & {
  readonly evidence: Evidence;
  /** Beside `unavailable`: the last answer that came. */
  readonly lastKnown?: Observed;
};

/** What the board knows of one connector. */
export type Status =
  /** The folder is not trusted: shown, never acted on. */
  | { readonly kind: "untrusted" }
  /** Nobody has approved this entry, or it changed after it was approved. */
  | { readonly kind: "unapproved"; readonly changed: boolean }
  | { readonly kind: "unchecked" }
  | { readonly kind: "checking"; readonly last?: Observed }
  | Observed;

export type StatusKind = Status["kind"];

export const hasEvidence = (status: Status): status is Observed => "evidence" in status;

/** When a connector is asked again by itself; `undefined` for one whose status only somebody's act can change. */
export const retryAtOf = (status: Status): number | undefined =>
  status.kind === "unavailable" || status.kind === "misconfigured" ? status.retryAtMs : undefined;

/** The last answer that came, whatever is going on at the moment; a source that cannot be reached has not answered. */
export const lastAnswer = (status: Status): Observed | undefined => {
  switch (status.kind) {
    case "untrusted":
    case "unapproved":
    case "unchecked":
      return undefined;
    case "checking":
      return status.last === undefined ? undefined : lastAnswer(status.last);
    case "unavailable":
      return status.lastKnown;
    case "granted":
    case "needsConnection":
    case "stepUp":
    case "pending":
    case "denied":
    case "signedOut":
    case "misconfigured":
      return status;
  }
};
