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

const runVitest = async (script: string): Promise<{ readonly ok: boolean; readonly count: string }> => {
  const file = inRoot("artifacts", `${script.replace(":", "-")}.json`);
  await rm(file, { force: true });
  const ok = await runScript(script, ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`]);
  const counts = report.safeParse(JSON.parse(await readFile(file, "utf8").catch(() => "null")));
  if (!counts.success) return { ok: false, count: "no report" };
  const { numPassedTests, numFailedTests, numPendingTests } = counts.data;
  const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : "";
  return { ok, count: `${numPassedTests} passed, ${numFailedTests} failed${skipped}` };
};

const main = async (): Promise<boolean> => {
  await mkdir(inRoot("artifacts"), { recursive: true });
  const startMs = performance.now();
  const done: string[] = [];
  const finish = (failed?: string): boolean => {
    const seconds = Math.round((performance.now() - startMs) / 1000);
    const outcome = failed === undefined ? "All passed" : `FAILED at ${failed}`;
    console.log(`\n${[outcome, ...done, `${seconds} s`].join(" · ")}`);
    return failed === undefined;
  };
  for (const script of ["lint", "types", "package"]) {
    if (!(await runScript(script))) return finish(script);
    done.push(script);
  }
  for (const script of ["test:unit", "test:editor"]) {
    const { ok, count } = await runVitest(script);
    done.push(`${script} ${count}`);
    if (!ok) return finish(script);
  }
  return finish();
};

process.exitCode = (await main()) ? 0 : 1;
