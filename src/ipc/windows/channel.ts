import type { Duplex } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import * as z from "zod";
import { messageSchema, type Message } from "./messages.ts";

const longestLine = 4 * 1024 * 1024;
/** When so many bytes wait for a window that does not read, the window counts as gone. */
const mostUnread = 8 * 1024 * 1024;

export interface ChannelEvents {
  readonly onMessage: (message: Message) => void;
  /** Called with every chunk, even half a line: the other side lives. */
  readonly onData?: () => void;
  /** Called once; nothing comes after it. */
  readonly onEnd: () => void;
}

/** Lines of JSON over a connection between two windows. A line that makes no sense ends it. */
export class Channel {
  readonly #stream: Duplex;
  readonly #events: ChannelEvents;
  readonly #decoder = new StringDecoder("utf8");
  #text = "";
  #ended = false;

  constructor(stream: Duplex, events: ChannelEvents) {
    this.#stream = stream;
    this.#events = events;
    stream.on("data", (chunk: Buffer) => this.#read(chunk));
    stream.on("error", () => this.end());
    stream.on("end", () => this.end());
    stream.on("close", () => this.end());
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** A message to a side that is gone goes nowhere. */
  send(message: Message): void {
    if (this.#ended) return;
    this.#stream.write(`${JSON.stringify(z.encode(messageSchema, message))}\n`);
    if (this.#stream.writableLength > mostUnread) this.end();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stream.destroy();
    this.#events.onEnd();
  }

  #read(chunk: Buffer): void {
    this.#events.onData?.();
    const lines = (this.#text + this.#decoder.write(chunk)).split("\n");
    this.#text = lines.pop() ?? "";
    for (const line of lines) {
      const message = parsed(line);
      if (message === undefined) {
        this.end();
        return;
      }
      if (!this.#ended) this.#events.onMessage(message);
    }
    if (this.#text.length > longestLine) this.end();
  }
}

const parsed = (line: string): Message | undefined => {
  try {
    const result = messageSchema.safeParse(JSON.parse(line));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
};
