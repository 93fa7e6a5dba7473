import type { SourceResult } from "./grant.ts";
import type { Secret } from "../secret.ts";
import { SingleFlight } from "../retry/singleFlight.ts";

/** Something that a source must remember between two questions; never a connector's credential. */
export interface CachedValue {
  readonly value: Secret;
  readonly expiresAtMs: number;
  /** Undoes it at the vault when the person signs out (a Vault token is revoked). */
  readonly release?: () => Promise<void>;
}

/**
 * What sources remember between questions, in memory, by identity session: the code of a deferred answer, the page
 * that a vault made for connecting, a vault's own token. Whoever owns the sessions calls `forget` at their end.
 */
export class SessionCache {
  /** Steps that several connectors share while they are under way, such as one login at a vault. */
  readonly flights = new SingleFlight<string, SourceResult>();
  readonly #sessions = new Map<string, Map<string, CachedValue>>();

  /** `undefined` once it has expired. */
  get(sessionId: string, key: string, nowMs: number): CachedValue | undefined {
    const kept = this.#sessions.get(sessionId)?.get(key);
    if (kept === undefined || kept.expiresAtMs > nowMs) return kept;
    this.drop(sessionId, key);
    return undefined;
  }

  put(sessionId: string, key: string, kept: CachedValue): void {
    const ofSession = this.#sessions.get(sessionId) ?? new Map<string, CachedValue>();
    ofSession.set(key, kept);
    this.#sessions.set(sessionId, ofSession);
  }

  drop(sessionId: string, key: string): void {
    this.#sessions.get(sessionId)?.delete(key);
  }

  /** Drops all of a session and undoes it at the vaults. Never rejects: what cannot be undone expires by itself. */
  async forget(sessionId: string): Promise<void> {
    const ofSession = [...(this.#sessions.get(sessionId)?.values() ?? [])];
    this.#sessions.delete(sessionId);
    await Promise.allSettled(ofSession.map(async (kept) => kept.release?.()));
  }
}
