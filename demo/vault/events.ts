import { Changes } from "./changes.ts";

/** What a signed-in editor wants to hear without asking. */
export type VaultEvent =
  { readonly type: "session-revoked" } | { readonly type: "connector-changed"; readonly connector: string };

interface Recorded {
  readonly cursor: number;
  readonly event: VaultEvent;
}

const keep = 100;

/** Events of each user, in order, the last hundred. */
export class Events {
  readonly #byUser = new Map<string, Recorded[]>();
  readonly #changes = new Changes();
  #cursor = 0;

  emit(user: string, event: VaultEvent): void {
    this.#cursor += 1;
    const log = this.#byUser.get(user) ?? [];
    this.#byUser.set(user, [...log, { cursor: this.#cursor, event }].slice(-keep));
    this.#changes.notify(user);
  }

  /** The place after the newest event. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Events after the cursor; waits for the first one if there is none yet. */
  async after(
    user: string,
    cursor: number,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<{ readonly events: readonly VaultEvent[]; readonly cursor: number }> {
    if (this.#since(user, cursor).length === 0) await this.#changes.wait(user, waitMs, signal);
    const found = this.#since(user, cursor);
    return { events: found.map(({ event }) => event), cursor: found.at(-1)?.cursor ?? cursor };
  }

  wakeAll(): void {
    this.#changes.wakeAll();
  }

  #since(user: string, cursor: number): readonly Recorded[] {
    return (this.#byUser.get(user) ?? []).filter((recorded) => recorded.cursor > cursor);
  }
}
