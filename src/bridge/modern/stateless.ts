import { deliver, refusalIn, type OnMessage } from "../wire/deliver.ts";
import type { Exchange } from "../exchange.ts";
import { forwardFailure, type Failure } from "../refusal/verdict.ts";
import { ownMessage, paramOf, type RpcMessage } from "../wire/message.ts";
import { errorCodeOf, metaOf, modernErrors } from "./modern.ts";
import type { ModernHeaders } from "./modernHeaders.ts";
import { rightEnded } from "../link.ts";
import { accepts } from "../statefulLink.ts";

export interface StatelessParts {
  readonly exchange: Exchange;
  readonly headers: ModernHeaders;
}

/** How far a request has come. */
interface Stage {
  isSent: boolean;
}

/** Streamable HTTP as MCP 2026-07-28 has it: each request stands for itself, and what breaks off is lost. */
export class Stateless {
  readonly #parts: StatelessParts;
  #end = new AbortController();

  constructor(parts: StatelessParts) {
    this.#parts = parts;
  }

  /** Sends one request. `onMessage` gets what is answered, the answer itself last. It is cancelled by its signal. */
  async send(
    message: RpcMessage,
    isAsked: boolean,
    onMessage: OnMessage,
    signal: AbortSignal,
  ): Promise<Failure | undefined> {
    for (;;) {
      const end = this.#end.signal;
      const stage: Stage = { isSent: false };
      const sent = await this.#attempt(message, isAsked, onMessage, AbortSignal.any([signal, end]), stage);
      if (sent?.kind !== "failed" || !end.aborted || signal.aborted) return sent;
      // What had not gone out when the right ended may have a right again.
      if (stage.isSent) return sent.refusal === undefined ? rightEnded : sent;
    }
  }

  /** For one answer alone. */
  async ask(message: RpcMessage, isAsked: boolean, signal: AbortSignal): Promise<RpcMessage | Failure> {
    let answer: RpcMessage | undefined;
    const keep: OnMessage = (each) => {
      if (each.kind === "response") answer = each;
      return Promise.resolve();
    };
    const failure = await this.send(message, isAsked, keep, signal);
    return failure ?? answer ?? notWhole;
  }

  /** The right is over: what is under way ends. */
  cut(): void {
    this.#end.abort();
    this.#end = new AbortController();
  }

  async #attempt(
    message: RpcMessage,
    isAsked: boolean,
    onMessage: OnMessage,
    signal: AbortSignal,
    stage: Stage,
  ): Promise<Failure | undefined> {
    let sent = await this.#post(message, isAsked, onMessage, signal, stage);
    // The tool asks for headers that nobody has told yet: nothing was carried out, so it may be sent again.
    const isMismatch = sent?.kind === "response" && message.method === "tools/call";
    if (isMismatch && (await this.#learn(message, signal)))
      sent = await this.#post(message, isAsked, onMessage, signal, stage);
    if (sent === undefined || sent.kind === "failed") return sent;
    await onMessage(sent);
    return undefined;
  }

  /** @returns a refusal of the request's headers itself: it is not handed on yet. */
  async #post(
    message: RpcMessage,
    isAsked: boolean,
    onMessage: OnMessage,
    signal: AbortSignal,
    stage: Stage,
  ): Promise<Failure | RpcMessage | undefined> {
    const { exchange, headers } = this.#parts;
    const headersFor = (): Readonly<Record<string, string>> => {
      stage.isSent = true;
      return { ...accepts, "content-type": "application/json", ...headers.of(message) };
    };
    const answered = await exchange({ method: "POST", body: message.bytes, isAsked, signal, headersFor });
    if (answered.kind === "failed") return answered;
    const hear: OnMessage = async (each) => {
      if (message.method === "tools/list" && each.kind === "response") headers.learn(paramOf(each, "tools"));
      await onMessage(each);
    };
    if (answered.status < 400) {
      const { isAnswered } = await deliver(answered, message.id, hear);
      return isAnswered ? undefined : notWhole;
    }
    const refusal = await refusalIn(answered, message);
    if (refusal.kind === "failed" || errorCodeOf(refusal) === modernErrors.headerMismatch) return refusal;
    await onMessage(refusal);
    return undefined;
  }

  /** Asks for the tools, page by page. @returns whether they were told. */
  async #learn(message: RpcMessage, signal: AbortSignal, page: Page = { number: 0 }): Promise<boolean> {
    const { number, cursor } = page;
    const params = { ...(cursor === undefined ? {} : { cursor }), _meta: metaOf(message) };
    const list = ownMessage({ id: `lanyard-tools-${number}`, method: "tools/list", params });
    const answer = await this.ask(list, false, signal);
    if (answer.kind === "failed" || !answer.members.has("result")) return number > 0;
    const next = paramOf(answer, "nextCursor");
    if (typeof next !== "string" || number === mostPages) return true;
    return this.#learn(message, signal, { number: number + 1, cursor: next });
  }
}

/** Of a list that comes in several. */
interface Page {
  readonly number: number;
  readonly cursor?: string;
}

const mostPages = 20;

const notWhole = forwardFailure("The connector's answer is not whole, or is none.");
