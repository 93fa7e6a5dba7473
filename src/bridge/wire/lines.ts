import { GrowingBytes } from "./bytes.ts";

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Cuts a stream of bytes into lines, in time that grows with the bytes alone. `\n` ends a line; `\r` too where asked for. */
export class Lines {
  readonly #returns: boolean;
  readonly #started = new GrowingBytes();
  /** A `\r` ended the last line: the `\n` that may follow belongs to it. */
  #afterReturn = false;

  constructor({ returns = false }: { readonly returns?: boolean } = {}) {
    this.#returns = returns;
  }

  /** Takes the next piece, and gives the lines that it completes, without their ends. */
  *read(chunk: Buffer): Generator<Buffer> {
    let rest = chunk;
    while (rest.byteLength > 0) {
      if (this.#afterReturn && rest[0] === lineFeed) rest = rest.subarray(1);
      this.#afterReturn = false;
      const end = this.#endIn(rest);
      if (end < 0) {
        if (rest.byteLength > 0) this.#started.add(rest);
        return;
      }
      this.#afterReturn = rest[end] === carriageReturn;
      this.#started.add(rest.subarray(0, end));
      const line = this.#started.take();
      rest = rest.subarray(end + 1);
      yield line;
    }
  }

  /** What came after the last line's end. */
  rest(): Buffer {
    return this.#started.take();
  }

  #endIn(bytes: Buffer): number {
    const feed = bytes.indexOf(lineFeed);
    if (!this.#returns) return feed;
    const before = feed < 0 ? bytes : bytes.subarray(0, feed);
    const back = before.indexOf(carriageReturn);
    return back < 0 ? feed : back;
  }
}
