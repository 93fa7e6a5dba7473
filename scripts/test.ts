/** Everything, in order, until something fails: `npm test`. The last line says how it went. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm } from "node:fs/promises";
import * as z from "zod";
import { inRoot } from "./paths.ts";
import { npmCommand } from "./processes.ts";

const report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
});

/** Runs a script of package.json where everyone can watch. Answers whether it went well. */
const runScript = async (name: string, args: readonly string[] = []): Promise<boolean> => {
  const [command, ...before] = npmCommand();
  console.log(`\n> ${name}`);
  const child = spawn(command, [...before, "run", "--silent", name, "--", ...args], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [code] = (await once(child, "close")) as [number | null];
  return code === 0;
};

type Counts = z.infer<typeof report>;

const inWords = ({ numPassedTests, numFailedTests, numPendingTests }: Counts): string =>
  [`${numPassedTests} passed`, `${numFailedTests} failed`, `${numPendingTests} skipped`]
    .slice(0, numPendingTests > 0 ? 3 : 2)
    .join(", ");

const sum = (a: Counts, b: Counts): Counts => ({
  numPassedTests: a.numPassedTests + b.numPassedTests,
  numFailedTests: a.numFailedTests + b.numFailedTests,
  numPendingTests: a.numPendingTests + b.numPendingTests,
});

/** Runs one of the suites. Without a report, nothing is known of it and it has failed. */
const runVitest = async (script: string): Promise<{ readonly ok: boolean; readonly counts?: Counts }> => {
  const file = inRoot("artifacts", `${script.replace(":", "-")}.json`);
  await rm(file, { force: true });
  const ok = await runScript(script, ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`]);
  const counts = report.safeParse(JSON.parse(await readFile(file, "utf8").catch(() => "null")));
  return counts.success ? { ok, counts: counts.data } : { ok: false };
};

const main = async (): Promise<boolean> => {
  await mkdir(inRoot("artifacts"), { recursive: true });
  const startMs = performance.now();
  const done: string[] = [];
  let total: Counts = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0 };
  const finish = (failed?: string): boolean => {
    const seconds = Math.round((performance.now() - startMs) / 1000);
    const outcome = failed === undefined ? "All passed" : `FAILED at ${failed}`;
    console.log(`\n${[outcome, ...done, `${seconds} s`].join(" · ")}\n${inWords(total)}`);
    return failed === undefined;
  };
  for (const script of ["lint", "types", "package"]) {
    if (!(await runScript(script))) return finish(script);
    done.push(script);
  }
  for (const script of ["test:unit", "test:editor"]) {
    const { ok, counts } = await runVitest(script);
    done.push(`${script} ${counts === undefined ? "no report" : inWords(counts)}`);
    if (counts !== undefined) total = sum(total, counts);
    if (!ok) return finish(script);
  }
  return finish();
};

process.exitCode = (await main()) ? 0 : 1;
