/** One answer stream of a door: its events have ids, are kept, and can be asked for again. */
import type { ServerResponse } from "node:http";

export interface StreamOptions {
  readonly key: string;
  /** With ids, so that it can be resumed (up to 2025-11-25). */
  readonly ids: boolean;
  /** Breaks off after its first event, once. */
  readonly cut: boolean;
}

export class Stream {
  readonly key: string;
  readonly #ids: boolean;
  #isToBeCut: boolean;
  #isDone = false;
  readonly #events: string[] = [];
  #response: ServerResponse | undefined;

  constructor({ key, ids, cut }: StreamOptions) {
    this.key = key;
    this.#ids = ids;
    this.#isToBeCut = cut;
  }

  get isOpen(): boolean {
    return this.#response !== undefined;
  }

  /** Goes on at this response, with what came after the event. */
  attach(response: ServerResponse, after = 0): void {
    this.#response = response;
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    response.flushHeaders();
    response.once("close", () => {
      if (this.#response === response) this.#response = undefined;
    });
    this.#events.slice(after).forEach((line, index) => this.#write(line, after + index));
    if (this.#isDone) response.end();
  }

  /** An event without a message: what is to come can be asked for after it. */
  prime(retryMs: number): void {
    this.#events.push("");
    this.#response?.write(`id: ${this.key}~0\nretry: ${retryMs}\ndata: \n\n`);
  }

  send(line: string): void {
    this.#events.push(line);
    this.#write(line, this.#events.length - 1);
    if (!this.#isToBeCut) return;
    this.#isToBeCut = false;
    this.cut();
  }

  end(): void {
    this.#isDone = true;
    this.#response?.end();
  }

  /** As a network does it. */
  cut(): void {
    const response = this.#response;
    this.#response = undefined;
    // What was written before is on its way, and the end of it is not.
    setTimeout(() => response?.destroy(), 20);
  }

  #write(line: string, index: number): void {
    if (line === "") return;
    const id = this.#ids ? `id: ${this.key}~${index}\nretry: 50\n` : "";
    this.#response?.write(`${id}event: message\ndata: ${line}\n\n`);
  }
}
