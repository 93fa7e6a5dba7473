export interface BackoffTerms {
  /** The pause after the first failure, in milliseconds; each further failure doubles it. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** The pause is multiplied by something between these two, by chance, so that nobody tries in step. */
  readonly spread?: readonly [number, number];
}

/**
 * How many milliseconds to wait after so many failures in a row (1 for the first). Whoever waits does so by the injected
 * clock.
 * @param random from 0 up to 1, as `Math.random`.
 */
export const pauseAfter = (
  failures: number,
  { firstMs, longestMs, spread: [from, to] = [1, 1] }: BackoffTerms,
  random: () => number = () => 0,
): number => Math.min(longestMs, firstMs * 2 ** (failures - 1)) * (from + (to - from) * random());
