import type { Stands } from "./agent.ts";
import { isAskedFor, type ClientSide } from "./client.ts";
import type { OnMessage } from "./wire/deliver.ts";
import type { ClientAsks } from "./modern/clientAsks.ts";
import type { Failure } from "./refusal/verdict.ts";
import type { HeldCalls } from "./refusal/heldCalls.ts";
import { itemsOf } from "./wire/json.ts";
import { errorTo, keyOfId, paramOf, readMessage, type RpcMessage } from "./wire/message.ts";
import { isModern } from "./modern/modern.ts";
import type { Sessions } from "./session.ts";
import type { StandIn } from "./standIn.ts";
import type { StatelessSide } from "./modern/stateless.ts";
import type { ToolGate } from "./refusal/tools.ts";

export interface PumpParts {
  /** `onMessage` gets what the connector says of its own accord. */
  readonly sessions: (onMessage: OnMessage) => Sessions;
  readonly standIn: (sessions: Sessions) => StandIn;
  /** For what a client of MCP 2026-07-28 asks. */
  readonly stateless: StatelessSide;
  readonly client: ClientSide;
  readonly asks: ClientAsks;
  readonly person: Pick<HeldCalls, "hold">;
  readonly tools: ToolGate;
  /** Writes one line to the client; resolves when it can take more. */
  readonly write: (line: Buffer) => Promise<void>;
  /** One line for whoever reads stderr. */
  readonly note: (line: string) => void;
}

/**
 * Passes messages between a client on stdio and a connector. Each request of the client's gets one answer, whatever
 * happens: the connector's own, or an error that says why there is none.
 */
export class Pump {
  readonly #parts: PumpParts;
  readonly #sessions: Sessions;
  readonly #standIn: StandIn;
  readonly #stop = new AbortController();
  /** The client's requests under way, by id. */
  readonly #underWay = new Map<string, AbortController>();
  #entry = "";

  constructor(parts: PumpParts) {
    this.#parts = parts;
    this.#sessions = parts.sessions((message) => this.#fromConnector(message));
    this.#standIn = parts.standIn(this.#sessions);
  }

  /** Takes one line of the client's. Resolves when it is dealt with. */
  async take(line: Buffer): Promise<void> {
    const message = readMessage(line);
    if (message === undefined) return this.#takeOdd(line);
    if (message.kind !== "request" || message.id === undefined) return this.#tell(message);
    const end = new AbortController();
    this.#underWay.set(keyOfId(message.id), end);
    try {
      const signal = AbortSignal.any([end.signal, this.#stop.signal]);
      const answer = await this.#answer(message, message.id, signal);
      if (answer !== undefined && !end.signal.aborted) await this.#parts.write(answer);
    } finally {
      this.#underWay.delete(keyOfId(message.id));
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
    if (stands.standing === "ended" || isOther) this.#standIn.left();
    if (stands.standing === "granted") await this.#standIn.granted();
  }

  /** Nobody knows any more whether the right still holds: streams end, and what is under way is answered with an error. */
  unknown(): void {
    this.#standIn.left();
  }

  /** Nothing is under way that is to be answered. */
  get isIdle(): boolean {
    return this.#underWay.size === 0;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#sessions.close();
  }

  async #answer(message: RpcMessage, id: string, signal: AbortSignal): Promise<Buffer | undefined> {
    this.#parts.client.hear(message);
    const own = await this.#standIn.answer(message, id, signal);
    return own === undefined ? this.#passed(message, id, signal) : this.#shown(message, own);
  }

  /** An answer in the connector's place, as the rules let the client see it. */
  #shown(request: RpcMessage, answer: Buffer): Buffer {
    const read = readMessage(answer);
    return read === undefined ? answer : this.#parts.tools.shown(request, read).bytes;
  }

  /** By the connector, as soon as it may be asked. @returns why it was not, as an answer. */
  async #passed(asked: RpcMessage, id: string, signal: AbortSignal): Promise<Buffer | undefined> {
    const { person, note } = this.#parts;
    const { message, before } = isModern(asked)
      ? (await import("./late.ts")).askedBefore(asked)
      : { message: asked, before: undefined };
    const isAsked = isAskedFor(message);
    let failure = await this.#send(message, isAsked, signal);
    if (failure?.refusal?.isUnlisted === true && (await this.#hearTools(message, signal)))
      failure = await this.#send(message, isAsked, signal);
    if (failure?.refusal !== undefined && isAsked) {
      note(failure.message);
      const held = await person.hold(failure, message, before, signal);
      if (held.kind === "asked") return held.answer;
      failure = held.kind === "goOn" ? await this.#send(message, isAsked, signal) : held;
    }
    if (failure === undefined) return undefined;
    note(failure.message);
    const instead = this.#standIn.inPlaceOf(message, id, failure);
    return instead === undefined ? errorTo(id, failure.code, failure.message) : this.#shown(message, instead);
  }

  /** Has the connector say what its tools do. @returns whether it did. */
  async #hearTools(call: RpcMessage, signal: AbortSignal): Promise<boolean> {
    const { askForTools } = await import("./late.ts");
    return askForTools(call, async (list) => {
      let answer: RpcMessage | undefined;
      const hear: OnMessage = (each) => {
        this.#parts.tools.hear(each, list);
        if (each.kind === "response") answer = each;
        return Promise.resolve();
      };
      const failure = await this.#via(call).send(list, false, hear, signal);
      return failure === undefined ? answer : undefined;
    });
  }

  #send(message: RpcMessage, isAsked: boolean, signal: AbortSignal): Promise<Failure | undefined> {
    const { tools } = this.#parts;
    const onMessage: OnMessage = async (raw) => {
      if (raw.kind !== "response") return this.#fromConnector(raw);
      tools.hear(raw, message);
      const each = tools.shown(message, raw);
      this.#standIn.remember(message, each);
      if (!signal.aborted) await this.#fromConnector(each);
    };
    const via = this.#via(message);
    const send = (hear: OnMessage): Promise<Failure | undefined> => via.send(message, isAsked, hear, signal);
    return this.#standIn.sent(message, send, onMessage, signal);
  }

  #via(message: RpcMessage): Pick<StatelessSide, "send"> {
    return isModern(message) ? this.#parts.stateless : this.#sessions;
  }

  /** A notification or an answer of the client's: nothing comes back. */
  async #tell(message: RpcMessage): Promise<void> {
    if (message.method === "notifications/initialized") return this.#sessions.initialized(message);
    if (message.method === "notifications/cancelled") this.#cancelled(paramOf(message, "requestId"));
    if (message.kind === "response" && this.#parts.asks.take(message)) return;
    if (!this.#sessions.isOpen) return;
    const failure = await this.#sessions.send(
      message,
      false,
      (each) => this.#fromConnector(each),
      this.#stop.signal,
    );
    if (failure !== undefined) this.#parts.note(failure.message);
  }

  #cancelled(requestId: unknown): void {
    this.#underWay.get(keyOfId(JSON.stringify(requestId ?? null)))?.abort();
  }

  async #fromConnector(message: RpcMessage): Promise<void> {
    this.#parts.tools.hear(message);
    const refusal = this.#parts.client.refusalOf(message);
    if (refusal !== undefined) return this.#tell(refusal);
    if (message.kind === "response" && !this.#underWay.has(keyOfId(message.id ?? ""))) return;
    await this.#parts.write(message.bytes);
  }
}
