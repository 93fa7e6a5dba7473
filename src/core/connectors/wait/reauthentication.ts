import type { GrantState } from "../board/status.ts";
import type { Board } from "../board/board.ts";
import type { StepUpMethod } from "../../credentials/grant.ts";
import type { SessionInfo, SignInNeed, SignInRequest } from "../../identity/session.ts";
import type { PipelineAnswer } from "../pipeline/question.ts";
import type { WaitRegistry } from "./waitRegistry.ts";

const mostSignIns = 2;

export interface ReauthenticationParts {
  readonly board: Board;
  readonly waits: WaitRegistry;
  /** One sign-in with what the source asks for, `isSecond` when one did not do. Rejects when it does not come about. */
  readonly signIn: (isSecond: boolean) => Promise<unknown>;
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
    await signIn(false);
    let answer = await waits.check(connectorId, signal);
    for (let signIns = 1; signIns < mostSignIns && asksAgain(answer); signIns += 1) {
      await signIn(true);
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

export type Reauthenticate = Extract<StepUpMethod, { readonly kind: "reauthenticate" }>;

/**
 * What to ask the IdP for. The session's account and strength are told, so that another account or a weaker sign-in does
 * not take its place. Many IdPs let a session pass that the browser remembers, whatever `acr_values` says: the second
 * time they are to ask the person.
 */
export const strongerRequest = (
  need: SignInNeed,
  { acrValues, maxAgeSeconds }: Reauthenticate,
  before: SessionInfo | undefined,
  isSecond: boolean,
): SignInRequest => ({
  ...{ ...need, acrValues },
  ...(isSecond ? { prompt: "login" } : {}),
  ...(maxAgeSeconds === undefined ? {} : { maxAgeSeconds }),
  ...(before === undefined ? {} : remembered(before)),
});

/** Keycloak's word for a session that the browser remembered: nothing to keep. */
const acrOfNothing = "0";

/** A label of several words is ours, and no hint. */
const remembered = ({ accountLabel, acr }: SessionInfo): Partial<SignInRequest> => ({
  ...(/\s/.test(accountLabel) ? {} : { loginHint: accountLabel }),
  ...(acr === undefined || acr === acrOfNothing ? {} : { wishedAcr: acr }),
});

const asksAgain = ({ grant }: PipelineAnswer): boolean =>
  grant.kind === "stepUp" && grant.how.kind === "reauthenticate";

const stillNotEnough = {
  kind: "denied",
  by: "policy",
  reason: "You signed in again, and it is still not enough for the policy. Ask its administrators.",
} as const satisfies GrantState;
