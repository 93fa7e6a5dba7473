import type { Disposable } from "../../../../src/core/disposable.ts";
import { Emitter } from "../../../../src/core/emitter.ts";
import type { Clock } from "../../../../src/core/ports.ts";
import { Ending } from "./ending.ts";
import { passedAt, type FacadeStore, type PersonsLog } from "./store.ts";

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
