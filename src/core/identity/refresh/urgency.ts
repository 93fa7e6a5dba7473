import type { Clock } from "../../ports.ts";
import { pauseAfter } from "../../retry/backoff.ts";

const pauses = { firstMs: 60_000, longestMs: 15 * 60_000 };
/** After so long a quiet, the next refusal is a new story. */
const forgottenAfterMs = 60 * 60_000;

/**
 * How often a session whose access token is good by its time is renewed because somebody refuses that token: once,
 * then with pauses that double. Who refuses the new one as well would else have the identity provider make tokens
 * without end.
 */
export class Urgency {
  readonly #clock: Clock;
  readonly #renewed = new Map<string, { readonly times: number; readonly atMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  mayRenew(id: string): boolean {
    const last = this.#renewed.get(id);
    if (last === undefined) return true;
    const sinceMs = this.#clock.now() - last.atMs;
    return sinceMs < 0 || sinceMs >= pauseAfter(last.times, pauses);
  }

  /** Such a renewal brought a token. */
  add(id: string): void {
    const last = this.#renewed.get(id);
    const nowMs = this.#clock.now();
    const isRecent = last !== undefined && nowMs - last.atMs < forgottenAfterMs;
    this.#renewed.set(id, { times: isRecent ? last.times + 1 : 1, atMs: nowMs });
  }

  end(id: string): void {
    this.#renewed.delete(id);
  }
}
