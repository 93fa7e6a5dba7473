import type { Disposable } from "../../disposable.ts";
import { Emitter } from "../../emitter.ts";
import type { Clock } from "../../ports.ts";

interface Lease {
  /** When the connection has to be given up. */
  readonly dueMs: number;
}

/** A connection is given up this long before its credential expires, so that a call under way can still end. */
const longestMarginMs = 30_000;
/** A machine that sleeps stops its timers: no timer is longer than this, and the clock is read when it rings. */
const longestTimerMs = 30_000;

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
    const nowMs = this.#clock.now();
    this.#running.set(
      connectorId,
      expiresAtMs === undefined ? undefined : { dueMs: expiresAtMs - marginMs(expiresAtMs - nowMs) },
    );
    this.#wind();
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
    for (const id of due) this.end(id);
    if (due.length > 0) this.#expired.fire(due);
    else this.#wind();
  }
}
