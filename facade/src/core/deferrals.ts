import type { Clock } from "../../../src/core/ports.ts";
import type { FacadePerson } from "./subject/person.ts";

interface DeferredQuestion {
  readonly person: FacadePerson;
  readonly target: string;
  readonly mayDefer: boolean;
}

const most = 10_000;

/**
 * Questions that are answered later, by a code that stands for the user's token. They hold tokens, so they are kept in
 * memory alone: a code that another instance gave is unknown, and the question is asked anew.
 */
export class Deferrals {
  readonly #open = new Map<string, DeferredQuestion>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(question: DeferredQuestion): string {
    for (const [code, { person }] of this.#open) {
      if (this.#open.size < most && !this.#isOver(person)) break;
      this.#open.delete(code);
    }
    const code = crypto.randomUUID() + crypto.randomUUID();
    this.#open.set(code, question);
    return code;
  }

  find(code: string): DeferredQuestion | undefined {
    const found = this.#open.get(code);
    if (found !== undefined && !this.#isOver(found.person)) return found;
    this.#open.delete(code);
    return undefined;
  }

  drop(code: string): void {
    this.#open.delete(code);
  }

  #isOver({ expiresAtSeconds }: FacadePerson): boolean {
    return expiresAtSeconds * 1000 <= this.#clock.now();
  }
}
