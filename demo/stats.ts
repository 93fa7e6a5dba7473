/** Counters that tests and benchmarks read. */
export interface StatsReport {
  /** Requests at the IdP's token endpoint, by grant type, answered or refused. */
  readonly tokenRequests: Readonly<Record<string, number>>;
  /** Refresh tokens that were exchanged for a fresh pair. */
  readonly refreshes: number;
  /** Refreshes that were refused. */
  readonly refreshFailures: number;
  /** Token exchanges, at the IdP's and the vault's token endpoint. */
  readonly exchanges: number;
  /** Requests at the vault's look-up address. */
  readonly lookups: number;
  readonly userinfo: number;
  readonly revocations: number;
}

/** Counts by name. */
export class Stats {
  readonly #counts = new Map<string, number>();

  count(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** `tokenRequests` are what was counted as `grant:NAME`. */
  report(): StatsReport {
    const grants = [...this.#counts].filter(([name]) => name.startsWith("grant:"));
    const of = (name: string): number => this.#counts.get(name) ?? 0;
    return {
      tokenRequests: Object.fromEntries(grants.map(([name, count]) => [name.slice("grant:".length), count])),
      refreshes: of("refreshes"),
      refreshFailures: of("refreshFailures"),
      exchanges: of("exchanges"),
      lookups: of("lookups"),
      userinfo: of("userinfo"),
      revocations: of("revocations"),
    };
  }
}
