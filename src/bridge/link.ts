import type { OnMessage } from "./wire/deliver.ts";
import { forwardFailure, type Failure } from "./refusal/verdict.ts";
import { errorCodes, type RpcMessage } from "./wire/message.ts";

/** What a client that began with `initialize` speaks through, until the server forgets it or the right to it ends. */
export interface Link {
  /** @returns why there is no answer; `forgotten` where nothing was carried out since the server knows the link no more. */
  send(
    message: RpcMessage,
    isAsked: boolean,
    onMessage: OnMessage,
    signal: AbortSignal,
  ): Promise<Failure | "forgotten" | undefined>;
  /** The client is ready: it may be told what the server says of its own accord. */
  introduce(initialized: RpcMessage): Promise<void>;
  /** Nothing is listened to any more; with `end`, nothing goes on either. */
  leave(how?: "end"): void;
  /** Tells the server that nobody comes back. */
  close(): Promise<void>;
}

/** `answer` is the server's own to `initialize`; there is no link where that is an error. */
export type Opened = { readonly kind: "open"; readonly answer: RpcMessage; readonly link?: Link } | Failure;

export interface LinkEars {
  /** What the server says of its own accord. */
  readonly onMessage: OnMessage;
  readonly onForgotten: (link: Link) => void;
}

export type OpenLink = (initialize: RpcMessage, isAsked: boolean, ears: LinkEars) => Promise<Opened>;

/** Of each request that may be answered by a stream (MCP, "Streamable HTTP"). */
export const accepts = { accept: "application/json, text/event-stream" };
export const jsonBody = { "content-type": "application/json" };

const rightEnded = forwardFailure("The right to this connector ended before the answer came. Try again.", {
  code: errorCodes.refused,
});

/** What failed because the right ended is told so, where the agent has not said why itself. */
export const endedBy = <T extends Failure | "forgotten" | undefined>(
  failure: T,
  end: AbortSignal,
): T | Failure =>
  typeof failure === "object" && failure.refusal === undefined && end.aborted ? rightEnded : failure;
