import type { BoardEntry } from "./boardEntry.ts";
import { lastAnswer, type Status, type StatusKind } from "./status.ts";

/** What is true of all connectors together: what commands and the walkthrough look at. */
export interface BoardFacts {
  readonly hasConnectors: boolean;
  /** At least one of a trusted folder is approved, so that it may be asked. */
  readonly hasApproved: boolean;
  readonly needsApproval: boolean;
  readonly needsConnection: boolean;
  /** A stronger sign-in or somebody's decision is wanted. */
  readonly needsStepUp: boolean;
  /** Every one was asked, at least one is ready, and none wants anything of the person. */
  readonly needsNothing: boolean;
  /** Claude Code has asked for at least one since this window or another that it knows of began. */
  readonly isUsed: boolean;
}

/** Pure. A check under way changes nothing until it is answered. */
export const boardFacts = (entries: readonly Pick<BoardEntry, "status" | "lastAskedAtMs">[]): BoardFacts => {
  const kinds = new Set(entries.map(({ status }) => kindOf(status)));
  return {
    hasConnectors: entries.length > 0,
    hasApproved: [...kinds].some(isApproved),
    needsApproval: kinds.has("unapproved"),
    needsConnection: kinds.has("needsConnection"),
    needsStepUp: kinds.has("stepUp") || kinds.has("pending"),
    needsNothing: kinds.has("granted") && !wanting.some((kind) => kinds.has(kind)),
    isUsed: entries.some(({ lastAskedAtMs }) => lastAskedAtMs !== undefined),
  };
};

/** The person approved it, in a folder that is trusted: it may be asked. */
export const isApproved = (kind: StatusKind): boolean => kind !== "untrusted" && kind !== "unapproved";

const kindOf = (status: Status): StatusKind => (lastAnswer(status) ?? status).kind;

const wanting: readonly StatusKind[] = [
  "untrusted",
  "unapproved",
  "unchecked",
  "checking",
  "needsConnection",
  "stepUp",
  "signedOut",
];
