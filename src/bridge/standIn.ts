import type { Failure } from "./exchange.ts";
import {
  errorCodes,
  errorTo,
  notification,
  paramOf,
  paramTextOf,
  resultTo,
  type RpcMessage,
} from "./message.ts";
import { ownInitialize, reasonTool, toolListOf, type Remembered } from "./ownAnswers.ts";
import type { Opened, Sessions } from "./session.ts";

export interface StandInParts {
  readonly server: string;
  readonly sessions: Sessions;
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

const defaultLimits: StandInLimits = { beginMs: 1_500, listMs: 2_500 };

/** The server that a client has while the connector is not there: it was never gone, and it says why it has no tools. */
export class StandIn {
  readonly #parts: StandInParts;
  readonly #limits: StandInLimits;
  /** The client has an answer to `initialize` that is not of the link: it is told when there is one. */
  #isStandIn = false;
  #why = "";

  constructor(parts: StandInParts) {
    this.#parts = parts;
    this.#limits = { ...defaultLimits, ...parts.limits };
  }

  /** @returns undefined for what is the connector's to answer. */
  async answer(message: RpcMessage, id: string): Promise<Buffer | undefined> {
    const { sessions, memory } = this.#parts;
    switch (message.method) {
      case "initialize":
        return this.#begin(message, id);
      case "server/discover":
        return errorTo(id, errorCodes.methodNotFound, "Method not found");
      case "ping":
        return sessions.isOpen ? undefined : resultTo(id, "{}");
      case "tools/list":
        return (await this.#isOpenInTime()) ? undefined : resultTo(id, toolListOf(memory, this.#why));
      case "tools/call":
        return paramOf(message, "name") === reasonTool ? this.#tellWhy(id) : undefined;
      case undefined:
      default:
        return undefined;
    }
  }

  /** Some clients drop their tools when their list is an error, and never ask again. */
  inPlaceOf({ method }: RpcMessage, id: string, { refusal, message }: Failure): Buffer | undefined {
    if (method !== "tools/list" || refusal === undefined) return undefined;
    this.#isStandIn = true;
    return resultTo(id, toolListOf(this.#parts.memory, message));
  }

  /** The first page is the list that is shown while the connector is not there. */
  remember(request: RpcMessage, response: RpcMessage): void {
    if (request.method !== "tools/list" || paramOf(request, "cursor") !== undefined) return;
    const tools = paramTextOf(response, "tools");
    if (response.members.has("result") && tools !== undefined) this.#parts.memory.keep("tools", tools);
  }

  /** The connector is there for who may have it. */
  async granted(): Promise<void> {
    if (this.#isStandIn) await this.#open();
  }

  /** The connector is not there any more. The client keeps its server. */
  left(): void {
    if (!this.#parts.sessions.isOpen) return;
    this.#parts.sessions.cut();
    this.#isStandIn = true;
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
    const span = members.get("result");
    if (span !== undefined)
      this.#parts.memory.keep("initialize", bytes.toString("utf8", span.start, span.end));
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
    for (const kind of ["tools", "prompts", "resources"])
      this.#later(this.#parts.write(notification(`notifications/${kind}/list_changed`)));
  }

  #failed({ message }: Failure): void {
    this.#why = message;
    this.#parts.note(message);
  }

  async #tellWhy(id: string): Promise<Buffer> {
    await this.#open();
    const { isOpen } = this.#parts.sessions;
    const text = isOpen ? "The connector is ready now. Ask for its tools again." : this.#why;
    return resultTo(id, JSON.stringify({ content: [{ type: "text", text }], isError: !isOpen }));
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
