import { inBackground } from "../background.ts";
import type { Disposable } from "../disposable.ts";
import type { Clock } from "../ports.ts";
import type { BoundedSecrets } from "./bounded.ts";

/** What others need to know of the storage. */
export type WatchedStorage = Pick<BoundedSecrets, "health" | "onDidChangeHealth" | "get">;

export interface StorageWatchParts {
  readonly storage: WatchedStorage;
  readonly clock: Clock;
  /** Whether somebody could take this window's place, so that it matters before anybody asks. */
  readonly isWanted: () => boolean;
  readonly everyMs?: number;
}

const defaultEveryMs = 5000;
/** Nothing is stored under it, so that no keyring is asked for it. */
const watchKey = "lanyard.storage.watch";

/**
 * Asks the storage now and then whether it answers at all: that the browser behind it has died is known before a helper
 * needs it. One question at a time, which is waited for however long it takes: its answer says that the storage is back.
 */
export class StorageWatch implements Disposable {
  readonly #parts: StorageWatchParts;
  #timer: Disposable | undefined;
  #isOver = false;

  constructor(parts: StorageWatchParts) {
    this.#parts = parts;
    this.#soon();
  }

  dispose(): void {
    this.#isOver = true;
    this.#timer?.dispose();
  }

  #soon(): void {
    if (this.#isOver) return;
    const { clock, everyMs = defaultEveryMs } = this.#parts;
    this.#timer = clock.after(everyMs, () => inBackground("storage.watch", () => this.#look()));
  }

  async #look(): Promise<void> {
    const { storage, isWanted } = this.#parts;
    // What comes of it shows in the storage's health. One that refuses is asked by those who need it alone.
    if (storage.health.kind === "working" && isWanted())
      await storage.get(watchKey, "forPerson").catch(() => undefined);
    this.#soon();
  }
}
