import type { IncomingMessage } from "node:http";
import { wantedIn, wantsNonce, type Wanted } from "./challenge.ts";
import { signatureProblem } from "./signatureProblem.ts";
import { forwardFailure, type AnsweredHttp, type Failure } from "./verdict.ts";

/** In one piece with these: no call that goes well needs either. */
export { refusedByAgent } from "./refused.ts";

/** What an answer says of the credential itself. */
export interface Told {
  readonly problem: string | undefined;
  readonly wanted: Wanted | undefined;
  readonly isRefused: boolean;
  readonly wantsNonce: boolean;
}

export const toldIn = (response: IncomingMessage, isSigned: boolean): Told => {
  const problem = isSigned ? signatureProblem(response) : undefined;
  const wanted = wantedIn(response);
  const isRefused = response.statusCode === 401 || wanted !== undefined || problem !== undefined;
  return { problem, wanted, isRefused, wantsNonce: isSigned && wantsNonce(response) };
};

/** What an answer that is not asked for anew comes to: what to pass on, or why there is nothing. */
export const judged = (answered: AnsweredHttp, { wanted, problem }: Told): AnsweredHttp | Failure => {
  const { status, response } = answered;
  if (wanted?.kind === "scope") {
    response.resume();
    const scope =
      /^[\w:./ -]{1,200}$/.test(wanted.scope) && !wanted.scope.includes("://") ? ` (${wanted.scope})` : "";
    const told = `The connector wants a scope${scope} that its credential does not have, and neither has a new one.`;
    return forwardFailure(told, { status });
  }
  if (problem !== undefined) {
    response.resume();
    const told = `The connector refused the signature, and a new one as well (${status}, ${problem}).`;
    return forwardFailure(told, { status });
  }
  const { location } = response.headers;
  const isMoved = status >= 300 && status < 400;
  if (!isMoved && status !== 401) return answered;
  response.resume();
  return isMoved
    ? forwardFailure(
        `The connector answered ${status}, to go on elsewhere${location === undefined ? "" : ", which no credential follows"}.`,
        { status },
      )
    : forwardFailure("The connector refused the credential, and a new one as well (401).", { status });
};
