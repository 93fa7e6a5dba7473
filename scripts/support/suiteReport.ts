/** What Vitest's JSON says of a run of a suite. */
import * as z from "zod";

export const countsSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
});

export type Counts = z.infer<typeof countsSchema>;

export const suiteReport = countsSchema.extend({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ status: z.string() })),
    }),
  ),
});

export type SuiteReport = z.infer<typeof suiteReport>;

export const noCounts: Counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0 };

/** What is skipped is always told where `skippedToo` says so, else only when there is something. */
export const inWords = (
  { numPassedTests, numFailedTests, numPendingTests }: Counts,
  skippedToo = numPendingTests > 0,
): string =>
  [`${numPassedTests} passed`, `${numFailedTests} failed`, `${numPendingTests} skipped`]
    .slice(0, skippedToo ? 3 : 2)
    .join(", ");

export const sum = (a: Counts, b: Counts): Counts => ({
  numPassedTests: a.numPassedTests + b.numPassedTests,
  numFailedTests: a.numFailedTests + b.numFailedTests,
  numPendingTests: a.numPendingTests + b.numPendingTests,
});

/** More than so many are no chance, and would take their time twice. */
const mostAgain = 3;

/** The files of which something has failed, their preparations included; none where too many have. */
export const filesToRunAgain = (report: SuiteReport | undefined): readonly string[] => {
  const failed = (report?.testResults ?? []).filter(({ status }) => status === "failed");
  return failed.length > mostAgain ? [] : failed.map(({ name }) => name);
};

/** What the other files came to. */
export const countsWithout = (report: SuiteReport, files: readonly string[]): Counts =>
  report.testResults
    .filter(({ name }) => !files.includes(name))
    .flatMap(({ assertionResults }) => assertionResults)
    .map(({ status }) => countsOf(status))
    .reduce(sum, noCounts);

const countsOf = (status: string): Counts => ({
  numPassedTests: status === "passed" ? 1 : 0,
  numFailedTests: status === "failed" ? 1 : 0,
  numPendingTests: status === "passed" || status === "failed" ? 0 : 1,
});
