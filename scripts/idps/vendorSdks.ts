/** The SDKs of vaults that cannot be had, in a folder that git ignores: 50 MB that no development needs. */
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exists } from "../support/exists.ts";
import { inRoot } from "../support/paths.ts";
import { npm } from "../support/processes.ts";
import versions from "./vendorSdks.json" with { type: "json" };

const name = Object.values(versions).join("_");

/** @returns the folder whose `node_modules` has them. @throws with npm's last words */
export const installVendorSdks = async (): Promise<string> => {
  const folder = inRoot(".idps", `sdks-${name}`);
  if (await exists(folder)) return folder;
  const part = inRoot(".idps", `sdks-part-${process.pid}`);
  try {
    await mkdir(part, { recursive: true });
    await writeFile(join(part, "package.json"), JSON.stringify({ private: true, dependencies: versions }));
    await npm(["install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"], { cwd: part });
    await rename(part, folder).catch(async (error: unknown) => {
      // Another file of the tests was quicker.
      if (!(await exists(folder))) throw error;
    });
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return folder;
};
