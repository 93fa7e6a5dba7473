import type { IncomingMessage } from "node:http";
import type { WayOut } from "../agent.ts";
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
