import { inBackground } from "../../background.ts";
import type { SignedOutCause } from "../../credentials/grant.ts";
import type { Disposable } from "../../disposable.ts";
import { Emitter } from "../../emitter.ts";
import type { Log } from "../../ports.ts";
import { infoOf, sameSecret, type LiveRecord } from "./records.ts";
import type { SessionChange } from "../session.ts";
import type { SessionStore, Stored } from "./sessionStore.ts";

/** Why a session cannot be used. */
export const causeOf = (stored: Exclude<Stored, { kind: "live" }>): SignedOutCause => {
  switch (stored.kind) {
    case "ended":
      return stored.record.cause;
    case "lost":
      return "storageLost";
    case "absent":
      return "never";
  }
};

/**
 * Tells what became of the sessions, whoever changed them: this window or another. Each look reads the store and is
 * compared with the one before, so a change is told once.
 */
export class SessionChanges implements Disposable {
  readonly #store: SessionStore;
  readonly #log: Log;
  readonly #changed: Emitter<SessionChange>;
  readonly #known = new Map<string, LiveRecord>();
  readonly #subscription: Disposable;
  #looks: Promise<void> | undefined;

  constructor(store: SessionStore, log: Log) {
    this.#store = store;
    this.#log = log;
    this.#changed = new Emitter<SessionChange>(() => log.error("identity.listener.failed"));
    this.#subscription = store.onDidChange(({ id }) => inBackground("identity.look", () => this.look(id)));
  }

  get event(): Emitter<SessionChange>["event"] {
    return this.#changed.event;
  }

  /** Takes what is stored at the start as known. Never rejects. */
  prime(): Promise<void> {
    this.#looks ??= this.#read(async () => {
      for (const stored of await this.#store.all()) {
        if (stored.kind === "live") this.#known.set(stored.id, stored.record);
      }
    });
    return this.#looks;
  }

  /** Reads one session and tells what changed since it was last read. Looks wait for each other; never rejects. */
  look(id: string): Promise<void> {
    this.#looks = this.prime().then(() => this.#read(async () => this.#compare(await this.#store.read(id))));
    return this.#looks;
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }

  async #read(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch {
      // The store has logged it; the next change looks again.
      this.#log.warn("identity.look.failed");
    }
  }

  #compare(stored: Stored): void {
    const before = this.#known.get(stored.id);
    if (stored.kind === "live") {
      this.#known.set(stored.id, stored.record);
      if (before === undefined) this.#fire({ added: [infoOf(stored.id, stored.record)] });
      else if (differs(before, stored.record)) {
        const by = before.signedInAtMs === stored.record.signedInAtMs ? "renewal" : "signIn";
        this.#fire({ changed: [{ ...infoOf(stored.id, stored.record), by }] });
      }
    } else if (before !== undefined) {
      this.#known.delete(stored.id);
      this.#fire({ removed: [{ ...infoOf(stored.id, before), cause: causeOf(stored) }] });
    }
  }

  #fire(change: Partial<SessionChange>): void {
    this.#changed.fire({ added: [], removed: [], changed: [], ...change });
  }
}

const differs = (a: LiveRecord, b: LiveRecord): boolean =>
  a.signedInAtMs !== b.signedInAtMs || !sameSecret(a.accessToken, b.accessToken);
