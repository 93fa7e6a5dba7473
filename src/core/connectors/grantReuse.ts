import type { Connector } from "../config/connector.ts";
import type { Clock } from "../ports.ts";
import type { CredentialHeaders, SignOne } from "../credentials/grant.ts";
import type { BoardEntry } from "./board/boardEntry.ts";
import { connectorKey } from "./board/lookup.ts";

const defaultReuseSeconds = 10;

/** What was granted: headers, or who signs each request. */
export interface KeptGrant {
  readonly headers: CredentialHeaders;
  readonly sign?: SignOne;
  readonly expiresAtMs?: number;
  readonly traceId: string;
}

interface Kept extends KeptGrant {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/**
 * Grants that may be used again for some seconds, by the entry they are for. One is void once the board knows anything
 * newer of its connector than the answer that it came with (a check, a revocation, a sign-out, another entry), so no
 * header is given for a connector that is not granted now.
 */
export class GrantReuse {
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  keep(connector: Connector, grant: KeptGrant): void {
    const { expiresAtMs = Infinity } = grant;
    const { reuseSeconds = defaultReuseSeconds } = connector.userAuth;
    if (reuseSeconds === 0) return;
    const sinceMs = this.#clock.now();
    this.#kept.set(connectorKey(connector), {
      ...{ ...grant, sinceMs },
      untilMs: Math.min(sinceMs + reuseSeconds * 1000, expiresAtMs),
    });
  }

  /** The grant that still holds for this row of the board. */
  take({ connector, status }: BoardEntry): KeptGrant | undefined {
    this.#forgetOld();
    const kept = this.#kept.get(connectorKey(connector));
    if (kept === undefined) return undefined;
    if (status.kind === "granted" && status.evidence.traceId === kept.traceId) return kept;
    this.forget(connector);
    return undefined;
  }

  /** A server refused it. */
  forget(connector: Connector): void {
    this.#kept.delete(connectorKey(connector));
  }

  /** A clock that was set back makes nothing younger. */
  #forgetOld(): void {
    const nowMs = this.#clock.now();
    for (const [key, { sinceMs, untilMs }] of this.#kept) {
      if (nowMs >= untilMs || nowMs < sinceMs) this.#kept.delete(key);
    }
  }
}
