import { readdirSync, realpathSync } from "node:fs";
import * as path from "node:path";
import type { EntryOrigin } from "../../core/config/connector.ts";
import { isWithin, pathKey, samePath } from "../../core/paths.ts";
import { foldersAround, repositoryOf } from "./repository.ts";

/** Every place that Claude Code reads servers from (docs/client-files.md is the table), as seen with version 2.1.332. */
export interface ClientSurroundings {
  /** The folders that are open, as the editor names them. */
  readonly folders: readonly string[];
  /** Each `.mcp.json` that lies below one of them. */
  readonly below: readonly string[];
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** What `CLAUDE_CONFIG_DIR` is in the editor's terminals, where their settings change it. */
  readonly terminalConfigDirectory?: string;
}

/** A file that may hold servers. It does not count while the file `unless` is there. */
export interface ClientPlace {
  readonly origin: EntryOrigin;
  readonly unless?: string;
  /** That it cannot be read is worth a word: somebody has put it there for this folder or this person. */
  readonly isOwn: boolean;
}

export const projectFile = ".mcp.json";

export const clientPlaces = (around: ClientSurroundings): readonly ClientPlace[] => [
  ...uniqueByFile([
    ...around.folders.map((folder) => ({ ...workspacePlace(path.join(folder, projectFile)), isOwn: true })),
    ...around.below.map(workspacePlace),
    ...around.folders.flatMap((folder) =>
      foldersAround(realFolder(folder)).map((parent) => workspacePlace(path.join(parent, projectFile))),
    ),
  ]),
  ...configDirectories(around).flatMap((directory) => userPlaces(directory, around)),
  {
    origin: { kind: "managed", file: path.join(managedDirectory(around), "managed-mcp.json") },
    isOwn: true,
  },
];

/** The settings whose `env` takes part in `${…}`, the strongest first: all of them before the environment. */
export const clientSettings = (around: ClientSurroundings): readonly string[] => [
  ...managedSettings(managedDirectory(around)),
  ...configDirectories(around).map((directory) =>
    path.join(directory ?? path.join(around.home, ".claude"), "settings.json"),
  ),
];

/** The settings in the administrator's folder, the strongest first: of the parts the last by name, then the whole. */
export const managedSettings = (folder: string): readonly string[] => [
  ...namesIn(path.join(folder, partsFolder))
    .filter((name) => /^[^.].*\.json$/.test(name))
    .sort()
    .reverse()
    .map((name) => path.join(folder, partsFolder, name)),
  path.join(folder, "managed-settings.json"),
];

const partsFolder = "managed-settings.d";

/** The folder of the parts: it changes where one comes or goes. */
export const managedParts = (around: ClientSurroundings): string =>
  path.join(managedDirectory(around), partsFolder);

const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

/**
 * The folders in whose sessions Claude Code takes the local entries that stand under a project's key. It asks for the
 * key of the main repository, and for a folder's own where there is no repository; no key of its ends with a slash.
 */
export const projectFolders = (key: string, folders: readonly string[]): readonly string[] => {
  if (key.length > 1 && /[\\/]$/.test(key)) return [];
  const used = new Set<string>();
  for (const open of folders.map(realFolder)) {
    const repository = repositoryOf(open);
    if (samePath(repository?.main ?? open, key)) used.add(repository?.root ?? key);
    else if (isWithin(key, open) && samePath(repositoryOf(key)?.main ?? key, key)) used.add(key);
  }
  return [...used];
};

/** The same folder without links; as it is where that cannot be told. */
export const realFolder = (folder: string): string => {
  try {
    return realpathSync.native(folder);
  } catch {
    return folder;
  }
};

const workspacePlace = (file: string): ClientPlace => {
  const folder = path.dirname(file);
  const real = realFolder(folder);
  return {
    origin: { kind: "workspace", file, folder, ...(real === folder ? {} : { realFolder: real }) },
    isOwn: false,
  };
};

/** A file that is found twice is one, under the first of its names. */
const uniqueByFile = (places: readonly ClientPlace[]): readonly ClientPlace[] => {
  const seen = new Set<string>();
  return places.filter(({ origin }) => {
    const key = pathKey(origin.realFolder ?? origin.folder ?? origin.file);
    const isFirst = !seen.has(key);
    seen.add(key);
    return isFirst;
  });
};

/**
 * Set to nothing is not set. `undefined` is the home's own. A path that is not absolute leads into whatever folder the
 * client is started in: what lies there is not the person's alone, and is not read.
 */
const configDirectories = ({
  env,
  terminalConfigDirectory,
}: ClientSurroundings): readonly (string | undefined)[] => {
  const here = env["CLAUDE_CONFIG_DIR"];
  const all = [here, ...(terminalConfigDirectory === undefined ? [] : [terminalConfigDirectory])];
  const found = new Set(all.map((directory) => (directory === "" ? undefined : directory)));
  return [...found].filter((directory) => directory === undefined || path.isAbsolute(directory));
};

/** `.config.json` is the older file, and the one that counts where it is there. */
const userPlaces = (directory: string | undefined, { home }: ClientSurroundings): readonly ClientPlace[] => {
  const older = path.join(directory ?? path.join(home, ".claude"), ".config.json");
  const file = path.join(directory ?? home, ".claude.json");
  return [
    { origin: { kind: "user", file: older }, isOwn: true },
    { origin: { kind: "user", file }, unless: older, isOwn: true },
  ];
};

const managedDirectory = ({ platform, env }: ClientSurroundings): string => {
  if (platform === "darwin") return "/Library/Application Support/ClaudeCode";
  if (platform !== "win32") return "/etc/claude-code";
  return path.win32.join(env["ProgramFiles"] ?? "C:\\Program Files", "ClaudeCode");
};
