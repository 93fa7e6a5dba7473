/** Runs the project's suites where everyone can watch, and counts what came of them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm } from "node:fs/promises";
import * as z from "zod";
import { inRoot } from "./paths.ts";
import { npmCommand } from "./processes.ts";

/** What Vitest's JSON says of a run. */
export const countsSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
});

export type Counts = z.infer<typeof countsSchema>;

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

/** Runs a script of package.json. Answers whether it went well. */
export const runScript = async (name: string, args: readonly string[] = []): Promise<boolean> => {
  const [command, ...before] = npmCommand();
  console.log(`\n> ${name}`);
  const child = spawn(command, [...before, "run", "--silent", name, "--", ...args], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [code] = (await once(child, "close")) as [number | null];
  return code === 0;
};

/** Runs one of the suites by its script in package.json. Without a report, nothing is known of it and it has failed. */
export const runSuite = async (
  script: string,
  args: readonly string[] = [],
): Promise<{ readonly ok: boolean; readonly counts?: Counts }> => {
  await mkdir(inRoot("artifacts"), { recursive: true });
  const file = inRoot("artifacts", `${script.replaceAll(":", "-")}.json`);
  await rm(file, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const ok = await runScript(script, [...reporters, ...args]);
  const counts = countsSchema.safeParse(JSON.parse(await readFile(file, "utf8").catch(() => "null")));
  return counts.success ? { ok, counts: counts.data } : { ok: false };
};
