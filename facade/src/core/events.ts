import * as z from "zod";
import type { Clock } from "../../../src/core/ports.ts";
import { Wakers } from "./changes.ts";
import type { FacadeStore, PersonsLog } from "./state/store.ts";

const editorEvent = z.union([
  z.object({ type: z.literal("session-revoked") }),
  z.object({ type: z.literal("connector-changed"), connector: z.string() }),
]);
/** What a signed-in editor hears without asking; docs/facade.md, "Events". */
export type EditorEvent = Readonly<z.output<typeof editorEvent>>;

export type EventsAnswer =
  | { readonly kind: "events"; readonly events: readonly EditorEvent[]; readonly cursor: string }
  /** Events may have been missed since. */
  | { readonly kind: "unknownCursor" };

const kept = 20;
const keptMs = 24 * 60 * 60_000;
/** Between the clocks of several instances. */
const leewayMs = 60_000;

/**
 * Events of each person, in order, at whichever instance they came in. A cursor holds as long as what it may have to
 * tell is kept: an older one, or one of a store that has forgotten all, is unknown.
 */
export class EditorEvents {
  readonly wakers: Wakers;
  readonly #store: FacadeStore;
  readonly #clock: Clock;

  constructor(store: FacadeStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.wakers = new Wakers(clock);
    store.onAppended((person) => {
      if (person === undefined) this.wakers.wakeAll();
      else this.wakers.wake(person);
    });
  }

  tell(subject: string, event: EditorEvent): Promise<void> {
    return this.#store.append(subject, JSON.stringify(event), { most: kept, lifeMs: keptMs + leewayMs });
  }

  /** Events after the cursor, or after now without one; waits for the first one. */
  async after(
    subject: string,
    cursor: string | undefined,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<EventsAnswer> {
    // Before it is read what there is: what comes meanwhile counts.
    const watch = this.wakers.watch(subject, waitMs, signal);
    try {
      const now = await this.#store.read(subject);
      const after = cursor === undefined ? now.last : this.#placeOf(cursor, now);
      if (after === undefined) return { kind: "unknownCursor" };
      const found = this.#answer(after, now);
      if (found.kind === "unknownCursor" || found.events.length > 0) return found;
      await watch.over;
      const then = await this.#store.read(subject);
      return then.epoch === now.epoch ? this.#answer(after, then) : { kind: "unknownCursor" };
    } finally {
      watch.dispose();
    }
  }

  #answer(after: number, { epoch, last, entries }: PersonsLog): EventsAnswer {
    // As many as are kept: there may have been more between them and the cursor.
    const oldest = entries.length < kept ? undefined : entries[0];
    if (oldest !== undefined && oldest.at > after + 1) return { kind: "unknownCursor" };
    const events = entries
      .filter(({ at }) => at > after)
      .map(({ text }) => editorEvent.parse(JSON.parse(text)));
    // The newest of all: who hears of nothing for hours keeps a cursor that is known.
    return { kind: "events", events, cursor: `${epoch}.${last}.${this.#clock.now()}` };
  }

  #placeOf(cursor: string, { epoch, last }: PersonsLog): number | undefined {
    const [ofEpoch, ...rest] = cursor.split(".");
    const [place = Number.NaN, givenMs = Number.NaN] = rest.map(Number);
    const isPlace = Number.isSafeInteger(place) && place >= 0 && place <= last;
    const isKept = givenMs > this.#clock.now() - keptMs;
    return ofEpoch === epoch && rest.length === 2 && isPlace && isKept ? place : undefined;
  }
}
