import type { OnMessage } from "./wire/deliver.ts";
import { forwardFailure, type Failure } from "./refusal/verdict.ts";
import type { Link, Opened, OpenLink } from "./link.ts";
import type { RpcMessage } from "./wire/message.ts";

interface Opening {
  readonly work: Promise<Opened>;
  readonly isAsked: boolean;
}

export interface SessionParts {
  readonly openLink: OpenLink;
  readonly onMessage: OnMessage;
  readonly note: (line: string) => void;
}

/** The link there is, and the next one: each begins with the client's own first messages. */
export class Sessions {
  readonly #parts: SessionParts;
  #initialize: RpcMessage | undefined;
  #initialized: RpcMessage | undefined;
  #open: Extract<Opened, { readonly kind: "open" }> | undefined;
  #opening: Opening | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /** The client's first message: what every link begins with. */
  begin(initialize: RpcMessage): void {
    this.cut();
    this.#opening = undefined;
    this.#initialize = initialize;
    this.#initialized = undefined;
  }

  /** The link there is, or a new one; those who want one at the same time share it. */
  async open(isAsked = false): Promise<Opened> {
    const known = this.#opening;
    // One that asks nobody for anything is no answer to who wants something of the connector.
    if (known !== undefined && (known.isAsked || !isAsked)) return known.work;
    await known?.work;
    if (this.#open !== undefined) return this.#open;
    const opening: Opening = this.#opening ?? { isAsked, work: this.#start(isAsked) };
    this.#opening = opening;
    try {
      return await opening.work;
    } finally {
      if (this.#opening === opening) this.#opening = undefined;
    }
  }

  /** The client is ready: said to the link there is, and to every later one. */
  async initialized(message: RpcMessage): Promise<void> {
    this.#initialized = message;
    await this.#open?.link?.introduce(message);
  }

  /** Sends one message of the client's. `onMessage` gets what is answered, the answer itself last. */
  async send(
    message: RpcMessage,
    isAsked: boolean,
    onMessage: OnMessage,
    signal: AbortSignal,
  ): Promise<Failure | undefined> {
    for (let isRenewed = false; ; isRenewed = true) {
      const opened = await this.open(isAsked);
      if (opened.kind !== "open") return opened;
      const { link } = opened;
      if (link === undefined) return forwardFailure("The connector refused to begin.");
      const sent = await link.send(message, isAsked, onMessage, signal);
      if (sent !== "forgotten") return sent;
      if (isRenewed) return forwardFailure("The connector forgot its session, and a new one as well (404).");
      this.#forget(link);
    }
  }

  /** Ends what is open: the right to it is over. The next request opens a link anew. */
  cut(): void {
    const link = this.#open?.link;
    this.#open = undefined;
    link?.leave("end");
  }

  async close(): Promise<void> {
    const link = this.#open?.link;
    this.cut();
    await link?.close();
  }

  async #start(isAsked: boolean): Promise<Opened> {
    const initialize = this.#initialize;
    if (initialize === undefined) return forwardFailure("The client has not sent initialize yet.");
    const opened = await this.#parts.openLink(initialize, isAsked, {
      onMessage: this.#parts.onMessage,
      onForgotten: (link) => this.#reopen(link),
    });
    if (opened.kind !== "open" || opened.link === undefined) return opened;
    if (this.#initialize !== initialize) {
      opened.link.leave("end");
      return opened;
    }
    this.#open = opened;
    if (this.#initialized !== undefined) await opened.link.introduce(this.#initialized);
    return opened;
  }

  /** What the server says by itself is heard by another. */
  #reopen(link: Link): void {
    this.#forget(link);
    this.open().then(
      (opened) => {
        if (opened.kind === "failed") this.#parts.note(opened.message);
      },
      (error: unknown) => this.#parts.note(String(error)),
    );
  }

  #forget(link: Link): void {
    link.leave();
    if (this.#open?.link === link) this.#open = undefined;
  }
}
