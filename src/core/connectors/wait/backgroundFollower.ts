import type { Disposable } from "../../disposable.ts";
import type { UserActions } from "./userActions.ts";
import type { Answered, Pipeline } from "../pipeline/pipeline.ts";
import type { GrantState } from "../board/status.ts";
import type { WaitRegistry } from "./waitRegistry.ts";

/** Decided elsewhere: on the person's phone, or by whoever approves. */
const isDecidedElsewhere = (finding: GrantState): boolean =>
  finding.kind === "pending" ||
  (finding.kind === "stepUp" && finding.how.kind === "push" && finding.how.unsent !== true);

export interface BackgroundFollowerParts {
  readonly pipeline: Pick<Pipeline, "onDidAnswer">;
  readonly waits: Pick<WaitRegistry, "follow" | "giveUp">;
  readonly actions: UserActions;
}

/**
 * Waits on where a helper has to leave: once somebody has asked for something that is decided elsewhere, this window
 * follows it to its end, so that the row turns ready by itself and the next helper just works. A wait that starts over
 * at its end is not followed again until somebody asks.
 */
export class BackgroundFollower implements Disposable {
  readonly #parts: BackgroundFollowerParts;
  readonly #listening: Disposable;

  constructor(parts: BackgroundFollowerParts) {
    this.#parts = parts;
    this.#listening = parts.pipeline.onDidAnswer((answered) => this.#look(answered));
  }

  /** Nobody waits for this connector any more; helpers that do are told what is known. */
  cancel(connectorId: string): void {
    this.#parts.actions.cancel(connectorId);
    this.#parts.waits.giveUp(connectorId);
  }

  dispose(): void {
    this.#listening.dispose();
  }

  /** While the answer is being told its question is still under way, so that following it costs no second one. */
  #look({ connectorId, requesters, state }: Answered): void {
    if (!isDecidedElsewhere(state) || [...requesters].every((requester) => requester === "wait")) return;
    const { actions, waits } = this.#parts;
    actions
      .run(connectorId, "elsewhere", (signal) => waits.follow(connectorId, signal))
      .catch(() => undefined);
  }
}
