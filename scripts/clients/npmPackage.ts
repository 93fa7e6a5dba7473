import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inRoot } from "../support/paths.ts";
import { npm } from "../support/processes.ts";

/** Where a version of a client lies, once it is there. */
export const fetchedFolder = (client: string, version: string): string => inRoot(".clients", client, version);

/**
 * Fetches one version of a package into a folder of its own, whole or not at all. npm fetches the program as an optional
 * dependency for this system; what the package would run at its install is not.
 */
export const fetchPackage = async (client: string, packageName: string, version: string): Promise<void> => {
  const target = fetchedFolder(client, version);
  const draft = `${target}.draft`;
  await rm(draft, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  await writeFile(join(draft, "package.json"), `${JSON.stringify({ private: true })}\n`);
  const quiet = ["--no-audit", "--no-fund", "--no-save", "--no-package-lock", "--ignore-scripts"];
  await npm(["install", ...quiet, `${packageName}@${version}`], { cwd: draft });
  await rm(target, { recursive: true, force: true });
  await rename(draft, target);
};
