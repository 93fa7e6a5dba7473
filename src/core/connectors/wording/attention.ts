import type { SessionNeed } from "../../identity/session.ts";
import type { StepUpMethod } from "../../credentials/grant.ts";
import type { BoardEntry } from "../board/boardEntry.ts";
import { lastAnswer, type Status } from "../board/status.ts";

/** What the person can do about it. */
export type NeedKind = "review" | "signIn" | "connect" | "stepUp" | "approveElsewhere" | "reconnect";

/** A connector that needs the person. */
export interface Need {
  readonly connectorId: string;
  readonly name: string;
  readonly kind: NeedKind;
  /** Names why, so that it is said once: a sign-in is one cause for all connectors that share it. */
  readonly cause: string;
  /** What they compare on their phone. */
  readonly bindingMessage?: string;
}

type Row = Pick<BoardEntry, "connector" | "status" | "refusedAtMs">;

export interface AttentionInput {
  readonly entries: readonly Row[];
  /** The causes that were said. */
  readonly told: ReadonlySet<string>;
  /** They are doing something about their connectors at this moment. */
  readonly isPersonBusy: boolean;
  readonly isMuted: (connectorId: string) => boolean;
  /** They have the connectors before them, with the button to review them and what to type: that is as good as said. */
  readonly isInSight: boolean;
}

export interface Attention {
  /** All that is to be said now, together. */
  readonly speakOf: readonly Need[];
  /** What counts as said from now on. */
  readonly told: ReadonlySet<string>;
}

/** The cause of all connectors that wait for approval: said once, whatever comes later. */
export const reviewCause = "review";

/**
 * Which connectors to speak of. Pure. Never twice for one cause, never while the person acts or a first check is under
 * way; a cause that is over and comes back is another one.
 */
export const attention = (input: AttentionInput): Attention => {
  const { entries, told, isPersonBusy, isMuted, isInSight } = input;
  const kept = stillTold(entries, told);
  if (isPersonBusy || entries.some(({ status }) => isUnsettled(status))) return { speakOf: [], told: kept };
  const untold = entries.flatMap((row) => {
    const need = needOf(row, row.status);
    return need === undefined || kept.has(need.cause) || isMuted(row.connector.id) ? [] : [need];
  });
  return {
    speakOf: untold.filter(({ kind }) => !(isInSight && (kind === "review" || kind === "reconnect"))),
    told: new Set([...kept, ...untold.map(({ cause }) => cause)]),
  };
};

/** Whether any of them still needs the person for the same cause. */
export const isStillNeeded = (needs: readonly Need[], entries: readonly Row[]): boolean => {
  const causes = new Set(
    entries.flatMap((row) => needOf(row, lastAnswer(row.status) ?? row.status)?.cause ?? []),
  );
  return needs.some(({ cause }) => causes.has(cause));
};

const isUnsettled = (status: Status): boolean =>
  status.kind === "unchecked" || (status.kind === "checking" && status.last === undefined);

/** Causes that are still there. Whoever has been signed in knows how: a sign-out of theirs is no news to them. */
const stillTold = (entries: AttentionInput["entries"], told: ReadonlySet<string>): ReadonlySet<string> => {
  const lasting = [...told].filter((cause) => cause === reviewCause || cause.startsWith(neverSignedIn));
  const present = entries.flatMap((row) => {
    const answer = lastAnswer(row.status) ?? row.status;
    const signIn = answer.kind === "granted" ? [signInCause(row.connector.userAuth, "never")] : [];
    const cause = needOf(row, answer)?.cause;
    return cause !== undefined && told.has(cause) ? [...signIn, cause] : signIn;
  });
  return new Set([...lasting, ...present]);
};

const neverSignedIn = "signIn never ";

const signInCause = ({ issuer, clientId }: SessionNeed, why: string): string =>
  `signIn ${why} ${JSON.stringify([issuer, clientId])}`;

const isSent = (how: StepUpMethod): how is Extract<StepUpMethod, { readonly kind: "push" }> =>
  how.kind === "push" && how.unsent !== true;

const needOf = ({ connector, refusedAtMs }: Row, status: Status): Need | undefined => {
  const { id, name, userAuth } = connector;
  const need = (kind: NeedKind, cause: string): Need => ({ connectorId: id, name, kind, cause });
  switch (status.kind) {
    case "unapproved":
      return need("review", reviewCause);
    case "needsConnection":
      return need("connect", `connect ${id}`);
    case "signedOut":
      return need("signIn", signInCause(userAuth, status.cause));
    case "stepUp": {
      const { how } = status;
      if (!isSent(how)) return need("stepUp", `stepUp ${how.kind} ${id}`);
      const { bindingMessage } = how;
      return { ...need("approveElsewhere", `push ${bindingMessage} ${id}`), bindingMessage };
    }
    case "granted":
      return refusedAtMs === undefined ? undefined : need("reconnect", `reconnect ${refusedAtMs} ${id}`);
    case "untrusted":
    case "unchecked":
    case "checking":
    case "pending":
    case "denied":
    case "misconfigured":
    case "unavailable":
      return undefined;
  }
};
