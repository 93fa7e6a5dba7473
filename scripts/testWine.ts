/**
 * The tests on Windows, as far as Wine is one: `npm run test:wine`. Unit tests with node.exe, the helper's contract with
 * cmd.exe, the real claude.exe over README's entry, and `npm run start:windows` with a browser of Linux before it. Arguments
 * are Vitest's, such as a file's name. Where there can be no lab, it says why and is passed over.
 */
import { globSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { installEditor } from "./editor/install.ts";
import { boxed } from "./support/boxed.ts";
import { inRoot, root } from "./support/paths.ts";
import { startTree } from "./support/processes.ts";
import { exitCodeAtLimit, judgeRun, twiceAtMost, type RunJudgement } from "./wine/judgement.ts";
import { installClaude, installLab, labTrouble } from "./wine/lab.ts";
import { claudeProgram, nodeProgram, projectFolder } from "./wine/places.ts";
import { openWindows } from "./wine/windows.ts";

/** What properties hold for is found on Linux; here is a look at the system. */
const fuzzRuns = "0.1";
interface Part {
  readonly files: readonly string[];
  readonly workers: number;
  /** After which it counts as stuck. */
  readonly limitMinutes: number;
  /** Vitest runs on Linux, and starts Windows' programs itself. */
  readonly isFromLinux?: boolean;
}

/**
 * Apart and one after the other: beside tests that start program after program, other workers' processes have gone without a
 * word under Wine.
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
  { files: ["test/wine/fromLinux"], workers: 1, limitMinutes: 10, isFromLinux: true },
  { files: ["test/unit"], workers: 2, limitMinutes: 15 },
];

/** What a run leaves; both as Windows and Linux name them from the project's folder. */
const report = "artifacts/test-wine.json";
const tables = ["artifacts/wine-claude.md", "artifacts/wine-demo.md"];

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
  // What Windows' own npm would bring is the same but for one native part; here it is often there already.
  await installEditor(console.log);
  let passed = true;
  for (const part of given.length > 0 ? asked(given) : parts) passed = (await run(part)) && passed;
  return passed;
};

const asked = (given: readonly string[]): readonly Part[] =>
  [true, false].flatMap((isFromLinux) => {
    const files = given.filter((file) => file.includes("fromLinux") === isFromLinux);
    return files.length === 0 ? [] : [{ files, workers: 2, limitMinutes: 30, isFromLinux }];
  });

const run = (part: Part): Promise<boolean> =>
  twiceAtMost({
    runOnce: () => runOnce(part),
    alsoWhereFailed: part.isFromLinux === true,
    shout: (what) => shout(what, part.files),
  });

const shout = (what: string, lines: readonly string[]): void => {
  // GitHub shows it above the log.
  if (process.env["GITHUB_ACTIONS"] === "true") console.log(`::warning::${what}: ${lines.join(" ")}`);
  console.log(boxed(what, lines));
};

const runOnce = async (part: Part): Promise<RunJudgement> => {
  await rm(inRoot(report), { force: true });
  const exitCode = await (part.isFromLinux === true ? runOnLinux(part) : runOnWindows(part));
  const text = await readFile(inRoot(report), "utf8").catch(() => "");
  const judgement = judgeRun({ exitCode, report: text, files: filesOf(part) });
  await tell(part, judgement);
  return judgement;
};

const vitest = (part: Part): readonly string[] => [
  ...["run", "--config", "vitest.wine.config.ts", `--maxWorkers=${part.workers}`],
  ...["--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...part.files],
];

const runOnWindows = async (part: Part): Promise<number | null> => {
  await using windows = await openWindows();
  const { exitCode, stderr } = await windows.run(
    [nodeProgram, String.raw`node_modules\vitest\vitest.mjs`, ...vitest(part)],
    {
      ...{ limitMs: part.limitMinutes * 60_000, cwd: projectFolder, isLoud: true },
      env: { LANYARD_CLAUDE_EXE: claudeProgram, LANYARD_FUZZ_RUNS: fuzzRuns },
    },
  );
  if (exitCode !== 0) console.error(stderr);
  return exitCode;
};

/** It ends, with all that it has started, at its limit, and when this process ends in whatever way. */
const runOnLinux = async (part: Part): Promise<number | null> => {
  const line = [inRoot("node_modules/vitest/vitest.mjs"), ...vitest(part)];
  const tree = startTree(process.execPath, line, { cwd: root });
  tree.stdout.pipe(process.stdout, { end: false });
  tree.stderr.pipe(process.stderr, { end: false });
  const late = new AbortController();
  const stuck = delay(part.limitMinutes * 60_000, exitCodeAtLimit, { signal: late.signal, ref: false });
  const exitCode = await Promise.race([tree.exited, stuck]);
  late.abort();
  stuck.catch(() => undefined);
  await tree.stop();
  return exitCode;
};

/** The files that Vitest's filters, parts of paths, stand for. */
const filesOf = ({ files, isFromLinux = false }: Part): readonly string[] =>
  globSync(
    isFromLinux
      ? "test/wine/fromLinux/**/*.test.ts"
      : ["test/unit/**/*.test.ts", "test/wine/*.wine.test.ts", "test/process/**/*.test.ts"],
    { cwd: root },
  ).filter((path) => files.some((part) => path.includes(part)));

const tell = async (part: Part, judgement: RunJudgement): Promise<void> => {
  if (judgement.kind === "vanished") {
    console.error("The run left no report that can be read.");
    return;
  }
  for (const table of tables) {
    console.log(`\n${await readFile(inRoot(table), "utf8").catch(() => "")}`);
    await rm(inRoot(table), { force: true });
  }
  for (const [why, names] of judgement.skipped)
    console.log([`Skipped on Windows, ${why} (${names.length}):`, ...names].join("\n  "));
  console.log(`\n${judgement.counts}`);
  if (judgement.faults.length > 0) shout(`${part.files.join(" ")} has failed`, judgement.faults);
};

// Whatever is started here ends with this process; npm, killed, tells it nothing.
const { ppid } = process;
if (process.env["npm_lifecycle_event"] !== undefined) {
  setInterval(() => {
    if (process.ppid !== ppid) process.exit(1);
  }, 500).unref();
}

process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
