import type { WithLock } from "../context.ts";

/** A lock that is handed over once there is one. Until then this window answers nobody, and need keep nobody out. */
export class LateLock {
  #lock: WithLock | undefined;

  readonly run: WithLock = (sessionId, work) =>
    this.#lock === undefined ? work({ holdFor: () => undefined }) : this.#lock(sessionId, work);

  use(lock: WithLock): void {
    this.#lock = lock;
  }
}
