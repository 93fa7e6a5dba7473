import { startTrace } from "../trace.ts";
import type { Asker, PipelineAnswer } from "./answer.ts";

/** A question under way, and everyone's answer to it. */
export class Question {
  readonly trace = startTrace();
  readonly answer: Promise<PipelineAnswer>;
  readonly #askers = new Set<Asker>();
  readonly #isHeld: boolean;
  readonly #abandon = new AbortController();
  #listening = 0;

  /**
   * @param isHeld The source holds it until something happens: once nobody listens any more, it is let go of. Any other
   * question goes on without listeners, for what it learns is shown.
   */
  constructor(isHeld: boolean, put: (question: Question) => Promise<PipelineAnswer>) {
    this.#isHeld = isHeld;
    this.answer = Promise.resolve().then(() => put(this));
  }

  /** Everyone who shares the answer. */
  get askers(): ReadonlySet<Asker> {
    return this.#askers;
  }

  /** Fires when nobody wants to know any more. */
  get abandoned(): AbortSignal {
    return this.#abandon.signal;
  }

  /** Counts as listening for as long as `hear` takes. */
  async heardBy(
    asker: Asker,
    hear: (answer: Promise<PipelineAnswer>) => Promise<PipelineAnswer>,
  ): Promise<PipelineAnswer> {
    this.#askers.add(asker);
    this.#listening += 1;
    try {
      return await hear(this.answer);
    } finally {
      this.#listening -= 1;
      if (this.#isHeld && this.#listening === 0) this.#abandon.abort();
    }
  }
}
