import type { Clock } from "../../ports.ts";
import type { SessionAnswer } from "../session.ts";

export type Unavailable = Extract<SessionAnswer, { kind: "unavailable" }>;

const firstPauseMs = 1000;
const longestPauseMs = 30_000;

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
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures - 1, 20));
    const retryAtMs = Math.round(this.#clock.now() + pauseMs * (0.5 + this.#random() / 2));
    const answer: Unavailable = { kind: "unavailable", reason, retryAtMs };
    this.#running.set(id, { failures, answer });
    return answer;
  }

  end(id: string): void {
    this.#running.delete(id);
  }
}
