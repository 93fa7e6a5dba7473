/** The value below which this share of the values lies (nearest rank). */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
};

export const median = (values: readonly number[]): number => percentile(values, 0.5);

export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits));

/** How often each side of a comparison is measured. */
export const usualRuns = 30;

export interface Compared {
  /** The medians of both sides. */
  readonly subject: number;
  readonly baseline: number;
  /** `subject / baseline`. */
  readonly ratio: number;
  readonly runs: number;
}

/** One measurement, in whatever unit; usually milliseconds. */
export type Measure = () => Promise<number>;

/** Measures both sides in turn, so that what else the machine does meets both alike. The first turns do not count. */
export const compare = async (
  subject: Measure,
  baseline: Measure,
  { runs = usualRuns, warmUps = 3 } = {},
): Promise<Compared> => {
  const both: (readonly [number, number])[] = [];
  for (let turn = 0; turn < runs + warmUps; turn += 1) both.push([await subject(), await baseline()]);
  const counted = both.slice(warmUps);
  const [one, other] = [median(counted.map(([a]) => a)), median(counted.map(([, b]) => b))];
  return { subject: one, baseline: other, ratio: one / other, runs };
};

/** How long something takes, in milliseconds. */
export const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
};
