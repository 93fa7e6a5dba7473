/** Runs the project's suites where everyone can watch, and counts what came of them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm } from "node:fs/promises";
import { boxed } from "./boxed.ts";
import { inRoot } from "./paths.ts";
import { npmCommand } from "./processes.ts";
import {
  countsWithout,
  filesToRunAgain,
  suiteReport,
  sum,
  type Counts,
  type SuiteReport,
} from "./suiteReport.ts";

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

/** What came of a suite. Without counts nothing is known of it, and it has failed. */
export interface SuiteEnd {
  readonly ok: boolean;
  readonly counts?: Counts;
}

/**
 * Runs one of the suites by its script in package.json. In CI a file that has failed is run once more, whole and in a world
 * of its own, where few have: its tests may go on from one another, and then no second try of a single one can save it.
 */
export const runSuite = async (script: string, args: readonly string[] = []): Promise<SuiteEnd> => {
  const first = await runOnce(script, `${script}.json`, args);
  const isWhole = process.env["CI"] !== undefined && args.length === 0;
  const files = isWhole && !first.ok ? filesToRunAgain(first.report) : [];
  if (files.length === 0) return endOf(first);
  console.log(boxed("These files have failed, and are run ONCE MORE", files));
  const second = await runOnce(script, `${script}-again.json`, files);
  console.log(
    boxed(second.ok ? "They have passed at their SECOND run alone" : "They have failed TWICE", files),
  );
  if (first.report === undefined || second.report === undefined) return { ok: false };
  return { ok: second.ok, counts: sum(countsWithout(first.report, files), second.report) };
};

interface SuiteRun {
  readonly ok: boolean;
  readonly report: SuiteReport | undefined;
}

const endOf = ({ ok, report }: SuiteRun): SuiteEnd =>
  report === undefined ? { ok: false } : { ok, counts: report };

const runOnce = async (script: string, name: string, args: readonly string[]): Promise<SuiteRun> => {
  await mkdir(inRoot("artifacts"), { recursive: true });
  const file = inRoot("artifacts", name.replaceAll(":", "-"));
  await rm(file, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const ok = await runScript(script, [...reporters, ...args]);
  const report = suiteReport.safeParse(JSON.parse(await readFile(file, "utf8").catch(() => "null")));
  return { ok, report: report.success ? report.data : undefined };
};
