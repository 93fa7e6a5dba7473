/** One line of the record: who asked for what, and what came of it. Nothing of it is a token. */
export interface AuditLine {
  readonly event: "exchange" | "connect" | "session-ended" | "signal-refused" | "signals-poll" | "store";
  readonly outcome: string;
  readonly subject?: string;
  readonly target?: string;
  readonly vault?: string;
  readonly reason?: string;
  readonly traceId?: string;
  readonly tookMs?: number;
}

export type AuditSink = (line: AuditLine) => void;
