import type { Clock } from "../../ports.ts";
import { pauseAfter, type BackoffTerms } from "../../retry/backoff.ts";
import type { SessionAnswer } from "../session.ts";

export type Unavailable = Extract<SessionAnswer, { kind: "unavailable" }>;

const longestPauseMs = 30_000;
const pauses: BackoffTerms = { firstMs: 1000, longestMs: longestPauseMs, spread: [0.5, 1] };

/** Remembers, by session, that the IdP does not answer: the pauses between tries double, with jitter. */
export class Outages {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #running = new Map<string, { readonly failures: number; readonly answer: Unavailable }>();

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  /** What to answer instead of trying, while the pause lasts. A clock that was set back does not prolong it. */
  pausing(id: string): Unavailable | undefined {
    const outage = this.#running.get(id);
    if (outage === undefined) return undefined;
    const leftMs = outage.answer.retryAtMs - this.#clock.now();
    return leftMs > 0 && leftMs <= longestPauseMs ? outage.answer : undefined;
  }

  /** One more failure. */
  add(id: string, reason: string): Unavailable {
    const failures = (this.#running.get(id)?.failures ?? 0) + 1;
    const retryAtMs = Math.round(this.#clock.now() + pauseAfter(failures, pauses, this.#random));
    const answer: Unavailable = { kind: "unavailable", reason, retryAtMs };
    this.#running.set(id, { failures, answer });
    return answer;
  }

  end(id: string): void {
    this.#running.delete(id);
  }
}
