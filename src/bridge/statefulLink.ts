import type { OnMessage } from "./wire/deliver.ts";
import type { Exchange } from "./exchange.ts";
import { forwardFailure, type AnsweredHttp, type Failure } from "./refusal/verdict.ts";
import { paramOf, type RpcMessage } from "./wire/message.ts";
import { accepts, endedBy, jsonBody, type Link, type LinkEars, type OpenLink } from "./link.ts";
import { finish, hear, isPassing, keepListening, type Heard } from "./wire/streams.ts";

const farewellMs = 500;

type Headers = Readonly<Record<string, string>>;

interface LinkParts {
  readonly exchange: Exchange;
  readonly note: (line: string) => void;
}

/** Streamable HTTP as MCP has it up to 2025-11-25 ("Transports"): a session, its stream, and its end. */
export const statefulLinks =
  (parts: LinkParts): OpenLink =>
  async (initialize, isAsked, ears) => {
    const end = new AbortController();
    const headersFor = (): Headers => ({ ...accepts, ...jsonBody });
    const ask = { method: "POST", message: initialize, isAsked, signal: end.signal, headersFor } as const;
    const answered = await parts.exchange(ask);
    let answer: RpcMessage | undefined;
    const keep: OnMessage = async (message) => {
      if (message.kind === "response") answer = message;
      else await ears.onMessage(message);
    };
    const failure = await finish(answered, initialize, keep, end.signal);
    if (failure !== undefined) return failure;
    if (answer === undefined || answered.kind !== "answered")
      return forwardFailure("The connector did not answer initialize.");
    if (!answer.members.has("result")) return { kind: "open", answer };
    const id = answered.response.headers["mcp-session-id"];
    const version = paramOf(answer, "protocolVersion");
    const session: Session = {
      url: answered.url,
      ...(typeof id === "string" && /^[\x21-\x7e]+$/.test(id) ? { id } : {}),
      ...(typeof version === "string" ? { version } : {}),
    };
    return { kind: "open", answer, link: new StatefulLink(session, ears, parts, end) };
  };

interface Session {
  readonly id?: string;
  readonly version?: string;
  /** A session holds at one place only. */
  readonly url: string;
}

class StatefulLink implements Link {
  readonly #session: Session;
  readonly #ears: LinkEars;
  readonly #parts: LinkParts;
  /** Fires when nothing may go on with it. */
  readonly #end: AbortController;
  /** Without it a 404 is no word of the session: many servers have nothing for GET. */
  #hadStream = false;
  /** Fires when nobody listens to it any more. */
  readonly #left = new AbortController();

  constructor(session: Session, ears: LinkEars, parts: LinkParts, end: AbortController) {
    this.#session = session;
    this.#ears = ears;
    this.#parts = parts;
    this.#end = end;
  }

  async send(
    message: RpcMessage,
    isAsked: boolean,
    onMessage: OnMessage,
    signal: AbortSignal,
  ): Promise<Failure | "forgotten" | undefined> {
    const either = AbortSignal.any([signal, this.#end.signal]);
    const answered = await this.#post(message, isAsked, either);
    if (answered.kind === "answered" && answered.status === 404 && this.#session.id !== undefined) {
      answered.response.resume();
      return "forgotten";
    }
    const resume = (lastId: string): Promise<AnsweredHttp | Failure> => this.#get(lastId, either);
    const failure = await finish(answered, message, onMessage, either, resume);
    return endedBy(failure, this.#end.signal);
  }

  /** Says `initialized`, and only then listens. */
  async introduce(initialized: RpcMessage): Promise<void> {
    const answered = await this.#post(initialized, false, this.#end.signal);
    if (answered.kind === "answered") answered.response.resume();
    else this.#parts.note(answered.message);
    const signal = AbortSignal.any([this.#end.signal, this.#left.signal]);
    keepListening((lastId) => this.#listen(lastId, signal), signal).catch((error: unknown) =>
      this.#parts.note(String(error)),
    );
  }

  leave(how?: "end"): void {
    this.#left.abort();
    if (how === "end") this.#end.abort();
  }

  async close(): Promise<void> {
    if (this.#session.id === undefined) return;
    const signal = AbortSignal.timeout(farewellMs);
    const headersFor = (url: string): Headers => this.#headers(url);
    const ask = { method: "DELETE", isAsked: false, signal, headersFor } as const;
    const answered = await this.#parts.exchange(ask).catch(() => undefined);
    if (answered?.kind === "answered") answered.response.destroy();
  }

  #post(message: RpcMessage, isAsked: boolean, signal: AbortSignal): Promise<AnsweredHttp | Failure> {
    const headersFor = (url: string): Headers => ({ ...this.#headers(url), ...jsonBody });
    return this.#parts.exchange({ method: "POST", message, isAsked, signal, headersFor });
  }

  #get(lastId: string, signal: AbortSignal): Promise<AnsweredHttp | Failure> {
    const headersFor = (url: string): Headers => ({
      ...this.#headers(url),
      ...{ accept: "text/event-stream" },
      ...(lastId === "" ? {} : { "last-event-id": lastId }),
    });
    return this.#parts.exchange({ method: "GET", isAsked: false, signal, headersFor });
  }

  /** What the server says by itself. */
  async #listen(lastId: string, signal: AbortSignal): Promise<Heard | undefined> {
    const answered = await this.#get(lastId, signal);
    if (answered.kind === "answered" && answered.status === 200) {
      this.#hadStream = true;
      return hear(answered, lastId, this.#ears.onMessage);
    }
    if (answered.kind === "answered") answered.response.resume();
    if (answered.status === 404 && this.#hadStream && this.#session.id !== undefined) {
      this.#ears.onForgotten(this);
      return undefined;
    }
    // The server has no such stream, and says so (405), or does not know what is meant.
    return answered.status === undefined || isPassing(answered.status) ? { lastId } : undefined;
  }

  #headers(url: string): Headers {
    const { id, version, url: own } = this.#session;
    return {
      ...accepts,
      ...(id === undefined || url !== own ? {} : { "mcp-session-id": id }),
      ...(version === undefined ? {} : { "mcp-protocol-version": version }),
    };
  }
}
