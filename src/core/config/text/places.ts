import type { Place } from "../issues/issue.ts";

/** Turns offsets in one text into places. Lines end where editors end them: at `\n`, `\r\n` and `\r`. */
export class Places {
  readonly file: string;
  readonly #length: number;
  readonly #lineStarts: readonly number[];

  constructor(file: string, text: string) {
    this.file = file;
    this.#length = text.length;
    this.#lineStarts = [0, ...Array.from(text.matchAll(/\r\n|\r|\n/g), (end) => end.index + end[0].length)];
  }

  /** The place of `length` UTF-16 units from `offset`, cut to the file's bounds. */
  at(offset: number, length: number): Place {
    const start = this.#position(offset);
    const end = this.#position(offset + length);
    return { file: this.file, ...start, endLine: end.line, endColumn: end.column };
  }

  #position(offset: number): { readonly line: number; readonly column: number } {
    const within = Math.min(Math.max(offset, 0), this.#length);
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#lineStarts[middle] ?? 0) <= within) low = middle;
      else high = middle - 1;
    }
    return { line: low, column: within - (this.#lineStarts[low] ?? 0) };
  }
}
