/** What one row of the table came to. */
export interface Measurement {
  /** In a few words, with the figure first. */
  readonly measured: string;
  readonly isMet: boolean;
  /** How often each side was measured. */
  readonly runs: number;
  /** Everything behind it, by name; times in milliseconds where the name says nothing else. */
  readonly figures: Readonly<Record<string, number | string>>;
}

/** One row of the table. */
export interface BenchRow {
  readonly name: string;
  /** What it is measured against, in the same run; empty where nothing is. */
  readonly against: string;
  readonly reach: string;
  measure(): Promise<Measurement>;
}

/** Rows that share what they need, under the name that `--only` takes. */
export interface Family {
  readonly key: string;
  readonly rows: readonly BenchRow[];
}
