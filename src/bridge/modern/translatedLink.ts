import { randomBytes } from "node:crypto";
import type { ClientSide } from "../client.ts";
import type { ClientAsks } from "./clientAsks.ts";
import type { OnMessage } from "../wire/deliver.ts";
import { forwardFailure, type Failure } from "../refusal/verdict.ts";
import { fieldsOf, textIn } from "../wire/json.ts";
import { ownMessage, paramOf, paramTextOf, readMessage, resultTo, type RpcMessage } from "../wire/message.ts";
import { acknowledged, listKinds, metaNames, modernVersion } from "./modern.ts";
import { initializeFrom } from "../ownAnswers.ts";
import { withId, withParams } from "../wire/rewrite.ts";
import { endedBy, type Link, type LinkEars, type OpenLink } from "../link.ts";
import type { StatelessSide } from "./stateless.ts";
import { keepListening, type Heard } from "../wire/streams.ts";

export interface TranslationParts {
  readonly stateless: StatelessSide;
  readonly client: ClientSide;
  readonly asks: ClientAsks;
  readonly note: (line: string) => void;
}

const firstPauseMs = 1_000;
/** A server that asks on and on is answered no more. */
const mostRounds = 20;

/** A client that begins with `initialize`, at a connector that speaks MCP 2026-07-28 alone. */
export const translatedLinks =
  (parts: TranslationParts): OpenLink =>
  async (initialize, isAsked, ears) => {
    const meta: Meta = {
      [metaNames.version]: modernVersion,
      [metaNames.clientInfo]: paramOf(initialize, "clientInfo") ?? { name: "unknown", version: "0" },
      [metaNames.capabilities]: paramOf(initialize, "capabilities") ?? {},
    };
    const discover = ownMessage({
      id: "lanyard-discover",
      method: "server/discover",
      params: { _meta: meta },
    });
    const found = await parts.stateless.ask(discover, isAsked, new AbortController().signal);
    if (found.kind === "failed") return found;
    const id = initialize.id ?? "null";
    const result = paramTextOf(found, "capabilities");
    if (result === undefined || !found.members.has("result"))
      return { kind: "open", answer: withId(found, id) };
    const answer = readMessage(resultTo(id, initializeFrom(found, paramOf(initialize, "protocolVersion"))));
    if (answer === undefined) return forwardFailure("The connector's answer makes no sense.");
    const capabilities = fieldsOf(paramOf(found, "capabilities"));
    return { kind: "open", answer, link: new TranslatedLink(parts, meta, capabilities, ears) };
  };

type Meta = Readonly<Record<string, unknown>>;

/** What changes a server may tell of, by what it can do. */
const listsOf = (capabilities: Meta): readonly string[] =>
  listKinds.filter((kind) => fieldsOf(capabilities[kind])["listChanged"] === true);

/** Says in every request what such a client said once, and has it asked what the server wants to know. */
class TranslatedLink implements Link {
  readonly #parts: TranslationParts;
  readonly #meta: Meta;
  readonly #lists: readonly string[];
  readonly #ears: LinkEars;
  readonly #end = new AbortController();
  #listening = new AbortController();
  readonly #subscribed = new Set<string>();
  #logLevel: unknown;
  #rounds = 0;

  constructor(parts: TranslationParts, meta: Meta, capabilities: Meta, ears: LinkEars) {
    this.#parts = parts;
    this.#meta = meta;
    this.#lists = listsOf(capabilities);
    this.#ears = ears;
  }

  async send(
    message: RpcMessage,
    isAsked: boolean,
    onMessage: OnMessage,
    signal: AbortSignal,
  ): Promise<Failure | undefined> {
    // Such a server takes neither notifications nor answers.
    if (message.kind !== "request" || message.id === undefined) return undefined;
    if (this.#isOwn(message)) {
      const answer = readMessage(resultTo(message.id, "{}"));
      if (answer !== undefined) await onMessage(answer);
      return undefined;
    }
    const end = this.#end.signal;
    const either = AbortSignal.any([signal, end]);
    const failure = await this.#ask(message, message.id, isAsked, onMessage, either);
    return endedBy(failure, end);
  }

  introduce(): Promise<void> {
    this.#listenAnew();
    return Promise.resolve();
  }

  leave(how?: "end"): void {
    this.#listening.abort();
    if (how === "end") this.#end.abort();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** What only MCP up to 2025-11-25 asks a server for: it is kept here, and said where it belongs. */
  #isOwn(message: RpcMessage): boolean {
    const uri = paramOf(message, "uri");
    switch (message.method) {
      case "ping":
        return true;
      case "logging/setLevel":
        this.#logLevel = paramOf(message, "level");
        return true;
      case "resources/subscribe":
      case "resources/unsubscribe":
        if (typeof uri !== "string") return false;
        if (message.method === "resources/subscribe") this.#subscribed.add(uri);
        else this.#subscribed.delete(uri);
        this.#listenAnew();
        return true;
      case undefined:
      default:
        return false;
    }
  }

  /** MCP 2026-07-28, "Multi Round-Trip Requests": the client is asked, and the request is sent again with its answers. */
  async #ask(
    message: RpcMessage,
    id: string,
    isAsked: boolean,
    onMessage: OnMessage,
    signal: AbortSignal,
  ): Promise<Failure | undefined> {
    const said = withParams(message, { _meta: this.#metaOf(message) });
    let request: RpcMessage = said;
    for (let round = 0; round < mostRounds; round += 1) {
      const wanted: RpcMessage[] = [];
      const hear: OnMessage = async (each) => {
        if (each.kind === "response" && paramOf(each, "resultType") === "input_required") wanted.push(each);
        else await onMessage(each.kind === "response" ? withId(each, id) : each);
      };
      const failure = await this.#parts.stateless.send(request, isAsked, hear, signal);
      const [needed] = wanted;
      if (failure !== undefined || needed === undefined) return failure;
      const inputResponses = await this.#gather(needed, signal);
      if (inputResponses === undefined)
        return forwardFailure("The connector asked for something that the client did not answer.");
      const requestState = paramTextOf(needed, "requestState");
      request = withId(withParams(said, { inputResponses, requestState }), this.#nextId());
    }
    return forwardFailure("The connector asked the client again and again.");
  }

  /** @returns the answers as JSON, or undefined where there is one missing. */
  async #gather(needed: RpcMessage, signal: AbortSignal): Promise<string | undefined> {
    const requests = Object.entries(fieldsOf(paramOf(needed, "inputRequests")));
    const answers = await Promise.all(
      requests.map(async ([key, request]) => {
        const { method, params } = fieldsOf(request);
        const answer = typeof method === "string" ? await this.#one(method, params, signal) : undefined;
        const result = answer && textIn(answer.bytes, answer.members.get("result"));
        return result === undefined ? undefined : `${JSON.stringify(key)}:${result}`;
      }),
    );
    return answers.includes(undefined) ? undefined : `{${answers.join(",")}}`;
  }

  async #one(method: string, params: unknown, signal: AbortSignal): Promise<RpcMessage | undefined> {
    if (!this.#parts.client.answers(method)) return undefined;
    const asked = fieldsOf(params);
    // 2025-11-25 wants an id where a page is shown; 2026-07-28 has none.
    const elicitationId =
      asked["mode"] === "url" ? { elicitationId: randomBytes(9).toString("base64url") } : {};
    return this.#parts.asks.ask(method, { ...elicitationId, ...asked }, signal);
  }

  #metaOf(message: RpcMessage): string {
    const level = this.#logLevel === undefined ? {} : { [metaNames.logLevel]: this.#logLevel };
    return JSON.stringify({ ...fieldsOf(paramOf(message, "_meta")), ...this.#meta, ...level });
  }

  #listenAnew(): void {
    this.#listening.abort();
    this.#listening = new AbortController();
    if (this.#lists.length === 0 && this.#subscribed.size === 0) return;
    const signal = AbortSignal.any([this.#end.signal, this.#listening.signal]);
    let isFirst = true;
    const listen = (): Promise<Heard | undefined> => {
      const wasFirst = isFirst;
      isFirst = false;
      return this.#listen(wasFirst, signal);
    };
    keepListening(listen, signal).catch((error: unknown) => this.#parts.note(String(error)));
  }

  /** One stream of changes, to its end. What changed between two of them is not told again: so all counts as changed. */
  async #listen(isFirst: boolean, signal: AbortSignal): Promise<Heard | undefined> {
    const stream: { heard: Heard; isRefused: boolean } = { heard: { lastId: "" }, isRefused: false };
    const hear: OnMessage = async (each) => {
      stream.heard = { lastId: "", pauseMs: firstPauseMs };
      stream.isRefused ||= each.members.has("error");
      if (each.kind !== "notification") return;
      if (each.method !== acknowledged) await this.#ears.onMessage(each);
      else if (!isFirst)
        for (const kind of this.#lists)
          await this.#ears.onMessage(ownMessage({ method: `notifications/${kind}/list_changed` }));
    };
    const failure = await this.#parts.stateless.send(this.#listenRequest(), false, hear, signal);
    const isForGood = failure?.status !== undefined && failure.status < 500 && failure.status !== 429;
    return stream.isRefused || isForGood ? undefined : stream.heard;
  }

  #listenRequest(): RpcMessage {
    const lists = this.#lists.map((kind) => [`${kind}ListChanged`, true] as const);
    const resourceSubscriptions = [...this.#subscribed];
    const notifications = {
      ...Object.fromEntries(lists),
      ...(resourceSubscriptions.length === 0 ? {} : { resourceSubscriptions }),
    };
    const params = { notifications, _meta: this.#meta };
    return ownMessage({ id: this.#nextText(), method: "subscriptions/listen", params });
  }

  #nextId(): string {
    return JSON.stringify(this.#nextText());
  }

  #nextText(): string {
    this.#rounds += 1;
    return `lanyard-${this.#rounds}`;
  }
}
