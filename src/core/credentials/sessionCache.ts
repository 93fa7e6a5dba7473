import type { Connector } from "../config/connector.ts";
import type { SourceResult } from "./grant.ts";
import type { Secret } from "../secret.ts";
import type { WithLock } from "../identity/context.ts";
import { SingleFlight } from "../retry/singleFlight.ts";

/** Something that a source must remember between two questions; never a connector's credential. */
export interface CachedValue {
  readonly value: Secret;
  readonly expiresAtMs: number;
  /** Undoes it at the vault when the person signs out (a Vault token is revoked). */
  readonly release?: () => Promise<void>;
}

/** Names what is remembered for an entry. Another question, or another place for its answer, begins anew. */
export const keyOfEntry = (
  what: "deferral" | "connect",
  { id, url, credential }: Pick<Connector, "id" | "url" | "credential">,
): string => JSON.stringify([what, id, url, credential]);

/**
 * What sources remember between questions, in memory, by identity session: the code of a deferred answer, the page
 * that a vault made for connecting, a vault's own token. Whoever owns the sessions calls `forget` at their end.
 */
export class SessionCache {
  /** Steps that several connectors share while they are under way, such as one login at a vault. */
  readonly flights = new SingleFlight<string, SourceResult>();
  readonly #sessions = new Map<string, Map<string, CachedValue>>();
  readonly #ended = new Map<string, number>();
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #lock: WithLock;

  /** @param lock keeps other windows out; without other windows it runs the work directly. */
  constructor(lock: WithLock = (_name, work) => work({ holdFor: () => undefined })) {
    this.#lock = lock;
  }

  /**
   * One after another under a name, in whichever window: for a vault in which questions that overlap harm each other.
   * @throws LanyardError `timedOut` when another window does not finish.
   */
  async alone<T>(name: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(name) ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => this.#lock(name, work));
    this.#turns.set(name, turn);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(name) === turn) this.#turns.delete(name);
    }
  }

  /** `undefined` once it has expired. */
  get(sessionId: string, key: string, nowMs: number): CachedValue | undefined {
    const kept = this.#sessions.get(sessionId)?.get(key);
    if (kept === undefined || kept.expiresAtMs > nowMs) return kept;
    this.drop(sessionId, key);
    return undefined;
  }

  /** Which of a session's lives this is: a value that was asked for in one is of no use in the next. */
  life(sessionId: string): number {
    return this.#ended.get(sessionId) ?? 0;
  }

  put(sessionId: string, key: string, kept: CachedValue): void {
    const ofSession = this.#sessions.get(sessionId) ?? new Map<string, CachedValue>();
    ofSession.set(key, kept);
    this.#sessions.set(sessionId, ofSession);
  }

  /** @param value drops it only where it is still this one: somebody else may have replaced it. */
  drop(sessionId: string, key: string, value?: Secret): void {
    const ofSession = this.#sessions.get(sessionId);
    if (value !== undefined && ofSession?.get(key)?.value !== value) return;
    ofSession?.delete(key);
  }

  /** Drops all of a session and undoes it at the vaults. Never rejects: what cannot be undone expires by itself. */
  async forget(sessionId: string): Promise<void> {
    const ofSession = [...(this.#sessions.get(sessionId)?.values() ?? [])];
    this.#sessions.delete(sessionId);
    this.#ended.set(sessionId, this.life(sessionId) + 1);
    await Promise.allSettled(ofSession.map(async (kept) => kept.release?.()));
  }

  /** The same for all sessions: whoever remembers goes. */
  async forgetAll(): Promise<void> {
    await Promise.all([...this.#sessions.keys()].map((sessionId) => this.forget(sessionId)));
  }
}
