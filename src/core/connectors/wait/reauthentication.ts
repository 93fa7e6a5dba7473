import type { GrantState } from "../board/status.ts";
import type { Board } from "../board/board.ts";
import type { PipelineAnswer } from "../pipeline/question.ts";
import type { WaitRegistry } from "./waitRegistry.ts";

const mostSignIns = 2;

export interface ReauthenticationParts {
  readonly board: Board;
  readonly waits: WaitRegistry;
  /** One sign-in with what the source asks for. Rejects when it does not come about. */
  readonly signIn: () => Promise<unknown>;
  readonly signal: AbortSignal;
}

/**
 * Stronger sign-ins for one connector (RFC 9470): at most two. A source that still asks for one then has refused, for
 * signing in once more would change nothing. Helpers that ask meanwhile wait.
 */
export const reauthenticate = async (
  connectorId: string,
  { board, waits, signIn, signal }: ReauthenticationParts,
): Promise<PipelineAnswer> => {
  const acting = waits.expectChange(connectorId);
  try {
    await signIn();
    let answer = await waits.check(connectorId, signal);
    for (let signIns = 1; signIns < mostSignIns && asksAgain(answer); signIns += 1) {
      await signIn();
      answer = await waits.check(connectorId, signal);
    }
    if (!asksAgain(answer)) return answer;
    const refused = { ...answer, grant: stillNotEnough };
    board.record(connectorId, stillNotEnough, answer.evidence);
    waits.tell(connectorId, refused);
    return refused;
  } finally {
    acting.dispose();
  }
};

const asksAgain = ({ grant }: PipelineAnswer): boolean =>
  grant.kind === "stepUp" && grant.how.kind === "reauthenticate";

const stillNotEnough = {
  kind: "denied",
  by: "policy",
  reason: "You signed in again, and it is still not enough for the policy. Ask its administrators.",
} as const satisfies GrantState;
