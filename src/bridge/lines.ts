const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Cuts a stream of bytes into lines, in time that grows with the bytes alone. `\n` ends a line; `\r` too where asked for. */
export class Lines {
  readonly #returns: boolean;
  #parts: Buffer[] = [];
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
        if (rest.byteLength > 0) this.#parts.push(rest);
        return;
      }
      this.#afterReturn = rest[end] === carriageReturn;
      const last = rest.subarray(0, end);
      const line = this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last]);
      this.#parts = [];
      rest = rest.subarray(end + 1);
      yield line;
    }
  }

  /** What came after the last line's end. */
  rest(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #endIn(bytes: Buffer): number {
    const feed = bytes.indexOf(lineFeed);
    if (!this.#returns) return feed;
    const before = feed < 0 ? bytes : bytes.subarray(0, feed);
    const back = before.indexOf(carriageReturn);
    return back < 0 ? feed : back;
  }
}
