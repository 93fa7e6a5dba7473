import { DisposableStore, type Disposable } from "../../disposable.ts";
import type { Board } from "./board.ts";
import { observationOf, type Observation } from "./observation.ts";

/** Tells other windows what this one sees, once each, and takes in what they see without telling it back. */
export class Sharing implements Disposable {
  readonly #owned = new DisposableStore();
  readonly #board: Board;
  readonly #told = new Map<string, string>();
  readonly #mayTell: () => boolean;

  /** @param mayTell whether what is seen here is worth anything to others: not where the storage does not work. */
  constructor(
    board: Board,
    tell: (observations: readonly Observation[]) => void,
    mayTell: () => boolean = () => true,
  ) {
    this.#board = board;
    this.#mayTell = mayTell;
    this.#owned.add(
      board.onDidChange((ids) => {
        if (!mayTell()) return;
        const news = this.#newsOf(ids);
        if (news.length > 0) tell(news);
      }),
    );
  }

  /** Everything that this window knows: for one that has just come. */
  all(): readonly Observation[] {
    if (!this.#mayTell()) return [];
    return this.#board.entries().flatMap((entry) => observationOf(entry) ?? []);
  }

  take(observations: readonly Observation[]): void {
    for (const seen of observations) {
      this.#told.set(seen.entry, JSON.stringify(seen));
      this.#board.observe(seen);
    }
  }

  dispose(): void {
    this.#owned.dispose();
    this.#told.clear();
  }

  #newsOf(ids: readonly string[]): readonly Observation[] {
    return ids.flatMap((id) => {
      const entry = this.#board.get(id);
      const seen = entry === undefined ? undefined : observationOf(entry);
      if (seen === undefined) return [];
      const text = JSON.stringify(seen);
      if (this.#told.get(seen.entry) === text) return [];
      this.#told.set(seen.entry, text);
      return [seen];
    });
  }
}
