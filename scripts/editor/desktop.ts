import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { downloadAndUnzipVSCode, runVSCodeCommand, type DownloadOptions } from "@vscode/test-electron";
import { inRoot } from "../support/paths.ts";
import { startTree } from "../support/processes.ts";
import type { EditorOptions } from "./server.ts";

/** Where desktop VS Code is kept, and how its download talks: not at all, for stdout may be a program's. */
const download: Partial<DownloadOptions> = {
  cachePath: inRoot(".vscode-test"),
  reporter: { report: () => undefined, error: (error) => console.error(error) },
};

/** Which VS Code: `1.101.0`, or `stable`, the newest. */
export type DesktopVersion = string;

/** Desktop VS Code's executable, downloaded where it is missing. @throws when it cannot be downloaded. */
export const installDesktop = async (
  progress: (line: string) => void,
  version: DesktopVersion = "stable",
): Promise<string> => {
  progress(`Bringing desktop VS Code (${version}) into .vscode-test/ where it is missing.`);
  return downloadAndUnzipVSCode({ ...download, version }).catch((cause: unknown) => {
    throw new Error(
      "Desktop VS Code could not be downloaded; `npm start` without --desktop needs npm alone.",
      {
        cause,
      },
    );
  });
};

/** Arguments that give desktop VS Code a profile of its own under `dataDir`, with these user settings. */
export const desktopProfile = async (
  dataDir: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<readonly string[]> => {
  await mkdir(join(dataDir, "User"), { recursive: true });
  await writeFile(join(dataDir, "User/settings.json"), JSON.stringify(settings, null, 2));
  const asRoot = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return ["--user-data-dir", dataDir, "--extensions-dir", join(dataDir, "extensions"), ...asRoot];
};

/** Installs a VSIX as a user would, by the editor's own command line. */
export const installInDesktop = async (
  vsix: string,
  profile: readonly string[],
  env: NodeJS.ProcessEnv,
  version: DesktopVersion = "stable",
): Promise<void> => {
  await runVSCodeCommand(["--install-extension", vsix, "--force", ...profile], {
    ...{ ...download, version },
    spawn: { env },
  });
};

export interface Desktop {
  /** The window's folder: a desktop editor has no address. */
  readonly url: string;
  /** Resolves when the person has closed the editor, or it has ended otherwise. */
  readonly exited: Promise<number | null>;
  dispose(): Promise<void>;
}

/** Starts desktop VS Code in a profile of its own under `serverDataDir`, the VSIX installed as a user would. */
export const startDesktop = async (options: EditorOptions): Promise<Desktop> => {
  const executable = await installDesktop(options.progress ?? (() => undefined));
  const profile = await desktopProfile(options.serverDataDir, options.settings ?? {});
  await mkdir(options.lanyardHome, { recursive: true, mode: 0o700 });
  const env = { ...process.env, LANYARD_HOME: options.lanyardHome, ...options.env };
  if (options.vsix !== undefined) await installInDesktop(options.vsix, profile, env);
  const tree = startTree(executable, [options.folder, "--new-window", ...profile], { env });
  tree.stdout.resume();
  tree.stderr.resume();
  return { url: options.folder, exited: tree.exited, dispose: () => tree.stop() };
};
