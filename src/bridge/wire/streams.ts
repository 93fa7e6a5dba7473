import { setTimeout as delay } from "node:timers/promises";
import { deliver, refusalIn, type Delivered, type OnMessage } from "./deliver.ts";
import { forwardFailure, notWhole, type AnsweredHttp, type Failure } from "../refusal/verdict.ts";
import type { RpcMessage } from "./message.ts";

/** Each try has the right to it asked for: a server that wants the next at once does not get it. */
const [shortestPauseMs, firstPauseMs, longestPauseMs] = [250, 1_000, 30_000];
const mostResumes = 5;

/** Asks for the rest of a stream; with an empty id for one of its own. */
export type Resume = (lastId: string) => Promise<AnsweredHttp | Failure>;

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
  return message.kind !== "request" || delivered.isAnswered
    ? undefined
    : goOn(delivered, message, onMessage, signal, resume);
};

/** An answer that broke off is gone on with by its id where there is one; the request is not repeated. */
const goOn = async (
  begun: Delivered,
  message: RpcMessage,
  onMessage: OnMessage,
  signal: AbortSignal,
  resume?: Resume,
): Promise<Failure | undefined> => {
  let { lastId, retryMs = firstPauseMs } = begun;
  for (let tries = 0; resume !== undefined && lastId !== "" && tries < mostResumes; tries += 1) {
    await pause(Math.min(retryMs, longestPauseMs), signal);
    if (signal.aborted) break;
    const resumed = await resume(lastId);
    if (resumed.kind === "failed" || resumed.status !== 200)
      return forwardFailure("The connector's answer broke off, and cannot be resumed.");
    const more = await deliver(resumed, message.id, onMessage);
    if (more.isAnswered) return undefined;
    if (more.lastId !== lastId && more.lastId !== "") tries = 0;
    lastId = more.lastId || lastId;
    retryMs = more.retryMs ?? firstPauseMs;
  }
  return notWhole;
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
    await pause(pauseMs, signal);
  }
};

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(Math.max(ms, shortestPauseMs), undefined, { signal }).catch(() => undefined);

/** Hears one stream to its end. */
export const hear = async (answered: AnsweredHttp, lastId: string, onMessage: OnMessage): Promise<Heard> => {
  const delivered = await deliver(answered, undefined, onMessage);
  return { lastId: delivered.lastId || lastId, pauseMs: delivered.retryMs ?? firstPauseMs };
};

/** Whether it is worth asking again later. */
export const isPassing = (status: number): boolean =>
  status === 401 || status === 409 || status === 429 || status >= 500;
