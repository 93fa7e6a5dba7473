import { orAfter } from "../abort.ts";
import type { Disposable } from "../disposable.ts";
import { Emitter } from "../emitter.ts";
import { LanyardError } from "../errors.ts";
import type { Clock, SecretsPort, StorageWait } from "../ports.ts";

/** What the storage was last seen to do. */
export type StorageHealth =
  | { readonly kind: "working" }
  /** It refuses, or does not answer: its other end may be on a machine that is gone. */
  | { readonly kind: "failing"; readonly how: "refuses" | "silent" };

const defaultLimitMs = 3000;

/**
 * Secret storage that always answers. Where it lies on another machine, what is asked of it when that machine is gone
 * is never answered; here that is a failure after `limitMs`. What is asked `forPerson` goes on waiting: a keyring that
 * asks for its password looks the same from here.
 */
export class BoundedSecrets implements SecretsPort, Disposable {
  readonly #secrets: SecretsPort;
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #changed = new Emitter<StorageHealth>();
  #health: StorageHealth = { kind: "working" };

  readonly onDidChange: SecretsPort["onDidChange"];
  /** It began to fail, or works again. */
  readonly onDidChangeHealth = this.#changed.event;

  constructor(secrets: SecretsPort, clock: Clock, limitMs: number = defaultLimitMs) {
    this.#secrets = secrets;
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.onDidChange = secrets.onDidChange;
  }

  get health(): StorageHealth {
    return this.#health;
  }

  /** @throws LanyardError `storageFailed` */
  get(key: string, wait?: StorageWait): Promise<string | undefined> {
    return this.#within(this.#secrets.get(key), wait);
  }

  /** @throws LanyardError `storageFailed` */
  store(key: string, value: string, wait?: StorageWait): Promise<void> {
    return this.#within(this.#secrets.store(key, value), wait);
  }

  /** @throws LanyardError `storageFailed` */
  delete(key: string): Promise<void> {
    return this.#within(this.#secrets.delete(key));
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async #within<T>(work: Promise<T>, wait: StorageWait = "soon"): Promise<T> {
    const settled = work.then(
      (value) => ({ kind: "done", value }) as const,
      (error: unknown) => ({ kind: "refuses", error }) as const,
    );
    const inTime = await orAfter<Awaited<typeof settled> | { readonly kind: "silent" }>(
      settled,
      this.#clock,
      this.#limitMs,
      () => ({ kind: "silent" }),
    );
    if (inTime.kind === "silent") this.#become({ kind: "failing", how: "silent" });
    const outcome = inTime.kind === "silent" && wait === "forPerson" ? await settled : inTime;
    if (outcome.kind === "done") {
      this.#become({ kind: "working" });
      return outcome.value;
    }
    this.#become({ kind: "failing", how: outcome.kind });
    throw new LanyardError(
      "storageFailed",
      storageSentences[outcome.kind],
      outcome.kind === "silent" ? {} : { cause: outcome.error },
    );
  }

  #become(health: StorageHealth): void {
    if (JSON.stringify(health) === JSON.stringify(this.#health)) return;
    this.#health = health;
    this.#changed.fire(health);
  }
}

/** What is wrong, and what the person can do about it. */
export const storageSentences = {
  refuses:
    "The editor's secret storage refuses, so Lanyard can neither read nor keep your sign-in. Unlock the keyring of this system, then use Check All Connectors.",
  silent:
    "The editor's secret storage does not answer, so Lanyard hands out nothing. Enter the password if the keyring of this system asks for it; otherwise reload the window, or connect it to its machine again.",
} as const satisfies Readonly<Record<Extract<StorageHealth, { kind: "failing" }>["how"], string>>;
