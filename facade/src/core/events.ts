import type { Clock } from "../../../src/core/ports.ts";
import { Wakers } from "./changes.ts";

/** What a signed-in editor hears without asking; docs/facade.md, "Events". */
export type EditorEvent =
  { readonly type: "session-revoked" } | { readonly type: "connector-changed"; readonly connector: string };

export type EventsAnswer =
  | { readonly kind: "events"; readonly events: readonly EditorEvent[]; readonly cursor: string }
  /** Events may have been missed since. */
  | { readonly kind: "unknownCursor" };

interface Told {
  readonly at: number;
  readonly event: EditorEvent;
}

/** What one person has been told, oldest first. */
interface History {
  readonly told: readonly Told[];
  /** Events of this person up to here are not among them any more. */
  readonly forgotten: number;
  readonly untilMs: number;
}

const kept = 20;
const keptMs = 60 * 60_000;

/** Events of each person, in order. A cursor holds for the process that gave it: another one says that it is unknown. */
export class EditorEvents {
  readonly wakers: Wakers;
  readonly #byPerson = new Map<string, History>();
  readonly #clock: Clock;
  readonly #epoch = crypto.randomUUID().slice(0, 8);
  #last = 0;
  /** Events of people who are not in the map up to here may have been forgotten. */
  #forgotten = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.wakers = new Wakers(clock);
  }

  tell(subject: string, event: EditorEvent): void {
    this.#last += 1;
    const before = this.#byPerson.get(subject);
    const all = [...(before?.told ?? []), { at: this.#last, event }];
    const forgotten = all.at(-kept - 1)?.at ?? before?.forgotten ?? 0;
    this.#byPerson.delete(subject);
    this.#byPerson.set(subject, {
      ...{ told: all.slice(-kept), forgotten, untilMs: this.#clock.now() + keptMs },
    });
    this.#sweep();
    this.wakers.wake(subject);
  }

  /** Events after the cursor, or after now without one; waits for the first one. */
  async after(
    subject: string,
    cursor: string | undefined,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<EventsAnswer> {
    const after = cursor === undefined ? this.#last : this.#placeOf(cursor);
    if (after === undefined || this.#hasForgotten(subject, after)) return { kind: "unknownCursor" };
    if (this.#since(subject, after).length === 0) await this.wakers.wait(subject, waitMs, signal);
    if (this.#hasForgotten(subject, after)) return { kind: "unknownCursor" };
    const events = this.#since(subject, after).map(({ event }) => event);
    // The newest of all: who hears of nothing for hours keeps a cursor that is known.
    return { kind: "events", events, cursor: `${this.#epoch}.${this.#last}` };
  }

  #placeOf(cursor: string): number | undefined {
    const [epoch, at, ...rest] = cursor.split(".");
    const place = Number(at);
    if (epoch !== this.#epoch || rest.length > 0 || !Number.isSafeInteger(place)) return undefined;
    return place < this.#forgotten || place > this.#last ? undefined : place;
  }

  #hasForgotten(subject: string, after: number): boolean {
    return after < (this.#byPerson.get(subject)?.forgotten ?? 0);
  }

  #since(subject: string, after: number): readonly Told[] {
    return (this.#byPerson.get(subject)?.told ?? []).filter(({ at }) => at > after);
  }

  /** The oldest come first, for each event puts its person last. */
  #sweep(): void {
    for (const [subject, { told, untilMs }] of this.#byPerson) {
      if (untilMs > this.#clock.now()) return;
      this.#forgotten = Math.max(this.#forgotten, told.at(-1)?.at ?? 0);
      this.#byPerson.delete(subject);
    }
  }
}
