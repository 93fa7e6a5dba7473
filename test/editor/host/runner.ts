import { writeFile } from "node:fs/promises";
import * as z from "zod";

/** One test that ran inside the extension host. */
export const testResult = z.object({
  name: z.string(),
  durationMs: z.number(),
  /** The error with its stack; absent when the test passed. */
  failure: z.string().optional(),
});

export type TestResult = z.infer<typeof testResult>;

/** Tests by name, run one after the other in this order. */
export type Suite = Readonly<Record<string, () => void | Promise<void>>>;

/** Where the results go, named in the extension host's environment by whoever starts the suite. */
export const resultsVariable = "LANYARD_TEST_RESULTS";

const limitMs = 60_000;

const runOne = async (name: string, test: () => void | Promise<void>): Promise<TestResult> => {
  const startMs = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not done after ${limitMs} ms.`)), limitMs);
  });
  try {
    await Promise.race([test(), late]);
    return { name, durationMs: performance.now() - startMs };
  } catch (error) {
    const failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { name, durationMs: performance.now() - startMs, failure };
  } finally {
    clearTimeout(timer);
  }
};

/** Runs all suites and writes the results. @throws when a test failed, which is how the editor knows. */
export const runSuites = async (suites: Readonly<Record<string, Suite>>): Promise<void> => {
  const results: TestResult[] = [];
  for (const [title, suite] of Object.entries(suites)) {
    for (const [name, test] of Object.entries(suite)) results.push(await runOne(`${title}: ${name}`, test));
  }
  const file = process.env[resultsVariable];
  if (file === undefined) throw new Error(`${resultsVariable} does not say where the results go.`);
  await writeFile(file, JSON.stringify(results));
  const failed = results.filter((result) => result.failure !== undefined);
  if (failed.length > 0)
    throw new Error(failed.map((result) => `${result.name}\n${result.failure ?? ""}`).join("\n"));
};
