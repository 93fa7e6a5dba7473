import { lstat, readdir, rm, rmdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { probeEndpoint } from "../client.ts";
import { removeSocket } from "../endpoint/endpoint.ts";
import { endpointFileOf, readEndpoint, runDirectoryOf } from "../endpoint/endpointFile.ts";
import { uninstallLaunchers } from "./launchers.ts";

/** What became of the files under LANYARD_HOME. */
export type Uninstalled =
  | { readonly kind: "removed" }
  /** Something that Lanyard did not write is still there. */
  | { readonly kind: "kept"; readonly names: readonly string[] }
  /** A window of an editor still answers helpers: it needs what is there. */
  | { readonly kind: "inUse"; readonly version: string }
  /** It belongs to another user. */
  | { readonly kind: "foreign" };

/**
 * Removes the command, and what agents left behind, from LANYARD_HOME: only what Lanyard writes, by name and content.
 * Nothing is touched while an agent answers there.
 */
export const uninstallHome = async (home: string): Promise<Uninstalled> => {
  const owner = await stat(home).catch(() => undefined);
  if (owner === undefined) return { kind: "removed" };
  if (process.getuid !== undefined && owner.uid !== process.getuid()) return { kind: "foreign" };
  const reading = await readEndpoint(endpointFileOf(home));
  if (reading.kind === "record") {
    if ((await probeEndpoint(reading.record)) !== "dead")
      return { kind: "inUse", version: reading.record.version };
    await removeSocket(reading.record);
  }
  await clearFolder(runDirectoryOf(home), runName);
  await clearFolder(join(home, "history"), historyName);
  await clearFolder(join(home, "bridge"), bridgeName);
  // Last: it takes the home away with it, once nothing else is there.
  await uninstallLaunchers(home);
  const names = (await readdir(home).catch(() => [])).sort();
  return names.length === 0 ? { kind: "removed" } : { kind: "kept", names };
};

/** Endpoint files, claims, locks and sockets, with their drafts. */
const runName = /^(?:endpoint|lock-[0-9a-f]{16}|agent-[0-9a-f]{16}\.sock)(?:\.[0-9a-f]{16})*$/;

/** The history, and its segments of before. */
const historyName = /^(?:history|calls)(?:-\d+-\d+)?\.jsonl$/;

/** What bridges remember of their connectors, with drafts. */
const bridgeName = /^[0-9a-f]{32}\.json(?:\.[0-9a-f]{12})?$/;

/** A link in its place leads to where somebody else decides. */
const clearFolder = async (directory: string, own: RegExp): Promise<void> => {
  const stats = await lstat(directory).catch(() => undefined);
  if (stats?.isDirectory() !== true) return;
  for (const name of await readdir(directory)) {
    if (own.test(name)) await rm(join(directory, name), { force: true });
  }
  await rmdir(directory).catch(() => undefined);
};
