/** One line of the audit log: who, when, which connector, which policy, what came of it. */
export interface AuditEntry {
  /** ISO 8601. */
  readonly at: string;
  /** Null when the token was dead, so that nobody knows whose it was. */
  readonly user: string | null;
  readonly connector: string | null;
  /** The rule that fired. */
  readonly policy: string;
  readonly outcome: string;
  /** The caller's trace, or for a connector's refusal that of the request which got the credential. */
  readonly traceId: string | null;
  readonly credentialId?: string;
}

const limit = 10_000;

/** What happened, newest last; the oldest entries go first when it is full. */
export class Audit {
  readonly #entries: AuditEntry[] = [];

  add(entry: Omit<AuditEntry, "at">): void {
    this.#entries.push({ at: new Date().toISOString(), ...entry });
    if (this.#entries.length > limit) this.#entries.shift();
  }

  entries(): readonly AuditEntry[] {
    return [...this.#entries];
  }
}
