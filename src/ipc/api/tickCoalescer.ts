/**
 * Questions that are put in the same turn of the event loop share one answer. It is begun when the turn is over, so that
 * whoever asks hears what was so when they asked.
 */
export class TickCoalescer<K, V> {
  readonly #answers = new Map<K, Promise<V>>();

  share(key: K, answer: () => Promise<V>): Promise<V> {
    const shared = this.#answers.get(key);
    if (shared !== undefined) return shared;
    const own = turnIsOver().then(() => {
      this.#answers.delete(key);
      return answer();
    });
    this.#answers.set(key, own);
    return own;
  }
}

const turnIsOver = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
