import type { Clock } from "../../../../src/core/ports.ts";
import type { FacadeStore } from "./store.ts";

interface Kept {
  readonly value: string;
  readonly untilMs: number;
}

/** Old entries go when this many are there: each sweep is then paid for by as many that were added. */
const sweepAt = 1024;

/** Of one process alone. */
export class MemoryStore implements FacadeStore {
  readonly #kept = new Map<string, Kept>();
  readonly #clock: Clock;
  #sweepAt = sweepAt;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(key: string): Promise<string | undefined> {
    return Promise.resolve(this.#live(key)?.value);
  }

  set(key: string, value: string, lifeMs: number): Promise<void> {
    this.#put(key, value, lifeMs);
    return Promise.resolve();
  }

  add(key: string, value: string, lifeMs: number): Promise<boolean> {
    if (this.#live(key) !== undefined) return Promise.resolve(false);
    this.#put(key, value, lifeMs);
    return Promise.resolve(true);
  }

  delete(key: string): Promise<void> {
    this.#kept.delete(key);
    return Promise.resolve();
  }

  #live(key: string): Kept | undefined {
    const found = this.#kept.get(key);
    return found !== undefined && found.untilMs > this.#clock.now() ? found : undefined;
  }

  #put(key: string, value: string, lifeMs: number): void {
    this.#kept.set(key, { value, untilMs: this.#clock.now() + lifeMs });
    if (this.#kept.size < this.#sweepAt) return;
    const now = this.#clock.now();
    for (const [name, { untilMs }] of this.#kept) if (untilMs <= now) this.#kept.delete(name);
    this.#sweepAt = Math.max(sweepAt, this.#kept.size * 2);
  }
}
