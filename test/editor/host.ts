import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as z from "zod";
import { inRoot } from "../../scripts/support/paths.ts";
import { startWorld } from "./harness.ts";
import { resultsVariable, testResult, type TestResult } from "./host/runner.ts";

const limitMs = 240_000;

const within = async (ended: Promise<void>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The host suite has not ended after ${limitMs} ms.`)), limitMs);
  });
  await Promise.race([ended, late]).finally(() => clearTimeout(timer));
};

/** Runs the host suite inside the editor's extension host, on the extension as the VSIX installed it. */
export const runHostSuite = async (): Promise<readonly TestResult[]> => {
  const resultsFile = inRoot("artifacts/host-results.json");
  await mkdir(inRoot("artifacts"), { recursive: true });
  await rm(resultsFile, { force: true });
  await using world = await startWorld({
    name: "host",
    settings: { "security.workspace.trust.enabled": false },
    extensionDevelopment: true,
    env: { [resultsVariable]: resultsFile },
  });
  const extensions = join(world.serverDataDir, "extensions");
  const installed = (await readdir(extensions)).find((name) => name.startsWith("lanyard.lanyard-"));
  if (installed === undefined) throw new Error(`The VSIX is not installed in ${extensions}.`);

  const page = await world.context.newPage();
  let reportEnd = (): void => undefined;
  const ended = new Promise<void>((resolve) => (reportEnd = resolve));
  await page.exposeFunction("codeAutomationExit", () => reportEnd());
  const remote = (path: string): string =>
    `vscode-remote://127.0.0.1:${world.editor.port}${pathToFileURL(path).pathname}`;
  const payload = [
    ["extensionDevelopmentPath", remote(join(extensions, installed))],
    ["extensionTestsPath", remote(inRoot("dist/test/host.cjs"))],
  ];
  await page.goto(`${world.editor.url}&payload=${encodeURIComponent(JSON.stringify(payload))}`);
  await within(ended);
  return z
    .array(testResult)
    .min(1)
    .parse(JSON.parse(await readFile(resultsFile, "utf8")));
};
