/**
 * The suite of the extension host, in desktop VS Code: `node scripts/editor/desktopTest.ts [--lowest]`, in the newest or in
 * the lowest version that package.json names. Linux needs a display.
 */
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runTests } from "@vscode/test-electron";
import * as z from "zod";
import { resultsVariable, testResult } from "../../test/editor/host/runner.ts";
import { build } from "../build.ts";
import { startDemo } from "../demo.ts";
import { packVsix } from "../package.ts";
import { inRoot, shortTmp } from "../support/paths.ts";
import { desktopProfile, installDesktop, installInDesktop } from "./desktop.ts";
import { demoSettings } from "./settings.ts";

const resultsFile = inRoot("artifacts/desktop-results.json");

const manifest = z.object({ engines: z.object({ vscode: z.string().regex(/^\^\d+\.\d+\.\d+$/) }) });

const versionToTest = async (): Promise<string> => {
  const { values } = parseArgs({ options: { lowest: { type: "boolean", default: false } } });
  if (!values.lowest) return "stable";
  const { engines } = manifest.parse(JSON.parse(await readFile(inRoot("package.json"), "utf8")));
  return engines.vscode.slice(1);
};

const main = async (): Promise<number> => {
  await using stack = new AsyncDisposableStack();
  await mkdir(inRoot("artifacts"), { recursive: true });
  await rm(resultsFile, { force: true });
  const folder = await mkdtemp(join(shortTmp, "lanyard-desktop-"));
  stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  await build();
  const version = await versionToTest();
  const [vsix, executable] = await Promise.all([
    packVsix(),
    installDesktop((line) => console.error(line), version),
  ]);
  const workspace = join(folder, "workspace");
  const demo = await startDemo({ workspace, logFile: join(folder, "demo.log") });
  stack.defer(() => demo.stop());

  const dataDir = join(folder, "code");
  const profile = await desktopProfile(dataDir, demoSettings);
  await installInDesktop(vsix, profile, process.env, version);
  const installed = (await readdir(join(dataDir, "extensions"))).find((name) =>
    name.startsWith("lanyard.lanyard-"),
  );
  if (installed === undefined) throw new Error(`The VSIX is not installed in ${dataDir}.`);
  const ended = await runTests({
    vscodeExecutablePath: executable,
    extensionDevelopmentPath: join(dataDir, "extensions", installed),
    extensionTestsPath: inRoot("dist/test/host.cjs"),
    launchArgs: [workspace, ...profile],
    extensionTestsEnv: { LANYARD_HOME: join(folder, "home"), [resultsVariable]: resultsFile },
  }).catch((error: unknown) => error);

  const results = z.array(testResult).parse(
    JSON.parse(
      await readFile(resultsFile, "utf8").catch((cause: unknown) => {
        throw new Error("Desktop VS Code ended before the suite did.", {
          cause: ended instanceof Error ? ended : cause,
        });
      }),
    ),
  );
  for (const { name, failure } of results)
    console.log(failure === undefined ? `ok    ${name}` : `FAILED ${name}\n${failure}`);
  const failed = results.filter((result) => result.failure !== undefined).length;
  console.log(`Desktop: ${results.length - failed} passed, ${failed} failed.`);
  return failed === 0 && results.length > 0 ? 0 : 1;
};

process.exitCode = await main().catch((error: unknown) => {
  console.error(error);
  return 1;
});
