import type { Clock } from "../../../../src/core/ports.ts";

interface Kept<Value> {
  readonly value: Value;
  readonly untilMs: number;
}

/** Old entries go when this many are there: each sweep is then paid for by as many that were added. */
const sweepAt = 1024;

/** Values that end by themselves. */
export class Ending<Value> {
  readonly #kept = new Map<string, Kept<Value>>();
  readonly #clock: Clock;
  #sweepAt = sweepAt;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(key: string): Value | undefined {
    const found = this.#kept.get(key);
    return found !== undefined && found.untilMs > this.#clock.now() ? found.value : undefined;
  }

  put(key: string, value: Value, lifeMs: number): void {
    const now = this.#clock.now();
    this.#kept.set(key, { value, untilMs: now + lifeMs });
    if (this.#kept.size < this.#sweepAt) return;
    for (const [name, { untilMs }] of this.#kept) if (untilMs <= now) this.#kept.delete(name);
    this.#sweepAt = Math.max(sweepAt, this.#kept.size * 2);
  }

  delete(key: string): void {
    this.#kept.delete(key);
  }
}
