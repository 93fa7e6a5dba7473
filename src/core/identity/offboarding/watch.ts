import { inBackground } from "../../background.ts";
import { pauseAfter } from "../../retry/backoff.ts";
import { disposable, type Disposable } from "../../disposable.ts";
import { forLog } from "../../errors.ts";
import type { Clock, Log } from "../../ports.ts";
import type { IdentityService, SessionInfo } from "../session.ts";
import type { SessionCheck, SessionHealth } from "./sessionCheck.ts";

export interface WatchParts {
  readonly identity: Pick<IdentityService, "list" | "onDidChange"> & SessionCheck;
  readonly clock: Clock;
  readonly log: Log;
  /** In [0, 1): spreads the checks of many machines. */
  readonly random: () => number;
  /** Time between two checks of one session. */
  readonly intervalMs: () => number;
  /** Whether the person looks at the editor: while they do not, half as many checks are enough. */
  readonly isFocused: () => boolean;
  /** Whether this window checks for all that share its sessions; the others check on suspicion alone. */
  readonly isLeader: () => boolean;
  /** Whether a policy lets the session's issuer be asked at all. */
  readonly isAllowed: (session: SessionInfo) => boolean;
}

/** One session under watch. */
interface Watched {
  readonly session: SessionInfo;
  timer: Disposable;
  checkedAtMs: number;
  /** Checks in a row to which the IdP gave no answer. */
  failures: number;
  isChecking: boolean;
  /** Something happened that the check under way may not know. */
  isSuspect: boolean;
}

/** Of the interval. */
const spread = [0.9, 1.1] as const;
/** An outage is not prolonged by those who wait for its end. */
const longestFactor = 8;
/** Whoever is suspicious all the time does not ask all the time. */
const shortestGapMs = 1000;

/**
 * Asks the IdP regularly whether the sessions still live, so that a revocation is noticed though nobody uses anything.
 * A check that finds the end of a session wipes it (`SessionCheck`); one that gets no answer changes nothing.
 */
export class Watch implements Disposable {
  readonly #parts: WatchParts;
  readonly #watched = new Map<string, Watched>();
  readonly #end = new AbortController();
  readonly #listening: Disposable;

  constructor(parts: WatchParts) {
    this.#parts = parts;
    this.#listening = parts.identity.onDidChange(({ removed }) => {
      for (const { id } of removed) this.#drop(id);
      inBackground("watch.look", () => this.#look());
    });
    inBackground("watch.look", () => this.#look());
  }

  /** How many sessions are under watch. */
  get size(): number {
    return this.#watched.size;
  }

  /** Something says that these sessions may be over: they are checked at once, whichever window leads. */
  suspect(which: (session: SessionInfo) => boolean): void {
    for (const watched of this.#watched.values()) {
      if (!which(watched.session)) continue;
      watched.isSuspect = true;
      if (!watched.isChecking) this.#schedule(watched, this.#gapLeftMs(watched));
    }
  }

  /** Interval, focus or leadership has changed: what is due by the change is done, the rest is put off by it. */
  reschedule(): void {
    const nowMs = this.#parts.clock.now();
    for (const watched of this.#watched.values()) {
      if (watched.isChecking || watched.isSuspect) continue;
      this.#schedule(watched, Math.max(0, watched.checkedAtMs + this.#delayMs(watched) - nowMs));
    }
  }

  dispose(): void {
    this.#end.abort();
    this.#listening.dispose();
    for (const id of [...this.#watched.keys()]) this.#drop(id);
  }

  /** Takes the sessions that there are under watch. A storage that cannot be read now tells of its next change. */
  async #look(): Promise<void> {
    const sessions = await this.#parts.identity.list().catch(() => undefined);
    if (sessions === undefined || this.#end.signal.aborted) return;
    const present = new Set(sessions.map(({ id }) => id));
    for (const id of [...this.#watched.keys()]) if (!present.has(id)) this.#drop(id);
    for (const session of sessions) if (!this.#watched.has(session.id)) this.#take(session);
  }

  #take(session: SessionInfo): void {
    const watched: Watched = {
      session,
      timer: disposable(() => undefined),
      checkedAtMs: this.#parts.clock.now(),
      failures: 0,
      isChecking: false,
      isSuspect: false,
    };
    this.#watched.set(session.id, watched);
    this.#schedule(watched, this.#delayMs(watched));
  }

  #drop(id: string): void {
    this.#watched.get(id)?.timer.dispose();
    this.#watched.delete(id);
  }

  #delayMs({ failures }: Watched): number {
    const { intervalMs, isFocused, random } = this.#parts;
    const firstMs = intervalMs() * (isFocused() ? 1 : 2);
    return pauseAfter(failures + 1, { firstMs, longestMs: firstMs * longestFactor, spread }, random);
  }

  #gapLeftMs({ checkedAtMs }: Watched): number {
    const sinceMs = this.#parts.clock.now() - checkedAtMs;
    return sinceMs < 0 || sinceMs >= shortestGapMs ? 0 : shortestGapMs - sinceMs;
  }

  #schedule(watched: Watched, delayMs: number): void {
    watched.timer.dispose();
    watched.timer = this.#parts.clock.after(delayMs, () =>
      inBackground("watch.check", () => this.#due(watched)),
    );
  }

  async #due(watched: Watched): Promise<void> {
    const { isLeader, isAllowed } = this.#parts;
    const { isSuspect } = watched;
    const mayCheck = isAllowed(watched.session) && (isSuspect || isLeader());
    watched.isSuspect = false;
    if (mayCheck) await this.#check(watched, isSuspect);
    if (this.#watched.get(watched.session.id) === watched) this.#schedule(watched, this.#nextMs(watched));
  }

  #nextMs(watched: Watched): number {
    return watched.isSuspect ? shortestGapMs : this.#delayMs(watched);
  }

  async #check(watched: Watched, isSuspect: boolean): Promise<void> {
    const { identity, clock, log } = this.#parts;
    const { id } = watched.session;
    watched.isChecking = true;
    let health: SessionHealth | undefined;
    try {
      health = await identity.check(id, this.#end.signal, isSuspect);
    } catch (error) {
      if (!this.#end.signal.aborted) log.warn("watch.failed", { session: id, error: forLog(error) });
    }
    watched.isChecking = false;
    watched.checkedAtMs = clock.now();
    watched.failures = health === undefined || health.kind === "unavailable" ? watched.failures + 1 : 0;
    if (health?.kind === "signedOut") this.#drop(id);
    log.debug("watch.checked", { session: id, health: health?.kind ?? "failed" });
  }
}
