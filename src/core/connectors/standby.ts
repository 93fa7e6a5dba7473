import type { Disposable } from "../disposable.ts";
import type { Acts } from "./acts.ts";
import type { Answered, Pipeline } from "./pipeline.ts";
import type { Finding } from "./status.ts";
import type { Waits } from "./waits.ts";

/** Decided elsewhere: on the person's phone, or by whoever approves. */
export const isDecidedElsewhere = (finding: Finding): boolean =>
  finding.kind === "pending" || (finding.kind === "stepUp" && finding.how.kind === "push");

export interface StandbyParts {
  readonly pipeline: Pick<Pipeline, "onDidAnswer">;
  readonly waits: Pick<Waits, "follow" | "giveUp">;
  readonly acts: Acts;
}

/**
 * Waits on where a helper has to leave: once somebody has asked for something that is decided elsewhere, this window
 * follows it to its end, so that the row turns ready by itself and the next helper just works. A wait that starts over
 * at its end is not followed again until somebody asks.
 */
export class Standby implements Disposable {
  readonly #parts: StandbyParts;
  readonly #listening: Disposable;

  constructor(parts: StandbyParts) {
    this.#parts = parts;
    this.#listening = parts.pipeline.onDidAnswer((answered) => this.#look(answered));
  }

  /** Nobody waits for this connector any more; helpers that do are told what is known. */
  cancel(connectorId: string): void {
    this.#parts.acts.cancel(connectorId);
    this.#parts.waits.giveUp(connectorId);
  }

  dispose(): void {
    this.#listening.dispose();
  }

  /** While the answer is being told its question is still under way, so that following it costs no second one. */
  #look({ connectorId, askers, finding }: Answered): void {
    if (!isDecidedElsewhere(finding) || [...askers].every((asker) => asker === "wait")) return;
    const { acts, waits } = this.#parts;
    acts.run(connectorId, "elsewhere", (signal) => waits.follow(connectorId, signal)).catch(() => undefined);
  }
}
