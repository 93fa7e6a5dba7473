import { deliver, refusalIn, type OnMessage } from "../wire/deliver.ts";
import type { Exchange } from "../exchange.ts";
import { notWhole, type Failure } from "../refusal/verdict.ts";
import { tooLarge } from "../wire/brokenOff.ts";
import { paramOf, type RpcMessage } from "../wire/message.ts";
import { askForTools } from "./allTools.ts";
import { errorCodeOf, modernErrors } from "./modern.ts";
import type { ModernHeaders } from "./modernHeaders.ts";
import { accepts, endedBy, jsonBody } from "../link.ts";

export interface StatelessParts {
  readonly exchange: Exchange;
  readonly headers: ModernHeaders;
}

/** Who speaks it, made or not yet. */
export type StatelessSide = Pick<Stateless, "send" | "ask" | "cut">;

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
      if (stage.isSent) return endedBy(sent, end);
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
      return { ...accepts, ...jsonBody, ...headers.of(message) };
    };
    const answered = await exchange({ method: "POST", message, isAsked, signal, headersFor });
    if (answered.kind === "failed") return answered;
    const hear: OnMessage = async (each) => {
      if (message.method === "tools/list" && each.kind === "response") headers.learn(paramOf(each, "tools"));
      await onMessage(each);
    };
    if (answered.status < 400) {
      const { isAnswered, isTooLarge = false } = await deliver(answered, message.id, hear);
      if (isAnswered) return undefined;
      return isTooLarge ? tooLarge : notWhole;
    }
    const refusal = await refusalIn(answered, message);
    if (refusal.kind === "failed" || errorCodeOf(refusal) === modernErrors.headerMismatch) return refusal;
    await onMessage(refusal);
    return undefined;
  }

  /** Has the server tell its tools, and what headers they want. @returns whether it did. */
  #learn(message: RpcMessage, signal: AbortSignal): Promise<boolean> {
    return askForTools(message, async (list) => {
      const answer = await this.ask(list, false, signal);
      return answer.kind === "failed" ? undefined : answer;
    });
  }
}
