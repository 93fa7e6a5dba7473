import type { Disposable } from "../../disposable.ts";
import type { Clock } from "../../ports.ts";
import type { Board } from "../board/board.ts";
import type { Pipeline } from "./pipeline.ts";
import { pauseAfter, type BackoffTerms } from "../../retry/backoff.ts";
import { hasEvidence, retryAtOf, type Evidence } from "../board/status.ts";

const delays: BackoffTerms = { firstMs: 2_000, longestMs: 5 * 60_000, spread: [1, 0.75] };

/** The delay before one more try: 2 s, doubling to 5 min, and up to a quarter less so that nobody tries in step. */
export const backoffMs = (triesBefore: number, random: number): number =>
  pauseAfter(triesBefore + 1, delays, () => random);

/** One connector's failures in a row. */
interface Loop {
  readonly tries: number;
  readonly dueMs: number;
  /** Absent while the try is under way. */
  readonly timer: Disposable | undefined;
  /** The failure that this loop last took in. */
  readonly evidence: Evidence;
}

export interface RecheckParts {
  readonly board: Board;
  readonly pipeline: Pick<Pipeline, "obtain">;
  readonly clock: Clock;
  /** From 0 up to 1, as `Math.random`. */
  readonly random: () => number;
}

/** Checks connectors again whose status may mend itself, ever less often, and says on the board when. */
export class Recheck implements Disposable {
  readonly #parts: RecheckParts;
  readonly #loops = new Map<string, Loop>();
  readonly #end = new AbortController();
  readonly #listening: Disposable;

  constructor(parts: RecheckParts) {
    this.#parts = parts;
    this.#listening = parts.board.onDidChange((ids) => this.#look(ids));
    this.#look(parts.board.entries().map(({ connector }) => connector.id));
  }

  /** How many connectors are in a failure loop. */
  get size(): number {
    return this.#loops.size;
  }

  dispose(): void {
    this.#end.abort();
    this.#listening.dispose();
    for (const id of [...this.#loops.keys()]) this.#forget(id);
  }

  #look(ids: readonly string[]): void {
    for (const id of ids) {
      const status = this.#parts.board.get(id)?.status;
      const retryAtMs = status === undefined ? undefined : retryAtOf(status);
      if (status !== undefined && hasEvidence(status) && retryAtMs !== undefined) {
        this.#failed(id, status.evidence, retryAtMs);
      } else if (status?.kind !== "checking") {
        const wasFailing = this.#forget(id);
        if (wasFailing && status?.kind === "granted") this.#healed(status.evidence.answeredBy);
      }
    }
  }

  /** Who answers one connector well again is likely to answer the others. */
  #healed(answeredBy: string): void {
    for (const [id, { evidence, timer }] of [...this.#loops]) {
      if (evidence.answeredBy !== answeredBy || timer === undefined) continue;
      timer.dispose();
      this.#try(id);
    }
  }

  /** A failure that others met while a try is due anyway changes nothing, unless the source asks for more patience. */
  #failed(id: string, evidence: Evidence, retryAtMs: number): void {
    const { clock, random } = this.#parts;
    const loop = this.#loops.get(id);
    if (loop?.evidence === evidence) return;
    const isDue = loop?.timer !== undefined;
    const tries = loop === undefined ? 0 : loop.tries + (isDue ? 0 : 1);
    const backedOffMs = isDue ? loop.dueMs : clock.now() + backoffMs(tries, random());
    const dueMs = Math.max(Math.round(backedOffMs), retryAtMs);
    loop?.timer?.dispose();
    const timer = clock.after(dueMs - clock.now(), () => this.#try(id));
    this.#loops.set(id, { tries, dueMs, timer, evidence });
    this.#parts.board.retryAt(id, dueMs);
  }

  #try(id: string): void {
    const loop = this.#loops.get(id);
    if (loop === undefined) return;
    this.#loops.set(id, { ...loop, timer: undefined });
    this.#parts.pipeline
      .obtain(id, { requester: "check", unasked: true, signal: this.#end.signal })
      .catch(() => undefined);
  }

  #forget(id: string): boolean {
    this.#loops.get(id)?.timer?.dispose();
    return this.#loops.delete(id);
  }
}
