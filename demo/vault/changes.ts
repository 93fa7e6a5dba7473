/** Lets callers wait until something about a key has changed. */
export class Changes {
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Wakes everyone who waits for this key. */
  notify(key: string): void {
    const waiting = this.#waiting.get(key);
    this.#waiting.delete(key);
    for (const wake of waiting ?? []) wake();
  }

  /** Resolves at the next change of the key, after `timeoutMs`, or when the signal aborts. Never rejects. */
  wait(key: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || timeoutMs <= 0) return Promise.resolve();
    return new Promise<void>((resolve) => {
      const waiting = this.#waiting.get(key) ?? new Set();
      this.#waiting.set(key, waiting);
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        waiting.delete(done);
        if (waiting.size === 0 && this.#waiting.get(key) === waiting) this.#waiting.delete(key);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      signal.addEventListener("abort", done);
      waiting.add(done);
    });
  }

  /** Wakes everyone; for the end of the demo. */
  wakeAll(): void {
    for (const key of [...this.#waiting.keys()]) this.notify(key);
  }
}
