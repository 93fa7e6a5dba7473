import type { Connector } from "../../config/connector.ts";
import type { TestReport } from "../../mcp/report.ts";
import type { Status } from "./status.ts";

/** One row: a connector, where it stands, and what is known of its use. */
export interface BoardEntry {
  readonly connector: Connector;
  readonly status: Status;
  /** When a helper last asked, in milliseconds since the epoch. */
  readonly lastAskedAtMs?: number;
  /** When Claude Code was last told that it gets nothing; absent once it has got something. Milliseconds. */
  readonly refusedAtMs?: number;
  /** Of what was handed out, that which can be used longest: what may live on after the person is off-boarded. */
  readonly lastIssued?: Issued;
  /** What the last test of the connector itself found. */
  readonly lastTest?: TestReport;
}

/** A credential, or a printed token, that has left; without an end, nobody knows when it ends. Milliseconds. */
export interface Issued {
  readonly atMs: number;
  readonly expiresAtMs?: number;
}

/** The one of two that can be used longer: a short-lived credential does not end the token that left before it. */
export const longerLived = <T extends Issued | undefined>(known: T, other: T): T =>
  endOf(other) >= endOf(known) ? other : known;

const endOf = (issued: Issued | undefined): number =>
  issued === undefined ? -Infinity : (issued.expiresAtMs ?? Infinity);

/** Whether the person agreed to it as it stands, in a folder that they trust: only then anybody is asked, or signs in. */
export const mayBeAsked = ({ status }: Pick<BoardEntry, "status">): boolean =>
  status.kind !== "untrusted" && status.kind !== "unapproved";
