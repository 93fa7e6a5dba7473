/** What a run of Vitest under Wine comes to: a worker's process may go there without a word. */
import * as z from "zod";
import { countsSchema, inWords } from "../support/suiteReport.ts";

const reportSchema = countsSchema.extend({
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(
        z.object({
          status: z.string(),
          fullName: z.string(),
          // `test/support/needs.ts` says it.
          meta: z.object({ skippedBecause: z.string().optional() }).default({}),
        }),
      ),
    }),
  ),
});

export interface RunEnd {
  readonly exitCode: number | null;
  /** Vitest's JSON, as far as there is any. */
  readonly report: string;
  /** The test files that were to run, from the project's folder. */
  readonly files: readonly string[];
}

export type RunJudgement =
  /** There is no report: nothing is known. */
  | { readonly kind: "vanished" }
  | {
      readonly kind: "reported";
      /** Why it has failed; none where it has passed. */
      readonly faults: readonly string[];
      /** What was skipped, by the reason that it gives. */
      readonly skipped: ReadonlyMap<string, readonly string[]>;
      readonly counts: string;
    };

/** What `timeout` ends with. */
export const exitCodeAtLimit = 124;

const unsaid = "without saying why";

/** A report alone is no pass: every file has to be in it, with all of its tests at an end. */
export const judgeRun = ({ exitCode, report, files }: RunEnd): RunJudgement => {
  const read = reportSchema.safeParse(parsed(report));
  if (!read.success) return { kind: "vanished" };
  const told = read.data.testResults.map(({ name, ...rest }) => ({
    ...rest,
    name: name.replaceAll("\\", "/"),
  }));
  const skipped = skippedIn(told.flatMap(({ assertionResults }) => assertionResults));
  const silent = files.filter((file) => !told.some(({ name }) => name === file || name.endsWith(`/${file}`)));
  const failed = read.data.numFailedTests;
  const faults = [
    ...silent.map((file) => `The report does not know of ${file}: its worker has gone.`),
    ...(failed > 0 ? [`${failed} failed.`] : []),
    ...(skipped.get(unsaid) ?? []).map((name) => `Skipped ${unsaid}: ${name}`),
    ...(exitCode === exitCodeAtLimit ? ["It was stuck, and was ended at its limit."] : []),
  ];
  // A worker that crashes after its tests is told by the exit code alone.
  const ended = exitCode === 0 || faults.length > 0 ? [] : [`Vitest ended with ${exitCode ?? "a signal"}.`];
  return { kind: "reported", faults: [...faults, ...ended], skipped, counts: inWords(read.data, true) };
};

const parsed = (report: string): unknown => {
  try {
    return JSON.parse(report);
  } catch {
    return undefined;
  }
};

type TestResult = z.infer<typeof reportSchema>["testResults"][number]["assertionResults"][number];

const skippedIn = (results: readonly TestResult[]): ReadonlyMap<string, readonly string[]> => {
  const skipped = new Map<string, string[]>();
  for (const { status, fullName, meta } of results) {
    if (status === "passed" || status === "failed") continue;
    const why = meta.skippedBecause ?? unsaid;
    skipped.set(why, [...(skipped.get(why) ?? []), fullName]);
  }
  return skipped;
};

export interface Repetition {
  readonly runOnce: () => Promise<RunJudgement>;
  /** Its tests go on from one another, so that no second try of a single one can save it: a failure is run again too. */
  readonly alsoWhereFailed?: boolean;
  /** Whoever reads the output is told of each such run. */
  readonly shout: (what: string) => void;
}

/**
 * Runs a part, and once more where nothing is known of it: a worker's process may go without a word.
 * @returns whether it has passed.
 */
export const twiceAtMost = async ({ runOnce, alsoWhereFailed, shout }: Repetition): Promise<boolean> => {
  const first = await runOnce();
  if (hasPassed(first)) return true;
  if (first.kind === "reported" && alsoWhereFailed !== true) return false;
  const [been, why] = first.kind === "vanished" ? ["vanished", "left no report"] : ["failed", "failed"];
  shout(`A part has ${been}, and is run ONCE MORE`);
  const second = await runOnce();
  if (hasPassed(second)) shout(`This part has passed at its SECOND run alone: the first ${why}`);
  else shout("This part has not passed at its SECOND run either");
  return hasPassed(second);
};

const hasPassed = (judgement: RunJudgement): boolean =>
  judgement.kind === "reported" && judgement.faults.length === 0;
