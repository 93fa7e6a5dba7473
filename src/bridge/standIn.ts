import { setTimeout as delay } from "node:timers/promises";
import type { OnMessage } from "./wire/deliver.ts";
import type { Failure } from "./refusal/verdict.ts";
import { textIn } from "./wire/json.ts";
import {
  errorCodes,
  errorTo,
  ownMessage,
  paramOf,
  paramTextOf,
  resultTo,
  type RpcMessage,
} from "./wire/message.ts";
import { isModern, isModernError, listKinds } from "./modern/modern.ts";
import { toolsRequest } from "./ownRequests.ts";
import { ownInitialize, reasonTool, toolListOf, type Remembered } from "./ownAnswers.ts";
import type { Opened } from "./link.ts";
import type { Sessions } from "./session.ts";
import type { StatelessSide } from "./modern/stateless.ts";

export interface StandInParts {
  readonly server: string;
  readonly sessions: Sessions;
  readonly stateless: StatelessSide;
  /** What the connector said the last time. */
  readonly memory: Remembered;
  /** Writes one line to the client. */
  readonly write: (line: Buffer) => Promise<void>;
  readonly note: (line: string) => void;
  readonly limits?: Partial<StandInLimits>;
}

export interface StandInLimits {
  /** Clients give up a server from three seconds on. */
  readonly beginMs: number;
  readonly listMs: number;
}

const defaultLimits: StandInLimits = { beginMs: 1_300, listMs: 2_500 };
/** Whoever waits for the right to come asks again after this long, told or not. */
const lookMs = 30_000;

/** The server that a client has while the connector is not there: it was never gone, and it says why it has no tools. */
export class StandIn {
  readonly #parts: StandInParts;
  readonly #limits: StandInLimits;
  /** The client has an answer to `initialize` that is not of the link: it is told when there is one. */
  #isStandIn = false;
  #why = "";
  readonly #waiting = new Set<() => void>();

  constructor(parts: StandInParts) {
    this.#parts = parts;
    this.#limits = { ...defaultLimits, ...parts.limits };
  }

  /** @returns undefined for what is the connector's to answer. */
  async answer(message: RpcMessage, id: string, signal: AbortSignal): Promise<Buffer | undefined> {
    switch (message.method) {
      case "tools/call":
        return paramOf(message, "name") === reasonTool ? this.#tellWhy(message, id, signal) : undefined;
      case "server/discover":
        return this.#discover(message, id, signal);
      case undefined:
      default:
        return isModern(message) ? undefined : this.#answerOlder(message, id);
    }
  }

  /** What only MCP up to 2025-11-25 asks, or asks within its session. */
  async #answerOlder(message: RpcMessage, id: string): Promise<Buffer | undefined> {
    const { sessions, memory } = this.#parts;
    switch (message.method) {
      case "initialize":
        return this.#begin(message, id);
      case "ping":
        return sessions.isOpen ? undefined : resultTo(id, "{}");
      case "tools/list":
        return (await this.#isOpenInTime()) ? undefined : resultTo(id, toolListOf(memory, this.#why));
      case undefined:
      default:
        return undefined;
    }
  }

  /** Some clients drop their tools when their list is an error, and never ask again. */
  inPlaceOf(request: RpcMessage, id: string, { refusal, status, message }: Failure): Buffer | undefined {
    const isOlder = !isModern(request);
    const isUnasked = refusal !== undefined || (!isOlder && status === undefined);
    if (request.method !== "tools/list" || !isUnasked) return undefined;
    this.#isStandIn ||= isOlder;
    this.#why = message;
    return resultTo(id, toolListOf(this.#parts.memory, message));
  }

  /** Has a message sent, for as long as what it asks for is to last. */
  async sent(
    message: RpcMessage,
    send: (onMessage: OnMessage) => Promise<Failure | undefined>,
    onMessage: OnMessage,
    signal: AbortSignal,
  ): Promise<Failure | undefined> {
    if (message.method !== "subscriptions/listen") return send(onMessage);
    const granted = (until: AbortSignal): Promise<boolean> => this.#untilGranted(until);
    const { subscribe } = await import("./late.ts");
    return subscribe(message, { send, onMessage, granted, write: this.#parts.write }, signal);
  }

  /** The first page is the list that is shown while the connector is not there. */
  remember(request: RpcMessage, response: RpcMessage): void {
    if (request.method !== "tools/list" || paramOf(request, "cursor") !== undefined) return;
    const tools = paramTextOf(response, "tools");
    if (response.members.has("result") && tools !== undefined) this.#parts.memory.keep("tools", tools);
  }

  /** The connector is there for who may have it. */
  async granted(): Promise<void> {
    for (const wake of this.#waiting) wake();
    if (this.#isStandIn) await this.#open();
  }

  /** The connector is not there any more. The client keeps its server. */
  left(): void {
    const { sessions, stateless } = this.#parts;
    stateless.cut();
    if (!sessions.isOpen) return;
    sessions.cut();
    this.#isStandIn = true;
  }

  async #untilGranted(signal: AbortSignal): Promise<boolean> {
    const end = new AbortController();
    const wake = (): void => end.abort();
    this.#waiting.add(wake);
    await delay(lookMs, undefined, { signal: AbortSignal.any([signal, end.signal]) }).catch(() => undefined);
    this.#waiting.delete(wake);
    return !signal.aborted;
  }

  /** A connector of an older era, or one that nobody knows yet, has the client fall back to `initialize`. */
  async #discover(message: RpcMessage, id: string, signal: AbortSignal): Promise<Buffer> {
    const { memory, stateless } = this.#parts;
    const told = await within(stateless.ask(message, false, signal), this.#limits.beginMs);
    if (told !== undefined && told.kind !== "failed") {
      const result = textIn(told.bytes, told.members.get("result"));
      if (!isModernError(told)) memory.keep("discover", result ?? "null");
      return told.bytes;
    }
    if (told?.status !== undefined) memory.keep("discover", "null");
    if (told !== undefined) this.#failed(told);
    const known = memory.get("discover") ?? "null";
    return known === "null"
      ? errorTo(id, errorCodes.methodNotFound, "Method not found")
      : resultTo(id, known);
  }

  /** With the connector's own answer where it comes in time, else with the one it gave last, else with one of our own. */
  async #begin(message: RpcMessage, id: string): Promise<Buffer> {
    const { sessions, memory, server } = this.#parts;
    sessions.begin(message);
    this.#isStandIn = false;
    const opening = sessions.open();
    const opened = await within(opening, this.#limits.beginMs);
    if (opened?.kind === "open") return this.#ownAnswer(opened.answer);
    this.#isStandIn = true;
    if (opened === undefined) this.#later(opening.then((late) => this.#opened(late)));
    else this.#opened(opened);
    return resultTo(id, ownInitialize(server, paramOf(message, "protocolVersion"), memory));
  }

  #ownAnswer({ bytes, members }: RpcMessage): Buffer {
    const result = textIn(bytes, members.get("result"));
    if (result !== undefined) this.#parts.memory.keep("initialize", result);
    return bytes;
  }

  /** Tools are waited for a moment: then those of the last time are shown. */
  async #isOpenInTime(): Promise<boolean> {
    const { sessions } = this.#parts;
    if (!sessions.isOpen) await within(this.#open(), this.#limits.listMs);
    return sessions.isOpen;
  }

  async #open(): Promise<void> {
    this.#opened(await this.#parts.sessions.open());
  }

  /** A client that was answered in the connector's place asks again, now that the connector itself is there. */
  #opened(opened: Opened): void {
    if (opened.kind === "failed") {
      this.#failed(opened);
      return;
    }
    if (!this.#isStandIn) return;
    this.#isStandIn = false;
    this.#ownAnswer(opened.answer);
    for (const kind of listKinds)
      this.#later(this.#parts.write(ownMessage({ method: `notifications/${kind}/list_changed` }).bytes));
  }

  #failed({ message }: Failure): void {
    this.#why = message;
    this.#parts.note(message);
  }

  async #tellWhy(message: RpcMessage, id: string, signal: AbortSignal): Promise<Buffer> {
    const isThere = isModern(message) ? await this.#isModernThere(message, signal) : await this.#isThere();
    const text = isThere ? "The connector is ready now. Ask for its tools again." : this.#why;
    const content = [{ type: "text", text }];
    return resultTo(id, JSON.stringify({ resultType: "complete", content, isError: !isThere }));
  }

  async #isThere(): Promise<boolean> {
    await this.#open();
    return this.#parts.sessions.isOpen;
  }

  async #isModernThere(message: RpcMessage, signal: AbortSignal): Promise<boolean> {
    const answer = await this.#parts.stateless.ask(toolsRequest(message), true, signal);
    if (answer.kind === "failed") this.#failed(answer);
    return answer.kind !== "failed";
  }

  #later(work: Promise<void>): void {
    work.catch((error: unknown) => this.#parts.note(String(error)));
  }
}

/** The outcome, or undefined when it takes longer; it goes on all the same. */
const within = async <T>(work: Promise<T>, ms: number): Promise<T | undefined> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), ms)));
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};
