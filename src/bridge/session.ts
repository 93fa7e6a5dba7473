import { setTimeout as delay } from "node:timers/promises";
import {
  bodyOf,
  deliver,
  forwardFailure,
  type AnsweredHttp,
  type Exchange,
  type Failure,
} from "./exchange.ts";
import { errorCodes, keyOfId, readMessage, type RpcMessage } from "./message.ts";
import { membersOf, valueIn } from "./json.ts";

/** One session at the connector, from the client's own `initialize` on. Another takes its place when the server forgot it. */
interface Session {
  readonly id?: string;
  readonly version?: string;
  readonly url: string;
  /** Fires when nothing may go on with it. */
  readonly end: AbortController;
  /** Fires when nobody listens to it any more. */
  readonly left: AbortController;
  /** The server's own answer to `initialize`. */
  readonly answer: RpcMessage;
}

export type Opened = { readonly kind: "open"; readonly answer: RpcMessage } | Failure;

interface Opening {
  readonly work: Promise<Opened>;
  readonly isAsked: boolean;
}

export interface SessionParts {
  readonly exchange: Exchange;
  /** What the server sends of its own accord. */
  readonly onMessage: (message: RpcMessage) => Promise<void>;
  readonly note: (line: string) => void;
}

const accepts = { accept: "application/json, text/event-stream" };
const [firstPauseMs, longestPauseMs] = [1_000, 30_000];
const mostResumes = 5;
const farewellMs = 500;

/** Streamable HTTP as MCP 2025-11-25 has it ("Transports"): sessions, their stream, and their end. */
export class Sessions {
  readonly #parts: SessionParts;
  #initialize: RpcMessage | undefined;
  #initialized: Buffer | undefined;
  #session: Session | undefined;
  #opening: Opening | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  get isOpen(): boolean {
    return this.#session !== undefined;
  }

  /** The client's first message: what every session begins with. */
  begin(initialize: RpcMessage): void {
    this.cut();
    this.#opening = undefined;
    this.#initialize = initialize;
    this.#initialized = undefined;
  }

  /** The session there is, or a new one; those who want one at the same time share it. */
  async open(isAsked = false): Promise<Opened> {
    const known = this.#opening;
    // One that asks nobody for anything is no answer to who wants something of the connector.
    if (known !== undefined && (known.isAsked || !isAsked)) return known.work;
    await known?.work;
    const session = this.#session;
    if (session !== undefined) return { kind: "open", answer: session.answer };
    const opening: Opening = this.#opening ?? { isAsked, work: this.#start(isAsked) };
    this.#opening = opening;
    try {
      return await opening.work;
    } finally {
      if (this.#opening === opening) this.#opening = undefined;
    }
  }

  /** The client is ready: said to the session there is, and to every later one. */
  async initialized(message: RpcMessage): Promise<void> {
    this.#initialized = message.bytes;
    const session = this.#session;
    if (session !== undefined) await this.#introduce(session);
  }

  /** Sends one message of the client's. `onMessage` gets what is answered, the answer itself last. */
  async send(
    message: RpcMessage,
    isAsked: boolean,
    onMessage: (message: RpcMessage) => Promise<void>,
    signal: AbortSignal,
  ): Promise<Failure | undefined> {
    for (let isRenewed = false; ; isRenewed = true) {
      const opened = await this.open(isAsked);
      if (opened.kind !== "open") return opened;
      const session = this.#session;
      if (session === undefined) continue;
      const either = AbortSignal.any([signal, session.end.signal]);
      const answered = await this.#post(session, message.bytes, isAsked, either);
      const isForgotten = answered.kind === "answered" && answered.status === 404 && session.id !== undefined;
      if (!isForgotten || isRenewed) {
        const failure = await this.#finish(session, answered, message, onMessage, either);
        return failure !== undefined && session.end.signal.aborted ? ended : failure;
      }
      answered.response.resume();
      this.#forget(session);
    }
  }

  /** Ends what is open: the right to it is over. The next request opens a session anew. */
  cut(): void {
    const session = this.#session;
    if (session === undefined) return;
    this.#forget(session);
    session.end.abort();
  }

  /** Tells the server that nobody comes back. */
  async close(): Promise<void> {
    const session = this.#session;
    this.cut();
    if (session?.id === undefined) return;
    const signal = AbortSignal.timeout(farewellMs);
    const ask = { method: "DELETE", isAsked: false, signal, headersFor: headersOf(session) } as const;
    const answered = await this.#parts.exchange(ask).catch(() => undefined);
    if (answered?.kind === "answered") answered.response.destroy();
  }

  async #start(isAsked: boolean): Promise<Opened> {
    const initialize = this.#initialize;
    if (initialize === undefined) return forwardFailure("The client has not sent initialize yet.");
    const end = new AbortController();
    const { bytes: body } = initialize;
    const headersFor = (): Readonly<Record<string, string>> => ({
      ...accepts,
      "content-type": "application/json",
    });
    const ask = { method: "POST", body, isAsked, signal: end.signal, headersFor } as const;
    const answered = await this.#parts.exchange(ask);
    let answer: RpcMessage | undefined;
    const keep = (message: RpcMessage): Promise<void> => {
      if (message.kind === "response") answer = message;
      return message.kind === "response" ? Promise.resolve() : this.#parts.onMessage(message);
    };
    const failure = await this.#finish(undefined, answered, initialize, keep, end.signal);
    if (failure !== undefined) return failure;
    if (answer === undefined || answered.kind !== "answered")
      return forwardFailure("The connector did not answer initialize.");
    const result = answer.members.get("result");
    if (result === undefined || this.#initialize !== initialize) return { kind: "open", answer };
    const id = answered.response.headers["mcp-session-id"];
    const version = valueIn(answer.bytes, membersOf(answer.bytes, result)?.get("protocolVersion"));
    const session: Session = {
      ...{ url: answered.url, end, answer, left: new AbortController() },
      ...(typeof id === "string" && /^[\x21-\x7e]+$/.test(id) ? { id } : {}),
      ...(typeof version === "string" ? { version } : {}),
    };
    this.#session = session;
    await this.#introduce(session);
    return { kind: "open", answer };
  }

  /** Says `initialized`, once the client has, and only then listens. */
  async #introduce(session: Session): Promise<void> {
    if (this.#initialized === undefined) return;
    const answered = await this.#post(session, this.#initialized, false, session.end.signal);
    if (answered.kind === "answered") answered.response.resume();
    else this.#parts.note(answered.message);
    this.#listen(session).catch((error: unknown) => this.#parts.note(String(error)));
  }

  #post(
    session: Session,
    body: Buffer,
    isAsked: boolean,
    signal: AbortSignal,
  ): Promise<AnsweredHttp | Failure> {
    const headersFor = (url: string): Readonly<Record<string, string>> => ({
      ...headersOf(session)(url),
      ...{ "content-type": "application/json" },
    });
    return this.#parts.exchange({ method: "POST", body, isAsked, signal, headersFor });
  }

  /** From an answer's head to its end. @returns why the message has no answer. */
  async #finish(
    session: Session | undefined,
    answered: AnsweredHttp | Failure,
    message: RpcMessage,
    onMessage: (message: RpcMessage) => Promise<void>,
    signal: AbortSignal,
  ): Promise<Failure | undefined> {
    if (answered.kind === "failed") return answered;
    const { status } = answered;
    if (status >= 400) return refusalIn(answered, message, onMessage);
    let delivered = await deliver(answered, message.id, onMessage);
    for (let tries = 0; message.kind === "request" && !delivered.isAnswered; tries += 1) {
      const { lastId, retryMs = firstPauseMs } = delivered;
      if (session === undefined || lastId === "" || tries === mostResumes || signal.aborted)
        return forwardFailure("The connector's answer is not whole, or is none.");
      await delay(Math.min(retryMs, longestPauseMs), undefined, { signal }).catch(() => undefined);
      const resumed = await this.#get(session, lastId, signal);
      if (resumed.kind === "failed" || resumed.status !== 200)
        return forwardFailure("The connector's answer broke off, and cannot be resumed.");
      const more = await deliver(resumed, message.id, onMessage);
      if (more.lastId !== lastId && more.lastId !== "") tries = 0;
      delivered = { ...more, lastId: more.lastId || lastId };
    }
    return undefined;
  }

  #get(session: Session, lastId: string, signal: AbortSignal): Promise<AnsweredHttp | Failure> {
    const headersFor = (url: string): Readonly<Record<string, string>> => ({
      ...headersOf(session)(url),
      ...{ accept: "text/event-stream" },
      ...(lastId === "" ? {} : { "last-event-id": lastId }),
    });
    return this.#parts.exchange({ method: "GET", isAsked: false, signal, headersFor });
  }

  /** The stream of what the server says by itself: one at a time, asked for again as long as the session lasts. */
  async #listen(session: Session): Promise<void> {
    const signal = AbortSignal.any([session.end.signal, session.left.signal]);
    let lastId = "";
    for (let pauseMs = firstPauseMs; !signal.aborted;) {
      const answered = await this.#get(session, lastId, signal);
      if (answered.kind === "answered" && answered.status === 200) {
        const delivered = await deliver(answered, undefined, this.#parts.onMessage);
        lastId = delivered.lastId || lastId;
        pauseMs = delivered.retryMs ?? firstPauseMs;
      } else {
        if (answered.kind === "answered") answered.response.resume();
        if (answered.status === 404 && session.id !== undefined) return this.#reopen(session);
        // The server has no such stream, and says so (405), or does not know what is meant.
        const isForGood = answered.status !== undefined && !isPassing(answered.status);
        if (isForGood) return;
        pauseMs = Math.min(2 * pauseMs, longestPauseMs);
      }
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** The server forgot the session: what it says by itself is heard by another. */
  async #reopen(session: Session): Promise<void> {
    this.#forget(session);
    const opened = await this.open();
    if (opened.kind === "failed") this.#parts.note(opened.message);
  }

  #forget(session: Session): void {
    session.left.abort();
    if (this.#session === session) this.#session = undefined;
  }
}

const ended = forwardFailure("The right to this connector ended before the answer came. Try again.", {
  code: errorCodes.refused,
});

const headersOf =
  ({ id, version, url: own }: Session) =>
  (url: string): Readonly<Record<string, string>> => ({
    ...accepts,
    ...(id === undefined || url !== own ? {} : { "mcp-session-id": id }),
    ...(version === undefined ? {} : { "mcp-protocol-version": version }),
  });

/** Whether it is worth asking again later. */
const isPassing = (status: number): boolean =>
  status === 401 || status === 409 || status === 429 || status >= 500;

/** A refusal may hold the JSON-RPC answer itself. */
const refusalIn = async (
  { response, status }: AnsweredHttp,
  { id }: RpcMessage,
  onMessage: (message: RpcMessage) => Promise<void>,
): Promise<Failure | undefined> => {
  const body = await bodyOf(response);
  const message = body === undefined ? undefined : readMessage(body);
  const isAnswer = message?.kind === "response" && id !== undefined && message.id !== undefined;
  if (!isAnswer || keyOfId(message.id) !== keyOfId(id))
    return forwardFailure(`The connector answered ${status}.`, { status });
  await onMessage(message);
  return undefined;
};
