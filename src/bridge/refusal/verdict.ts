import type { IncomingMessage } from "node:http";
import type { WayOut } from "../agent.ts";
import type { Wanted } from "./challenge.ts";
import { errorCodes } from "../wire/message.ts";

/** Why there is no answer: as it is told to the client, and so to a model. Holds neither URL nor credential. */
export interface Failure {
  readonly kind: "failed";
  readonly code: number;
  readonly message: string;
  /** What the connector answered with, where it did. */
  readonly status?: number;
  /** Why the agent gives nothing, where it is that. */
  readonly refusal?: WayOut;
}

export const forwardFailure = (message: string, more: Partial<Failure> = {}): Failure => ({
  ...{ kind: "failed", code: errorCodes.internal, message },
  ...more,
});

export const notWhole = forwardFailure("The connector's answer is not whole, or is none.");

export interface AnsweredHttp {
  readonly kind: "answered";
  readonly response: IncomingMessage;
  readonly status: number;
  readonly url: string;
}

/** What an answer that is not asked for anew comes to: what to pass on, or why there is nothing. */
export const judged = (
  answered: AnsweredHttp,
  wanted: Wanted | undefined,
  problem: string | undefined,
): AnsweredHttp | Failure => {
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
