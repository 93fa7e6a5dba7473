/** Something that holds on to a listener, a timer, a socket or a child until it is told to let go. */
export interface Disposable {
  dispose(): void;
}

export const disposable = (dispose: () => void): Disposable => {
  let done = false;
  return {
    dispose() {
      if (done) return;
      done = true;
      dispose();
    },
  };
};

/** The part of a clock that runs something later. */
interface Timers {
  after(delayMs: number, run: () => void): Disposable;
}

/** Owns disposables and lets go of them together, last in first out. One added after the end goes at once. */
export class DisposableStore implements Disposable {
  readonly #items = new Set<Disposable>();
  #disposed = false;

  add<T extends Disposable>(item: T): T {
    if (this.#disposed) item.dispose();
    else this.#items.add(item);
    return item;
  }

  /** Owns a timer until it has fired. @param clock what counts the time, as in `Clock` */
  after(clock: Timers, delayMs: number, run: () => void): Disposable {
    if (this.#disposed) return disposable(() => undefined);
    const started = clock.after(delayMs, () => {
      this.#items.delete(timer);
      run();
    });
    const timer = disposable(() => {
      this.#items.delete(timer);
      started.dispose();
    });
    return this.add(timer);
  }

  /** How many are held; tests show that it ends at zero. */
  get size(): number {
    return this.#items.size;
  }

  /** Lets go of all, also when some fail. @throws what the first of those threw. */
  dispose(): void {
    this.#disposed = true;
    const items = [...this.#items].reverse();
    this.#items.clear();
    const failures: unknown[] = [];
    for (const item of items) {
      try {
        item.dispose();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
