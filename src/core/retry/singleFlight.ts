/** Runs one piece of work a key at a time; whoever asks meanwhile shares its outcome. */
export class SingleFlight<K, V> {
  readonly #flights = new Map<K, Promise<V>>();

  /** The flight is on the map before anything is awaited, so two callers in one turn share it. */
  run(key: K, work: () => Promise<V>): Promise<V> {
    const underWay = this.#flights.get(key);
    if (underWay !== undefined) return underWay;
    const flight = Promise.resolve()
      .then(work)
      .finally(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    return flight;
  }

  has(key: K): boolean {
    return this.#flights.has(key);
  }
}
