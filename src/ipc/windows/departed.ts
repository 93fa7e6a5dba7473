import type { Placed } from "./directory.ts";
import type { Row } from "./messages.ts";

/** Windows that have just gone, and what they had: a window that reloads is back within seconds. */
export class Departed {
  readonly #keepMs: number;
  readonly #windows = new Map<string, { readonly rows: readonly Row[]; readonly wentMs: number }>();

  /** @param keepMs how long a window may take to come back */
  constructor(keepMs: number) {
    this.#keepMs = keepMs;
  }

  add(window: string, rows: readonly Row[]): void {
    this.#windows.set(window, { rows, wentMs: performance.now() });
  }

  /** Milliseconds for which this window may still come back; 0 for any other. */
  leftMs(window: string): number {
    const known = this.#windows.get(window);
    return known === undefined ? 0 : Math.max(0, known.wentMs + this.#keepMs - performance.now());
  }

  /** What is still missed: an entry that another window shows is not. */
  rows(present: readonly Row[]): readonly Placed[] {
    for (const window of [...this.#windows.keys()]) {
      if (this.leftMs(window) === 0) this.#windows.delete(window);
    }
    const there = new Set(present.map(({ id }) => id));
    return [...this.#windows].flatMap(([window, { rows }]) =>
      rows.filter(({ id }) => !there.has(id)).map((row) => ({ ...row, window })),
    );
  }
}
