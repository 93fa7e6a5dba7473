/**
 * The tests on Windows, as far as Wine is one: `npm run test:wine`. Unit tests with node.exe, the helper's contract with
 * cmd.exe, and the real claude.exe over README's entry. Arguments are Vitest's, such as a file's name. Where there can be no
 * lab, it says why and is passed over.
 */
import { readFile, rm } from "node:fs/promises";
import * as z from "zod";
import { inRoot } from "./support/paths.ts";
import { countsSchema, inWords } from "./support/suites.ts";
import {
  claudeProgram,
  endLab,
  installClaude,
  installLab,
  labTrouble,
  nodeProgram,
  projectFolder,
  runWindows,
} from "./wine/lab.ts";

/** What properties hold for is found on Linux; here is a look at the system. */
const fuzzRuns = "0.1";
interface Part {
  readonly files: readonly string[];
  readonly workers: number;
  /** After which it counts as stuck. */
  readonly limitMinutes: number;
}

/**
 * Apart and one after the other: beside tests that start program after program, other workers' processes have gone without a
 * word under Wine. All but `test/wine/start`, which builds all and starts an editor: that runs by hand.
 */
const parts: readonly Part[] = [
  {
    files: [
      "test/process/helper/helperContract",
      "test/process/helper/launcherCmd",
      ...["bridge", "claude", "demo", "script"].map((name) => `test/wine/${name}`),
    ],
    ...{ workers: 1, limitMinutes: 10 },
  },
  { files: ["test/unit"], workers: 2, limitMinutes: 15 },
];

/** What a run leaves; both as Windows and Linux name them from the project's folder. */
const report = "artifacts/test-wine.json";
const tables = ["artifacts/wine-claude.md", "artifacts/wine-demo.md"];
const reportSchema = countsSchema.extend({
  testResults: z.array(
    z.object({
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

const main = async (given: readonly string[]): Promise<boolean> => {
  for (const left of tables) await rm(inRoot(left), { force: true });
  const trouble = await labTrouble();
  if (trouble !== undefined) {
    console.log(`test:wine is passed over: ${trouble.why}.`);
    // What CI has not got it cannot fetch; all else is a fault of CI's.
    return process.env["CI"] !== "true" || trouble.kind === "cannot";
  }
  await installLab();
  await installClaude("latest");
  let passed = true;
  for (const part of given.length > 0 ? [{ files: given, workers: 2, limitMinutes: 30 }] : parts)
    passed = (await run(part)) && passed;
  return passed;
};

/** Once more where a worker's process went without a word: then there is no report. */
const run = async (part: Part): Promise<boolean> => (await runOnce(part)) ?? (await runOnce(part)) ?? false;

/** @returns whether it passed, or undefined where nothing is known of it. */
const runOnce = async ({ files, workers, limitMinutes }: Part): Promise<boolean | undefined> => {
  await rm(inRoot(report), { force: true });
  const { exitCode, stderr } = await runWindows(
    [
      ...[
        nodeProgram,
        String.raw`node_modules\vitest\vitest.mjs`,
        "run",
        "--config",
        "vitest.wine.config.ts",
      ],
      ...[`--maxWorkers=${workers}`, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
      ...files,
    ],
    {
      ...{ limitMs: limitMinutes * 60_000, cwd: projectFolder, isLoud: true },
      env: { LANYARD_CLAUDE_EXE: claudeProgram, LANYARD_FUZZ_RUNS: fuzzRuns },
    },
  );
  if (exitCode !== 0) console.error(stderr);
  await endLab();
  const areTold = await tellResults();
  return areTold === undefined ? undefined : areTold && exitCode === 0;
};

/** @returns undefined without a report; false where a test is skipped and does not say why. */
const tellResults = async (): Promise<boolean | undefined> => {
  const text = await readFile(inRoot(report), "utf8").catch(() => "null");
  const counts = reportSchema.safeParse(JSON.parse(text));
  if (!counts.success) {
    console.error("The run left no report that can be read.");
    return undefined;
  }
  const skipped = new Map<string, string[]>();
  for (const { status, fullName, meta } of counts.data.testResults.flatMap((file) => file.assertionResults)) {
    if (status === "passed" || status === "failed") continue;
    const why = meta.skippedBecause ?? unsaid;
    skipped.set(why, [...(skipped.get(why) ?? []), fullName]);
  }
  for (const table of tables) {
    console.log(`\n${await readFile(inRoot(table), "utf8").catch(() => "")}`);
    await rm(inRoot(table), { force: true });
  }
  for (const [why, names] of skipped)
    console.log([`Skipped on Windows, ${why} (${names.length}):`, ...names].join("\n  "));
  console.log(`\n${inWords(counts.data, true)}`);
  return !skipped.has(unsaid);
};

const unsaid = "without saying why";

process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
