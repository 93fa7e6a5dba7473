import type { Disposable } from "../../../../src/core/disposable.ts";
import { Emitter } from "../../../../src/core/emitter.ts";
import type { Clock } from "../../../../src/core/ports.ts";
import { passedAt, type FacadeStore, type PersonsLog } from "./store.ts";

interface Kept<Value> {
  readonly value: Value;
  readonly untilMs: number;
}

/** Old entries go when this many are there: each sweep is then paid for by as many that were added. */
const sweepAt = 1024;

/** Values that end by themselves. */
class Ending<Value> {
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

/** Of one process alone. */
export class MemoryStore implements FacadeStore {
  readonly #texts: Ending<string>;
  readonly #passed: Ending<number>;
  readonly #logs: Ending<PersonsLog["entries"]>;
  readonly #appended = new Emitter<string>();
  readonly #epoch = crypto.randomUUID().slice(0, 8);
  readonly #clock: Clock;
  #last = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#texts = new Ending(clock);
    this.#passed = new Ending(clock);
    this.#logs = new Ending(clock);
  }

  get(key: string): Promise<string | undefined> {
    return Promise.resolve(this.#texts.get(key));
  }

  set(key: string, value: string, lifeMs: number): Promise<void> {
    this.#texts.put(key, value, lifeMs);
    return Promise.resolve();
  }

  add(key: string, value: string, lifeMs: number): Promise<boolean> {
    if (this.#texts.get(key) !== undefined) return Promise.resolve(false);
    this.#texts.put(key, value, lifeMs);
    return Promise.resolve(true);
  }

  delete(key: string): Promise<void> {
    this.#texts.delete(key);
    return Promise.resolve();
  }

  pass(key: string, everyMs: number, most: number): Promise<number> {
    const now = this.#clock.now();
    const passed = passedAt(now, this.#passed.get(key), everyMs, most);
    if ("waitMs" in passed) return Promise.resolve(passed.waitMs);
    this.#passed.put(key, passed.fromMs, passed.fromMs - now);
    return Promise.resolve(0);
  }

  append(
    person: string,
    text: string,
    { most, lifeMs }: { readonly most: number; readonly lifeMs: number },
  ): Promise<void> {
    this.#last += 1;
    const all = [...(this.#logs.get(person) ?? []), { at: this.#last, text }];
    this.#logs.put(person, all.slice(-most), lifeMs);
    this.#appended.fire(person);
    return Promise.resolve();
  }

  read(person: string): Promise<PersonsLog> {
    const entries = this.#logs.get(person) ?? [];
    return Promise.resolve({ epoch: this.#epoch, last: this.#last, entries });
  }

  onAppended(listener: (person: string | undefined) => void): Disposable {
    return this.#appended.event(listener);
  }
}
