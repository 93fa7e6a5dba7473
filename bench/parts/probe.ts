import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";

/** What the probe saw of one window. */
export const probed = z.object({
  /** The scripts of Lanyard that the extension host has loaded. */
  scripts: z.array(z.object({ name: z.string(), bytes: z.number() })),
});

/**
 * An extension of the bench's own, which runs in the extension host that it looks into: it has GitHub's provider
 * activated by asking it for a session, waits until Lanyard is active, and writes down what Node has loaded of it.
 */
export const writeProbe = async (folder: string, resultFile: string): Promise<void> => {
  await mkdir(folder, { recursive: true });
  const manifest = {
    ...{ name: "probe", publisher: "lanyard-bench", version: "0.0.0", main: "./probe.js" },
    ...{
      engines: { vscode: "^1.101.0" },
      activationEvents: ["onStartupFinished"],
      extensionKind: ["workspace"],
    },
  };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  await writeFile(join(folder, "probe.js"), source(resultFile));
};

const source = (resultFile: string): string => `
const { statSync, writeFileSync, renameSync } = require("node:fs");
const { relative, sep } = require("node:path");
const vscode = require("vscode");
const result = ${JSON.stringify(resultFile)};
exports.activate = async () => {
  const lanyard = vscode.extensions.getExtension("lanyard.lanyard");
  await lanyard.activate();
  const scripts = Object.keys(require("node:module")._cache)
    .filter((path) => path.startsWith(lanyard.extensionPath + sep))
    .map((path) => ({ name: relative(lanyard.extensionPath, path), bytes: statSync(path).size }));
  await vscode.authentication.getSession("github", ["user:email"], { silent: true });
  writeFileSync(result + ".draft", JSON.stringify({ scripts }));
  renameSync(result + ".draft", result);
};
`;
