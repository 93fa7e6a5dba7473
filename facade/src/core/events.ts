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

const kept = 20;
const keptMs = 60 * 60_000;

/** Events of each person, in order. A cursor holds for the process that gave it: another one says that it is unknown. */
export class EditorEvents {
  readonly wakers: Wakers;
  readonly #byPerson = new Map<string, { readonly told: readonly Told[]; readonly untilMs: number }>();
  readonly #clock: Clock;
  readonly #epoch = crypto.randomUUID().slice(0, 8);
  #last = 0;
  /** Events up to here may have been forgotten. */
  #forgotten = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.wakers = new Wakers(clock);
  }

  tell(subject: string, event: EditorEvent): void {
    this.#last += 1;
    const all = [...(this.#byPerson.get(subject)?.told ?? []), { at: this.#last, event }];
    const dropped = all.at(-kept - 1)?.at;
    if (dropped !== undefined) this.#forgotten = Math.max(this.#forgotten, dropped);
    this.#byPerson.delete(subject);
    this.#byPerson.set(subject, { told: all.slice(-kept), untilMs: this.#clock.now() + keptMs });
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
    if (after === undefined) return { kind: "unknownCursor" };
    if (this.#since(subject, after).length === 0) await this.wakers.wait(subject, waitMs, signal);
    const found = this.#since(subject, after);
    const at = found.at(-1)?.at ?? after;
    return { kind: "events", events: found.map(({ event }) => event), cursor: `${this.#epoch}.${at}` };
  }

  #placeOf(cursor: string): number | undefined {
    const [epoch, at, ...rest] = cursor.split(".");
    const place = Number(at);
    if (epoch !== this.#epoch || rest.length > 0 || !Number.isSafeInteger(place)) return undefined;
    return place < this.#forgotten || place > this.#last ? undefined : place;
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
