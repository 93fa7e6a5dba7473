import { mostBytes } from "./bytes.ts";
import { Lines } from "./lines.ts";

export interface ServerEvent {
  readonly data: Buffer;
  /** What the stream can be resumed after; empty where it cannot. */
  readonly lastId: string;
}

/** Each try has the right to it asked for: a server that wants the next at once does not get it. */
const shortestRetryMs = 250;
const space = 0x20;
const colon = 0x3a;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Reads an event stream (HTML standard, "Interpreting an event stream") as bytes. */
export class EventBytes {
  readonly #lines = new Lines({ returns: true });
  #data: Buffer[] = [];
  #dataBytes = 0;
  #isStart = true;
  #id = "";
  #lastId = "";
  #retryMs: number | undefined;

  /** The id of the last event that was complete. */
  get lastId(): string {
    return this.#lastId;
  }

  /** How long the server wants to be left alone before the stream is asked for again, in milliseconds. */
  get retryMs(): number | undefined {
    return this.#retryMs;
  }

  /** @throws RangeError where an event is too large. */
  *read(chunk: Buffer): Generator<ServerEvent> {
    for (const line of this.#lines.read(chunk)) {
      const event = this.#take(line);
      if (event !== undefined) yield event;
    }
  }

  #take(raw: Buffer): ServerEvent | undefined {
    const line = this.#isStart && raw.subarray(0, 3).equals(byteOrderMark) ? raw.subarray(3) : raw;
    this.#isStart = false;
    if (line.byteLength === 0) return this.#dispatch();
    const end = line.indexOf(colon);
    const field = line.toString("latin1", 0, end < 0 ? undefined : end);
    const from = end < 0 ? line.byteLength : end + (line[end + 1] === space ? 2 : 1);
    const value = line.subarray(from);
    // Byte for byte, as Node writes it into a header.
    const text = (): string => value.toString("latin1");
    if (field === "data") this.#push(value);
    // One that no header can hold is passed over, as one with a NUL is.
    else if (field === "id" && /^[\t -~\x80-\xff]*$/.test(text())) this.#id = text();
    else if (field === "retry" && /^\d{1,9}$/.test(text()))
      this.#retryMs = Math.max(Number(value), shortestRetryMs);
    return undefined;
  }

  #push(value: Buffer): void {
    this.#data.push(value);
    this.#dataBytes += value.byteLength;
    if (this.#dataBytes > mostBytes) throw new RangeError();
  }

  #dispatch(): ServerEvent | undefined {
    this.#lastId = this.#id;
    const [first, ...others] = this.#data;
    this.#data = [];
    this.#dataBytes = 0;
    if (first === undefined) return undefined;
    const newline = Buffer.from("\n");
    const data =
      others.length === 0 ? first : Buffer.concat([first, ...others.flatMap((each) => [newline, each])]);
    return { data, lastId: this.#lastId };
  }
}
