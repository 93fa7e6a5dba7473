import { startTrace } from "../../trace.ts";
import type { Grant, SignedOutCause } from "../../credentials/grant.ts";
import type { Evidence } from "../board/status.ts";

/** A question under way, and everyone's answer to it. */
export class Question {
  readonly trace = startTrace();
  readonly answer: Promise<PipelineAnswer>;
  readonly #requesters = new Set<Requester>();
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
  get requesters(): ReadonlySet<Requester> {
    return this.#requesters;
  }

  /** Fires when nobody wants to know any more. */
  get abandoned(): AbortSignal {
    return this.#abandon.signal;
  }

  /** Counts as listening for as long as `hear` takes. */
  async heardBy(
    requester: Requester,
    hear: (answer: Promise<PipelineAnswer>) => Promise<PipelineAnswer>,
  ): Promise<PipelineAnswer> {
    this.#requesters.add(requester);
    this.#listening += 1;
    try {
      return await hear(this.answer);
    } finally {
      this.#listening -= 1;
      if (this.#isHeld && this.#listening === 0) this.#abandon.abort();
    }
  }
}

/**
 * Who wants to know: a helper or the editor's own MCP client, who take the headers away with them; a person who
 * checks; or a wait that asks again and again until the person has done their part.
 */
export type Requester = "helper" | "editor" | "check" | "wait";

/** What a connector's question came to, and who says so. */
export interface PipelineAnswer {
  readonly grant: Grant;
  readonly evidence: Evidence;
  /** The source wants five seconds more between two questions (RFC 8628, section 3.5). */
  readonly slowDown?: true;
}

/** A question with the session that it is asked with, once there is one. */
export interface RunningQuestion {
  readonly end: AbortController;
  sessionId?: string;
}

/** Ends the questions of a session that is over. */
export class SessionEnded extends Error {
  override readonly name = "SessionEnded";
  readonly why: SignedOutCause;

  constructor(why: SignedOutCause) {
    super("The session has ended.");
    this.why = why;
  }
}
