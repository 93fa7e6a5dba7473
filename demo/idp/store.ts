import type { Adapter, AdapterPayload } from "oidc-provider";

interface Entry {
  readonly model: string;
  readonly payload: AdapterPayload;
  readonly expiresAtMs: number;
}

/** Everything the identity provider remembers, in memory, with one thing that its own store lacks: forgetting a person. */
export class Store {
  readonly #entries = new Map<string, Entry>();

  /** The store of one model, as oidc-provider asks for it. */
  adapter(model: string): Adapter {
    const key = (id: string): string => `${model}:${id}`;
    return {
      upsert: (id, payload, expiresInSeconds) => {
        this.#sweep();
        const expiresAtMs = expiresInSeconds === undefined ? Infinity : Date.now() + expiresInSeconds * 1000;
        this.#entries.set(key(id), { model, payload, expiresAtMs });
        return Promise.resolve();
      },
      find: (id) => Promise.resolve(this.#live(key(id))),
      findByUid: (uid) => Promise.resolve(this.#search(model, (payload) => payload.uid === uid)),
      findByUserCode: (userCode) =>
        Promise.resolve(this.#search(model, (payload) => payload.userCode === userCode)),
      consume: (id) => {
        const payload = this.#live(key(id));
        if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000);
        return Promise.resolve();
      },
      destroy: (id) => {
        this.#entries.delete(key(id));
        return Promise.resolve();
      },
      revokeByGrantId: (grantId) => {
        this.#forget((entry) => entry.model === model && entry.payload.grantId === grantId);
        return Promise.resolve();
      },
    };
  }

  /** Ends every session, grant, code and token of a person, and every page they are on. */
  forgetAccount(accountId: string): void {
    this.#forget(
      ({ payload }) => payload.accountId === accountId || payload.session?.accountId === accountId,
    );
  }

  /** How many live sessions and refresh tokens a person has. */
  countFor(accountId: string, model: "Session" | "RefreshToken"): number {
    const live = [...this.#entries.values()].filter(
      (entry) => entry.model === model && entry.expiresAtMs > Date.now(),
    );
    return live.filter(({ payload }) => payload.accountId === accountId && payload.consumed === undefined)
      .length;
  }

  #live(key: string): AdapterPayload | undefined {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.expiresAtMs > Date.now() ? entry.payload : undefined;
  }

  #search(model: string, fits: (payload: AdapterPayload) => boolean): AdapterPayload | undefined {
    for (const entry of this.#entries.values()) {
      if (entry.model === model && entry.expiresAtMs > Date.now() && fits(entry.payload))
        return entry.payload;
    }
    return undefined;
  }

  #forget(fits: (entry: Entry) => boolean): void {
    for (const [key, entry] of this.#entries) if (fits(entry)) this.#entries.delete(key);
  }

  #sweep(): void {
    const now = Date.now();
    this.#forget((entry) => entry.expiresAtMs <= now);
  }
}
