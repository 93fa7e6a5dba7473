/** Claude Code as npm has it, in the versions that test/clients/versions.json names, for tests and the bench. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { exists } from "../support/exists.ts";
import { inRoot } from "../support/paths.ts";
import { npm } from "../support/processes.ts";
import { fetchPackage, fetchedFolder } from "./npmPackage.ts";

/** One installed client. */
export interface ClaudeCode {
  readonly version: string;
  /** The program that npm fetched for this machine. Nothing of the package has run. */
  readonly program: string;
}

/** Which clients there are, and why the others are not. */
export interface Clients {
  readonly installed: readonly ClaudeCode[];
  readonly missing: readonly { readonly wanted: string; readonly reason: string }[];
}

const packageName = "@anthropic-ai/claude-code";
const client = "claude-code";
const wantedSchema = z.object({ claudeCode: z.array(z.string()).min(1) });

/** Installs what is missing of the versions that are wanted; what is there is used without the network. */
export const installClaudeCode = async (): Promise<Clients> => {
  const file = inRoot("test/clients/versions.json");
  const { claudeCode } = wantedSchema.parse(JSON.parse(await readFile(file, "utf8")));
  const installed = new Map<string, ClaudeCode>();
  const missing: { wanted: string; reason: string }[] = [];
  for (const wanted of claudeCode) {
    try {
      const version = wanted === "latest" ? await newestVersion() : wanted;
      installed.set(version, (await installedVersion(version)) ?? (await install(version)));
    } catch (error) {
      missing.push({ wanted, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  return { installed: [...installed.values()], missing };
};

const newestVersion = async (): Promise<string> => {
  const said = await npm(["view", packageName, "dist-tags.latest"]);
  const [version] = /\d+\.\d+\.\d+/.exec(said) ?? [];
  if (version === undefined) throw new Error(`npm does not say which ${packageName} is the newest.`);
  return version;
};

const install = async (version: string): Promise<ClaudeCode> => {
  await fetchPackage(client, packageName, version);
  const installed = await installedVersion(version);
  if (installed === undefined)
    throw new Error(`npm has no program of ${packageName}@${version} for this machine.`);
  return installed;
};

const installedVersion = async (version: string): Promise<ClaudeCode | undefined> => {
  const scope = join(fetchedFolder(client, version), "node_modules/@anthropic-ai");
  const names = await readdir(scope).catch((): string[] => []);
  for (const name of names) {
    const program = join(scope, name, process.platform === "win32" ? "claude.exe" : "claude");
    if (await exists(program)) return { version, program };
  }
  return undefined;
};
