import { disposable, type Disposable } from "../../disposable.ts";
import { Emitter } from "../../emitter.ts";

/**
 * What is under way for a connector: a page in the person's browser, a stronger sign-in, or a decision that is made
 * elsewhere (on their phone, or by somebody else).
 */
export type UserActionKind = "browser" | "signIn" | "elsewhere";

interface Act {
  readonly kind: UserActionKind;
  readonly abort: AbortController;
}

/** The one owner of what is under way in this window: one act a connector, each of them can be cancelled. */
export class UserActions implements Disposable {
  readonly #actions = new Map<string, Act>();
  readonly #changed = new Emitter<string | undefined>();
  #busy = 0;
  #disposed = false;

  /** The connector whose act began or ended; `undefined` when what changed is whether the person is busy. */
  readonly onDidChange = this.#changed.event;

  of(connectorId: string): UserActionKind | undefined {
    return this.#actions.get(connectorId)?.kind;
  }

  /** How many are under way. */
  get size(): number {
    return this.#actions.size;
  }

  /** Whether the person is doing something about their connectors right now, so that nobody speaks to them about it. */
  get isPersonBusy(): boolean {
    return this.#busy > 0 || [...this.#actions.values()].some(({ kind }) => kind !== "elsewhere");
  }

  /** The person is busy (in a dialog, with a sign-in) until the result is disposed of. */
  busy(): Disposable {
    this.#busy += 1;
    this.#changed.fire(undefined);
    return disposable(() => {
      this.#busy -= 1;
      this.#changed.fire(undefined);
    });
  }

  /**
   * Runs an act until its work is done. @returns `undefined` when it was cancelled, or when the connector has one under
   * way already. Rejects as the work does.
   */
  async run<T>(
    connectorId: string,
    kind: UserActionKind,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | undefined> {
    if (this.#disposed || this.#actions.has(connectorId)) return undefined;
    const abort = new AbortController();
    this.#actions.set(connectorId, { kind, abort });
    this.#changed.fire(connectorId);
    try {
      return await work(abort.signal);
    } catch (error) {
      if (abort.signal.aborted) return undefined;
      throw error;
    } finally {
      this.#actions.delete(connectorId);
      this.#changed.fire(connectorId);
    }
  }

  cancel(connectorId: string): void {
    this.#actions.get(connectorId)?.abort.abort();
  }

  dispose(): void {
    this.#disposed = true;
    for (const { abort } of this.#actions.values()) abort.abort();
    this.#changed.dispose();
  }
}
