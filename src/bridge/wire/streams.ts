import { setTimeout as delay } from "node:timers/promises";
import type { Resume } from "./brokenOff.ts";
import { deliver, refusalIn, type OnMessage } from "./deliver.ts";
import type { AnsweredHttp, Failure } from "../refusal/verdict.ts";
import type { RpcMessage } from "./message.ts";

const [firstPauseMs, longestPauseMs] = [1_000, 30_000];

/** From an answer's head to its end. @returns why the message has no answer. */
export const finish = async (
  answered: AnsweredHttp | Failure,
  message: RpcMessage,
  onMessage: OnMessage,
  signal: AbortSignal,
  resume?: Resume,
): Promise<Failure | undefined> => {
  if (answered.kind === "failed") return answered;
  if (answered.status >= 400) {
    const refusal = await refusalIn(answered, message);
    if (refusal.kind === "failed") return refusal;
    await onMessage(refusal);
    return undefined;
  }
  const delivered = await deliver(answered, message.id, onMessage);
  if (message.kind !== "request" || delivered.isAnswered) return undefined;
  // Few answers break off.
  const { takeUpAgain } = await import("./brokenOff.ts");
  return takeUpAgain(delivered, message, onMessage, signal, resume);
};

/** How one stream came to its end, and when the next is asked for; undefined where there is to be none. */
export interface Heard {
  readonly lastId: string;
  /** After a stream that there was; without it the pauses grow. */
  readonly pauseMs?: number;
}

/** One stream after the other, never two at a time, as long as the signal has not fired. */
export const keepListening = async (
  listen: (lastId: string) => Promise<Heard | undefined>,
  signal: AbortSignal,
): Promise<void> => {
  let lastId = "";
  for (let pauseMs = firstPauseMs; !signal.aborted;) {
    const heard = await listen(lastId);
    if (heard === undefined) return;
    lastId = heard.lastId;
    pauseMs = heard.pauseMs ?? Math.min(2 * pauseMs, longestPauseMs);
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
  }
};

/** Hears one stream to its end. */
export const hear = async (answered: AnsweredHttp, lastId: string, onMessage: OnMessage): Promise<Heard> => {
  const delivered = await deliver(answered, undefined, onMessage);
  return { lastId: delivered.lastId || lastId, pauseMs: delivered.retryMs ?? firstPauseMs };
};

/** Whether it is worth asking again later. */
export const isPassing = (status: number): boolean =>
  status === 401 || status === 409 || status === 429 || status >= 500;
