import type { Disposable } from "../../../src/core/disposable.ts";
import type { Clock } from "../../../src/core/ports.ts";

/** A wait that has begun. */
interface Watch extends Disposable {
  /** Resolves at the next wake, when the time is over, the signal aborts or the watch is disposed of. Never rejects. */
  readonly over: Promise<void>;
}

/** Lets whoever waits for something about a person go on when it happens. */
export class Wakers {
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #clock: Clock;
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many wait now. */
  get size(): number {
    let count = 0;
    for (const { size } of this.#waiting.values()) count += size;
    return count;
  }

  wake(key: string): void {
    for (const go of [...(this.#waiting.get(key) ?? [])]) go();
  }

  wakeAll(): void {
    for (const key of [...this.#waiting.keys()]) this.wake(key);
  }

  /** Nobody waits any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Lets everybody go on, now and from now on. */
  close(): void {
    this.#isClosed = true;
    this.wakeAll();
  }

  watch(key: string, ms: number, signal: AbortSignal): Watch {
    if (signal.aborted || this.#isClosed || ms <= 0)
      return { over: Promise.resolve(), dispose: () => undefined };
    let go = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      const all = this.#waiting.get(key) ?? new Set();
      this.#waiting.set(key, all);
      go = (): void => {
        timer.dispose();
        signal.removeEventListener("abort", go);
        all.delete(go);
        if (all.size === 0 && this.#waiting.get(key) === all) this.#waiting.delete(key);
        resolve();
      };
      const timer = this.#clock.after(ms, go);
      signal.addEventListener("abort", go, { once: true });
      all.add(go);
    });
    return { over, dispose: () => go() };
  }

  wait(key: string, ms: number, signal: AbortSignal): Promise<void> {
    return this.watch(key, ms, signal).over;
  }
}
