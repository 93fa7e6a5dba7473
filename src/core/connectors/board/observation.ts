import type * as z from "zod";
import { longerLived, type BoardEntry } from "./boardEntry.ts";
import { connectorKey } from "./lookup.ts";
import type { observationSchema } from "./observationSchema.ts";
import { transition } from "./transition.ts";
import { lanyardItself } from "../pipeline/problems.ts";
import { hasEvidence, type Observed, type Status } from "./status.ts";

/** What one window knows of an entry that another window shows too. */
export type Observation = z.infer<typeof observationSchema>;

/** @returns undefined where nothing was seen yet, or where nothing may be said: not trusted, not approved. */
export const observationOf = ({
  connector,
  status,
  lastAskedAtMs,
  lastIssued,
}: BoardEntry): Observation | undefined => {
  const seen = lastSeen(status);
  if (seen === undefined && lastAskedAtMs === undefined && lastIssued === undefined) return undefined;
  return {
    entry: connectorKey(connector),
    ...seen,
    ...(lastAskedAtMs === undefined ? {} : { lastAskedAtMs }),
    ...(lastIssued === undefined ? {} : { lastIssued }),
  };
};

const lastSeen = (status: Status): Pick<Observation, "finding" | "evidence"> | undefined => {
  const observed = status.kind === "checking" ? status.last : hasEvidence(status) ? status : undefined;
  if (observed === undefined || isOwnTrouble(observed)) return undefined;
  const { evidence, lastKnown: _other, ...finding } = observed;
  return { finding, evidence };
};

/** That this window could not get as far as asking says nothing of the connector. */
const isOwnTrouble = ({ kind, evidence }: Observed): boolean =>
  kind === "unavailable" && evidence.answeredBy === lanyardItself;

/** The row after another window's observation of the same entry: the newer answer counts, whoever got it. */
export const observed = (entry: BoardEntry, seen: Observation): BoardEntry => {
  if (entry.status.kind === "untrusted" || entry.status.kind === "unapproved") return entry;
  const status = newerStatus(entry.status, seen);
  const lastAskedAtMs = later(entry.lastAskedAtMs, seen.lastAskedAtMs);
  const { lastIssued: known } = entry;
  const lastIssued = seen.lastIssued === undefined ? known : longerLived(seen.lastIssued, known);
  if (status === entry.status && lastAskedAtMs === entry.lastAskedAtMs && lastIssued === entry.lastIssued) {
    return entry;
  }
  return {
    ...entry,
    status,
    ...(lastAskedAtMs === undefined ? {} : { lastAskedAtMs }),
    ...(lastIssued === undefined ? {} : { lastIssued }),
  };
};

const newerStatus = (status: Status, { finding, evidence }: Observation): Status => {
  if (finding === undefined || evidence === undefined) return status;
  const known = lastSeen(status)?.evidence;
  if (known !== undefined && evidence.atMs <= known.atMs) return status;
  return transition(status, { kind: "answer", finding, evidence });
};

/** The known one, unless the other is there and later. */
const later = (known: number | undefined, other: number | undefined): number | undefined =>
  other !== undefined && (known === undefined || other > known) ? other : known;
