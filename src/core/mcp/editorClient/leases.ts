import type { Disposable } from "../../disposable.ts";
import { Emitter } from "../../emitter.ts";
import type { Clock } from "../../ports.ts";

interface Lease {
  /** When the connection has to be given up. */
  readonly dueMs: number;
  readonly expiresAtMs: number;
}

/** A connection is given up this long before its credential expires, so that a call under way can still end. */
const longestMarginMs = 30_000;
/** A machine that sleeps stops its timers: no timer is longer than this, and the clock is read when it rings. */
const longestTimerMs = 30_000;

/** A vault that counts in seconds says the same end a little otherwise each time. */
const sameEndMs = 2_000;

/** How long before its expiry a credential is given up: at most half a minute, a quarter of the life of a short one. */
export const marginMs = (lifeMs: number): number => Math.min(longestMarginMs, Math.max(0, lifeMs) / 4);

/**
 * The credentials that are inside connections of a client that cannot be given another one. Such a connection has to
 * end before its credential does: the definition's version goes up, and the client asks anew when it starts again.
 * A credential without an expiry is given up only by `end`.
 */
export class Leases implements Disposable {
  readonly #clock: Clock;
  readonly #versions = new Map<string, number>();
  /** What was handed out under the present version; without an expiry, `undefined`. */
  readonly #running = new Map<string, Lease | undefined>();
  /** The end of the credential that was given up last. */
  readonly #givenUp = new Map<string, number>();
  readonly #expired = new Emitter<readonly string[]>();
  #timer: Disposable | undefined;

  /** The connectors whose version went up because their credential will expire soon. */
  readonly onDidExpire = this.#expired.event;

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  /** The version of a connector's definition: it differs whenever a connection that runs has to end. */
  version(connectorId: string): string {
    return String(this.#versions.get(connectorId) ?? 1);
  }

  /** A credential left for a connection. `expiresAtMs` is undefined when its vault did not say. */
  handOut(connectorId: string, expiresAtMs: number | undefined): void {
    const lease =
      expiresAtMs === undefined ? undefined : { dueMs: this.#dueMs(connectorId, expiresAtMs), expiresAtMs };
    this.#running.set(connectorId, lease);
    this.#wind();
  }

  /** A vault that gives out the same credential to its end has no better one before: then it is used to its end. */
  #dueMs(connectorId: string, expiresAtMs: number): number {
    const givenUp = this.#givenUp.get(connectorId);
    if (givenUp !== undefined && Math.abs(expiresAtMs - givenUp) <= sameEndMs) return expiresAtMs;
    return expiresAtMs - marginMs(expiresAtMs - this.#clock.now());
  }

  /** A connection with a credential of this connector has to end. @returns whether there may be one. */
  end(connectorId: string): boolean {
    if (!this.#running.delete(connectorId)) return false;
    this.#versions.set(connectorId, Number(this.version(connectorId)) + 1);
    this.#wind();
    return true;
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    this.#running.clear();
    this.#givenUp.clear();
    this.#expired.dispose();
  }

  /** One timer, for the lease that is due first. */
  #wind(): void {
    this.#timer?.dispose();
    const dues = [...this.#running.values()].flatMap((lease) => (lease === undefined ? [] : [lease.dueMs]));
    if (dues.length === 0) {
      this.#timer = undefined;
      return;
    }
    const untilMs = Math.max(0, Math.min(...dues) - this.#clock.now());
    this.#timer = this.#clock.after(Math.min(untilMs, longestTimerMs), () => this.#look());
  }

  #look(): void {
    const nowMs = this.#clock.now();
    const due = [...this.#running].flatMap(([id, lease]) => (lease && lease.dueMs <= nowMs ? [id] : []));
    for (const id of due) {
      const lease = this.#running.get(id);
      if (lease !== undefined) this.#givenUp.set(id, lease.expiresAtMs);
      this.end(id);
    }
    if (due.length > 0) this.#expired.fire(due);
    else this.#wind();
  }
}
