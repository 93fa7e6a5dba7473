/** One message, whoever says it: several copies of it are in memory at once, the client's own among them. */
export const mostBytes = 256 * 1024 * 1024;
/** What is smaller is put together by a copy. */
const largeBytes = 256 * 1024;

/** Bytes that come in pieces, put together without a second copy of them: the memory grows in place. */
export class GrowingBytes {
  #pieces: Buffer[] = [];
  #size = 0;
  #large: ArrayBuffer | undefined;

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** @throws RangeError where they are too many. */
  add(piece: Buffer): void {
    if (this.#large === undefined && this.#size + piece.byteLength > largeBytes && this.#size > 0)
      this.#grow();
    if (this.#large === undefined) this.#pieces.push(piece);
    else this.#append(this.#large, piece, this.#size);
    this.#size += piece.byteLength;
  }

  /** All of them; the next begin anew. */
  take(): Buffer {
    const [only, ...others] = this.#pieces;
    const size = this.#size;
    const large = this.#large;
    const small = others.length === 0 ? (only ?? Buffer.alloc(0)) : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#size = 0;
    this.#large = undefined;
    return large === undefined ? small : Buffer.from(large, 0, size);
  }

  #grow(): void {
    const large = new ArrayBuffer(0, { maxByteLength: mostBytes });
    let at = 0;
    for (const piece of this.#pieces) {
      this.#append(large, piece, at);
      at += piece.byteLength;
    }
    this.#pieces = [];
    this.#large = large;
  }

  #append(large: ArrayBuffer, piece: Buffer, at: number): void {
    large.resize(at + piece.byteLength);
    new Uint8Array(large, at, piece.byteLength).set(piece);
  }
}
