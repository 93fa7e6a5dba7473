import type { Disposable } from "../core/disposable.ts";

/** Does something once for all who ask within a short time. */
export class Throttle implements Disposable {
  readonly #run: () => void;
  readonly #withinMs: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(run: () => void, withinMs: number) {
    this.#run = run;
    this.#withinMs = withinMs;
  }

  request(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#run();
    }, this.#withinMs);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }
}
