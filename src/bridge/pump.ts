import type { Stands } from "./agent.ts";
import type { Failure } from "./exchange.ts";
import { fieldsOf, itemsOf, membersOf, textIn } from "./json.ts";
import {
  errorCodes,
  errorTo,
  keyOfId,
  notification,
  paramOf,
  readMessage,
  resultTo,
  type RpcMessage,
} from "./message.ts";
import type { CallMeans, HeldCalls } from "./heldCalls.ts";
import type { Opened, Sessions } from "./session.ts";
import { ownInitialize, reasonTool, toolListOf, type Remembered } from "./standIn.ts";

export interface PumpParts {
  readonly server: string;
  readonly sessions: (onMessage: (message: RpcMessage) => Promise<void>) => Sessions;
  /** Writes one line to the client; resolves when it can take more. */
  readonly write: (line: Buffer) => Promise<void>;
  readonly person: HeldCalls;
  /** What the connector said the last time. */
  readonly memory: Remembered;
  /** One line for whoever reads stderr. */
  readonly note: (line: string) => void;
  readonly limits?: Partial<PumpLimits>;
}

export interface PumpLimits {
  /** Clients give up a server from three seconds on. */
  readonly initializeMs: number;
  readonly listMs: number;
}

const defaultLimits: PumpLimits = { initializeMs: 1_500, listMs: 2_500 };

/** What nobody wants anything of a person for. */
const unasked = /^(?:initialize|ping|notifications\/.*|.*\/list)$/;

/**
 * Passes messages between a client on stdio and a connector. Each request of the client's gets one answer, whatever
 * happens: the connector's own, or an error that says why there is none.
 */
export class Pump {
  readonly #parts: PumpParts;
  readonly #limits: PumpLimits;
  readonly #sessions: Sessions;
  readonly #stop = new AbortController();
  /** The client's requests under way, by id. */
  readonly #underWay = new Map<string, AbortController>();
  readonly #declared = new Set<string>();
  #opensPages = false;
  /** The client has an answer to `initialize` that is not of the session: it is told when there is one. */
  #isStandIn = false;
  #entry = "";
  #why = "";

  constructor(parts: PumpParts) {
    this.#parts = parts;
    this.#limits = { ...defaultLimits, ...parts.limits };
    this.#sessions = parts.sessions((message) => this.#fromConnector(message));
  }

  /** Takes one line of the client's. Resolves when it is dealt with. */
  async take(line: Buffer): Promise<void> {
    const message = readMessage(line);
    if (message === undefined) return this.#takeOdd(line);
    if (message.kind !== "request") return this.#tell(message);
    const { id, method } = message;
    if (id === undefined || method === undefined) return;
    const end = new AbortController();
    this.#underWay.set(keyOfId(id), end);
    try {
      const signal = AbortSignal.any([end.signal, this.#stop.signal]);
      const answer = await this.#answer(message, id, method, signal);
      if (answer !== undefined && !end.signal.aborted) await this.#parts.write(answer);
    } finally {
      this.#underWay.delete(keyOfId(id));
    }
  }

  /** A batch, which only MCP 2025-03-26 knows, is taken message by message. Whatever else is no message is left. */
  async #takeOdd(line: Buffer): Promise<void> {
    const items = itemsOf(line);
    await Promise.all((items ?? []).map((item) => this.take(item)));
    if (items === undefined && line.toString("latin1").trim() !== "")
      this.#parts.note("A line of the client's is no message.");
  }

  /** The agent says how the connector stands. */
  async stands(stands: Stands): Promise<void> {
    if (stands.kind === "away") return;
    const isOther = this.#entry !== "" && stands.entry !== "" && stands.entry !== this.#entry;
    if (stands.entry !== "") this.#entry = stands.entry;
    if (stands.standing === "ended" || isOther) this.#leave();
    if (stands.standing === "granted" && this.#isStandIn) await this.#open();
  }

  /** Nobody knows any more whether the right still holds. */
  unknown(): void {
    this.#leave();
  }

  /** Resolves when what is under way is answered. */
  get isIdle(): boolean {
    return this.#underWay.size === 0;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#sessions.close();
  }

  async #answer(
    message: RpcMessage,
    id: string,
    method: string,
    signal: AbortSignal,
  ): Promise<Buffer | undefined> {
    if (method === "initialize") return this.#initialize(message, id);
    if (method === "server/discover") return errorTo(id, errorCodes.methodNotFound, "Method not found");
    if (method === "ping" && !this.#sessions.isOpen) return resultTo(id, "{}");
    if (method === "tools/call" && paramOf(message, "name") === reasonTool) return this.#tellWhy(id);
    if (method === "tools/list" && !(await this.#isOpenInTime()))
      return resultTo(id, toolListOf(this.#parts.memory, this.#why));
    return this.#passed(message, id, method, signal);
  }

  /** Tools are waited for a moment: then those of the last time are shown. */
  async #isOpenInTime(): Promise<boolean> {
    if (!this.#sessions.isOpen) await within(this.#open(), this.#limits.listMs);
    return this.#sessions.isOpen;
  }

  /** By the connector, as soon as it may be asked. @returns why it was not, as an answer. */
  async #passed(
    message: RpcMessage,
    id: string,
    method: string,
    signal: AbortSignal,
  ): Promise<Buffer | undefined> {
    const onMessage = async (each: RpcMessage): Promise<void> => {
      if (method === "tools/list" && each.kind === "response") this.#rememberTools(message, each);
      if (each.kind !== "response" || !signal.aborted) await this.#fromConnector(each);
    };
    const isAsked = !unasked.test(method);
    let failure = await this.#sessions.send(message, isAsked, onMessage, signal);
    if (failure?.refusal !== undefined && isAsked) {
      this.#note(failure);
      failure = await this.#parts.person.hold(failure, this.#meansOf(message), signal);
      failure ??= await this.#sessions.send(message, isAsked, onMessage, signal);
    }
    if (failure === undefined) return undefined;
    this.#note(failure);
    return method === "tools/list" && failure.refusal !== undefined
      ? this.#listInPlace(id, failure)
      : errorTo(id, failure.code, failure.message);
  }

  /** Some clients drop their tools on an error, and never ask again. */
  #listInPlace(id: string, { message }: Failure): Buffer {
    this.#isStandIn = true;
    return resultTo(id, toolListOf(this.#parts.memory, message));
  }

  #meansOf(message: RpcMessage): CallMeans {
    const { progressToken } = fieldsOf(paramOf(message, "_meta"));
    return { opensPages: this.#opensPages, progressToken };
  }

  /** With the connector's own answer where it comes in time, else with the one it gave last, else with one of our own. */
  async #initialize(message: RpcMessage, id: string): Promise<Buffer> {
    this.#sessions.begin(message);
    this.#isStandIn = false;
    this.#declared.clear();
    const capabilities = fieldsOf(paramOf(message, "capabilities"));
    for (const name of Object.keys(capabilities)) this.#declared.add(name);
    this.#opensPages = "url" in fieldsOf(capabilities["elicitation"]);
    const opening = this.#sessions.open();
    const opened = await within(opening, this.#limits.initializeMs);
    if (opened?.kind === "open") return this.#ownAnswer(opened.answer);
    this.#isStandIn = true;
    if (opened === undefined)
      opening.then(
        (late) => this.#opened(late),
        (error: unknown) => this.#parts.note(String(error)),
      );
    else this.#opened(opened);
    return resultTo(
      id,
      ownInitialize(this.#parts.server, paramOf(message, "protocolVersion"), this.#parts.memory),
    );
  }

  #ownAnswer({ bytes, members }: RpcMessage): Buffer {
    const result = textIn(bytes, members.get("result"));
    if (result !== undefined) this.#parts.memory.keep("initialize", result);
    return bytes;
  }

  async #open(): Promise<void> {
    this.#opened(await this.#sessions.open());
  }

  /** A client that was answered in the connector's place asks again, now that the connector itself is there. */
  #opened(opened: Opened): void {
    if (opened.kind === "failed") {
      this.#why = opened.message;
      this.#note(opened);
      return;
    }
    if (!this.#isStandIn) return;
    this.#isStandIn = false;
    this.#ownAnswer(opened.answer);
    for (const kind of ["tools", "prompts", "resources"])
      this.#write(notification(`notifications/${kind}/list_changed`));
  }

  /** Streams end, and what is under way is answered with an error. The client keeps its server. */
  #leave(): void {
    if (!this.#sessions.isOpen) return;
    this.#sessions.cut();
    this.#isStandIn = true;
  }

  async #tellWhy(id: string): Promise<Buffer> {
    await this.#open();
    const isOpen = this.#sessions.isOpen;
    const text = isOpen ? "The connector is ready now. Ask for its tools again." : this.#why;
    return resultTo(id, JSON.stringify({ content: [{ type: "text", text }], isError: !isOpen }));
  }

  /** A notification or an answer of the client's: nothing comes back. */
  async #tell(message: RpcMessage): Promise<void> {
    if (message.method === "notifications/initialized") return this.#sessions.initialized(message);
    if (message.kind === "response" && this.#parts.person.take(message)) return;
    if (!this.#sessions.isOpen) return;
    const failure = await this.#sessions.send(
      message,
      false,
      (each) => this.#fromConnector(each),
      this.#stop.signal,
    );
    if (failure !== undefined) this.#note(failure);
    if (message.method === "notifications/cancelled") this.#cancelled(paramOf(message, "requestId"));
  }

  #cancelled(requestId: unknown): void {
    this.#underWay.get(keyOfId(JSON.stringify(requestId ?? null)))?.abort();
  }

  async #fromConnector(message: RpcMessage): Promise<void> {
    const [capability = ""] = message.method?.split("/") ?? [];
    // What a client has not declared it may leave unanswered for ever.
    if (message.kind === "request" && asking.has(capability) && !this.#declared.has(capability)) {
      const refusal = readMessage(
        errorTo(message.id ?? "null", errorCodes.methodNotFound, "Not supported by the client"),
      );
      if (refusal !== undefined) await this.#tell(refusal);
      return;
    }
    if (message.kind === "response" && !this.#underWay.has(keyOfId(message.id ?? ""))) return;
    await this.#parts.write(message.bytes);
  }

  /** The first page is the list that is shown while the connector is not there. */
  #rememberTools(request: RpcMessage, { bytes, members }: RpcMessage): void {
    const result = members.get("result");
    if (result === undefined || paramOf(request, "cursor") !== undefined) return;
    const tools = textIn(bytes, membersOf(bytes, result)?.get("tools"));
    if (tools !== undefined) this.#parts.memory.keep("tools", tools);
  }

  #write(line: Buffer): void {
    this.#parts.write(line).catch((error: unknown) => this.#parts.note(String(error)));
  }

  #note({ message }: Failure): void {
    this.#parts.note(message);
  }
}

/** What servers ask clients for. */
const asking: ReadonlySet<string> = new Set(["elicitation", "sampling", "roots"]);

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
