import { inBackground } from "../../background.ts";
import { untilAborted } from "../../abort.ts";
import type { Grant } from "../../credentials/grant.ts";
import type { Clock } from "../../ports.ts";
import type { PipelineAnswer } from "../pipeline/question.ts";
import { slowDownMs } from "./slowDown.ts";
import { hasExpired, pollTermsOf, type PollTerms } from "./waiting.ts";

/** How long a vault that knows how may hold one poll: below the time limit on replies. */
const heldPollSeconds = 8;
/** Whatever interval a source names, two polls start at least this far apart. */
const shortestIntervalMs = 1_000;

export interface PollLoopParts {
  readonly connectorId: string;
  /** The answer that made waiting worth while. */
  readonly first: PipelineAnswer;
  /** What happened while that answer was on its way. */
  readonly missed: Readonly<Happenings>;
  readonly clock: Clock;
  readonly poll: (signal: AbortSignal, waitSeconds: number | undefined) => Promise<PipelineAnswer>;
  readonly onEnd: () => void;
}

/** What may have made an answer stale before it came. */
export interface Happenings {
  /** Something about this very connector: ask at once. */
  woken: boolean;
  /** Matters where no poll would notice it: to a wait for a stronger sign-in, or for any. */
  sessionChanged: boolean;
}

export interface Listening {
  /** Whether an answer is worth waiting on; the first that is not is what the listener gets. */
  readonly goesOn: (grant: Grant) => boolean;
  /** Milliseconds from now after which the latest answer has to do. */
  readonly withinMs?: number;
  readonly signal: AbortSignal;
}

interface Listener {
  readonly goesOn: (grant: Grant) => boolean;
  readonly hear: (answer: PipelineAnswer) => void;
}

/** One connector's wait: a poll loop that lives as long as somebody listens. */
export class PollLoop {
  readonly connectorId: string;
  readonly #parts: PollLoopParts;
  readonly #listeners = new Set<Listener>();
  readonly #over = new AbortController();
  #latest: PipelineAnswer;
  #terms: PollTerms | undefined;
  /** Only ever grows: a source that asked for patience once is not pressed again. */
  #intervalMs = 0;
  #polledAtMs: number;
  #polls = 0;
  /** Set by a source that cannot be reached. */
  #notBeforeMs: number | undefined;
  #missed: Happenings;
  #endPause = (): void => undefined;

  constructor(parts: PollLoopParts) {
    this.connectorId = parts.connectorId;
    this.#parts = parts;
    this.#latest = parts.first;
    this.#missed = { ...parts.missed };
    this.#polledAtMs = parts.clock.now();
    this.#learn(parts.first);
    inBackground("wait.poll", () => this.#watch());
  }

  get latest(): PipelineAnswer {
    return this.#latest;
  }

  /** The first answer that the listener does not want to wait on, or the latest when its time is up. */
  async join({ goesOn, withinMs, signal }: Listening): Promise<PipelineAnswer> {
    let hear = (_answer: PipelineAnswer): void => undefined;
    const heard = new Promise<PipelineAnswer>((resolve) => (hear = resolve));
    const listener: Listener = { goesOn, hear: (answer) => hear(answer) };
    this.#listeners.add(listener);
    const { clock } = this.#parts;
    const timer =
      withinMs === undefined ? undefined : clock.after(withinMs, () => this.#release(listener, this.#latest));
    try {
      return await untilAborted(heard, signal);
    } finally {
      timer?.dispose();
      this.#release(listener, this.#latest);
    }
  }

  /** Something happened that may change the answer: ask at once, or once more when a question is under way. */
  wake(): void {
    this.#missed.woken = true;
    this.#endPause();
  }

  /** Polls go on at their pace; a wait that has none asks at once. */
  sessionChanged(): void {
    this.#missed.sessionChanged = true;
    if (this.#terms === undefined) this.#endPause();
  }

  /** Takes in an answer, its own or one that came another way. */
  take(answer: PipelineAnswer): void {
    if (answer.grant.kind === "unavailable") {
      this.#notBeforeMs = answer.grant.retryAtMs;
      return;
    }
    this.#notBeforeMs = undefined;
    this.#latest = answer;
    this.#learn(answer);
    for (const listener of [...this.#listeners]) {
      if (!listener.goesOn(answer.grant)) this.#release(listener, answer);
    }
  }

  /** All who still listen get the latest answer. */
  end(): void {
    if (this.#isOver()) return;
    this.#over.abort();
    this.#parts.onEnd();
    this.#endPause();
    for (const listener of [...this.#listeners]) this.#release(listener, this.#latest);
  }

  #release(listener: Listener, answer: PipelineAnswer): void {
    listener.hear(answer);
    this.#listeners.delete(listener);
    if (this.#listeners.size === 0) this.end();
  }

  /** The question after the expiry is the last one: what it says stands, even if that is a wait that starts over. */
  async #watch(): Promise<void> {
    while (!this.#isOver()) {
      await this.#pause();
      if (this.#isOver()) return;
      this.#missed = { woken: false, sessionChanged: false };
      this.#polledAtMs = this.#parts.clock.now();
      const isLast = hasExpired(this.#terms, this.#polledAtMs);
      const answer = await this.#poll();
      if (answer !== undefined) this.take(answer);
      if (answer === undefined || isLast) this.end();
    }
  }

  #isOver(): boolean {
    return this.#over.signal.aborted;
  }

  async #poll(): Promise<PipelineAnswer | undefined> {
    this.#polls += 1;
    try {
      return await this.#parts.poll(this.#over.signal, this.#waitSeconds());
    } catch {
      return undefined;
    }
  }

  /** Not held past the expiry, whose outcome is asked for at once. */
  #waitSeconds(): number | undefined {
    if (this.#terms === undefined) return undefined;
    const leftMs = (this.#terms.expiresAtMs ?? Infinity) - this.#parts.clock.now();
    return leftMs <= 0 ? undefined : Math.min(heldPollSeconds, Math.ceil(leftMs / 1000));
  }

  /** A wait ends when the person was first told that it would, however often the source says "in five minutes". */
  #learn({ grant, slowDown }: PipelineAnswer): void {
    const before = this.#terms;
    const terms = pollTermsOf(grant);
    const expiresAtMs = Math.min(
      terms?.expiresAtMs ?? Infinity,
      (before?.kind === terms?.kind ? before?.expiresAtMs : undefined) ?? Infinity,
    );
    this.#terms = terms === undefined ? undefined : { ...terms, expiresAtMs };
    const slowerMs = slowDown === true ? this.#intervalMs + slowDownMs : 0;
    this.#intervalMs = Math.max(this.#intervalMs, terms?.intervalMs ?? 0, slowerMs);
  }

  /** When the next question is due by itself. */
  #dueMs(): number {
    if (this.#terms === undefined && this.#notBeforeMs === undefined) return Infinity;
    const intervalMs = Math.max(this.#intervalMs, this.#polls === 0 ? 0 : shortestIntervalMs);
    return Math.max(this.#polledAtMs + intervalMs, this.#notBeforeMs ?? 0);
  }

  /** Until the next question is due, somebody wakes it, or it is over. */
  async #pause(): Promise<void> {
    const { woken, sessionChanged } = this.#missed;
    if (woken || (sessionChanged && this.#terms === undefined)) return;
    const { clock } = this.#parts;
    const leftMs = this.#dueMs() - clock.now();
    const rung = new Promise<void>((resolve) => (this.#endPause = resolve));
    const timer = leftMs === Infinity ? undefined : clock.after(Math.max(0, leftMs), () => this.#endPause());
    await rung;
    timer?.dispose();
  }
}
