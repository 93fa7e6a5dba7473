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
  /** The last credential that was handed out: what can still be used after the person is off-boarded. */
  readonly lastIssued?: { readonly atMs: number; readonly expiresAtMs?: number };
  /** What the last test of the connector itself found. */
  readonly lastTest?: TestReport;
}

/** Whether the person agreed to it as it stands, in a folder that they trust: only then anybody is asked, or signs in. */
export const mayBeAsked = ({ status }: Pick<BoardEntry, "status">): boolean =>
  status.kind !== "untrusted" && status.kind !== "unapproved";
