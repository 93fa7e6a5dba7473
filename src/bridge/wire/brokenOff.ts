import { setTimeout as delay } from "node:timers/promises";
import { deliver, type Delivered, type OnMessage } from "./deliver.ts";
import { forwardFailure, notWhole, type AnsweredHttp, type Failure } from "../refusal/verdict.ts";
import type { RpcMessage } from "./message.ts";

const [firstPauseMs, longestPauseMs] = [1_000, 30_000];
const mostResumes = 5;

export const tooLarge = forwardFailure(
  "The connector's answer is larger than 256 MiB, which no message may be. Ask it for less at a time.",
);

/** Asks for the rest of a stream; with an empty id for one of its own. */
export type Resume = (lastId: string) => Promise<AnsweredHttp | Failure>;

/** An answer that broke off is gone on with by its id where there is one; the request is not repeated. */
export const takeUpAgain = async (
  begun: Delivered,
  message: RpcMessage,
  onMessage: OnMessage,
  signal: AbortSignal,
  resume?: Resume,
): Promise<Failure | undefined> => {
  if (begun.isTooLarge === true) return tooLarge;
  let { lastId, retryMs = firstPauseMs } = begun;
  for (let tries = 0; resume !== undefined && lastId !== "" && tries < mostResumes; tries += 1) {
    await delay(Math.min(retryMs, longestPauseMs), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    const resumed = await resume(lastId);
    if (resumed.kind === "failed" || resumed.status !== 200)
      return forwardFailure("The connector's answer broke off, and cannot be resumed.");
    const more = await deliver(resumed, message.id, onMessage);
    if (more.isAnswered) return undefined;
    if (more.isTooLarge === true) return tooLarge;
    if (more.lastId !== lastId && more.lastId !== "") tries = 0;
    lastId = more.lastId || lastId;
    retryMs = more.retryMs ?? firstPauseMs;
  }
  return notWhole;
};
