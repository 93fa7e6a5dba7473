import type { IncomingMessage } from "node:http";
import { GrowingBytes } from "./bytes.ts";
import { EventBytes } from "./events.ts";
import { forwardFailure, type AnsweredHttp, type Failure } from "../refusal/verdict.ts";
import { isSameId, readMessage, type RpcMessage } from "./message.ts";

export type OnMessage = (message: RpcMessage) => Promise<void>;

/** What came of reading an answer. */
export interface Delivered {
  /** The answer to the request was among it. */
  readonly isAnswered: boolean;
  /** What the stream can be resumed after; empty where it cannot. */
  readonly lastId: string;
  readonly retryMs?: number;
  /** A message was larger than any may be; what came after it is not read. */
  readonly isTooLarge?: boolean;
}

/** Hands on every message of an answer, one after the other. What breaks off has delivered what was whole. */
export const deliver = async (
  { response }: AnsweredHttp,
  id: string | undefined,
  onMessage: OnMessage,
): Promise<Delivered> => {
  if (isEventStream(response)) return deliverEvents(response, id, onMessage);
  const body = await bodyOf(response);
  const message = Buffer.isBuffer(body) ? readMessage(body) : undefined;
  if (message === undefined) return { isAnswered: false, lastId: "", isTooLarge: body === "tooLarge" };
  await onMessage(message);
  return { isAnswered: isAnswer(message, id), lastId: "" };
};

const deliverEvents = async (
  response: IncomingMessage,
  id: string | undefined,
  onMessage: OnMessage,
): Promise<Delivered> => {
  const events = new EventBytes();
  let [isAnswered, isTooLarge] = [false, false];
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      for (const { data } of events.read(chunk)) {
        const message = readMessage(data);
        if (message === undefined) continue;
        isAnswered ||= isAnswer(message, id);
        await onMessage(message);
      }
    }
  } catch (error) {
    // It broke off: what there is to do about it is the same as where it ended.
    isTooLarge = error instanceof RangeError;
  }
  const { lastId, retryMs } = events;
  return { isAnswered, lastId, isTooLarge, ...(retryMs === undefined ? {} : { retryMs }) };
};

/** A refusal may hold the JSON-RPC answer itself. */
export const refusalIn = async (
  { response, status }: AnsweredHttp,
  { id }: RpcMessage,
): Promise<RpcMessage | Failure> => {
  const body = await bodyOf(response);
  const message = Buffer.isBuffer(body) ? readMessage(body) : undefined;
  return message !== undefined && isAnswer(message, id)
    ? message
    : forwardFailure(`The connector answered ${status}.`, { status });
};

const isAnswer = ({ kind, id }: RpcMessage, asked: string | undefined): boolean =>
  kind === "response" && id !== undefined && isSameId(id, asked);

const isEventStream = ({ headers }: IncomingMessage): boolean =>
  /^\s*text\/event-stream\s*(?:;|$)/i.test(headers["content-type"] ?? "");

/** @returns undefined when it broke off. */
const bodyOf = async (response: IncomingMessage): Promise<Buffer | "tooLarge" | undefined> => {
  const body = new GrowingBytes();
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) body.add(chunk);
  } catch (error) {
    return error instanceof RangeError ? "tooLarge" : undefined;
  }
  return body.take();
};
