import { errnoOf } from "../../core/errors.ts";
import { lstat, mkdir, readdir, readFile, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { nodeForBatch } from "./batch.ts";
import { guardedFileOf } from "./guardedNames.ts";
import { replaceFile } from "../../node/wholeFile.ts";
import { ensureHome } from "../endpoint/safety.ts";

export interface LauncherOptions {
  /** LANYARD_HOME of the agent that these launchers are to find. */
  readonly home: string;
  /** A Node, or an Electron that is one when `ELECTRON_RUN_AS_NODE` is set. */
  readonly nodePath: string;
  /** Where curl is; absent, it is looked for on the caller's PATH. */
  readonly curlPath?: string;
  /** The helper's bundle; its pieces lie beside it and carry its name before a dash. */
  readonly helperBundlePath: string;
  /** Where `launcher.sh` and `launcher.cmd` lie. */
  readonly templateDirectory: string;
  readonly version: string;
  readonly platform?: NodeJS.Platform;
  /** The environment; absent, this process's. */
  readonly variables?: NodeJS.ProcessEnv;
}

/**
 * Writes the `lanyard` command under `home`: `bin/lanyard` (and `.cmd` on Windows) and `lib/lanyard.cjs` with its
 * pieces. What is as it should be is not touched; what is not is replaced whole, so that a helper that starts
 * meanwhile finds the one or the other. @returns the paths that were written.
 */
export const installLaunchers = async (options: LauncherOptions): Promise<readonly string[]> => {
  const { home, templateDirectory, helperBundlePath } = options;
  const platform = options.platform ?? process.platform;
  await ensureHome(home);
  for (const directory of [binOf(home), libOf(home)])
    await mkdir(directory, { recursive: true, mode: 0o700 });
  const pieces = await piecesOf(helperBundlePath);
  const written: (string | undefined)[] = [];
  for (const piece of pieces) {
    written.push(await replace(join(libOf(home), piece.name), await readFile(piece.path, "utf8"), 0o600));
  }
  const script = await readFile(join(templateDirectory, "launcher.sh"), "utf8");
  written.push(
    await replace(join(binOf(home), "lanyard"), filled(script, options, shellPlaces(options)), 0o755),
  );
  if (platform === "win32") {
    const batch = await readFile(join(templateDirectory, "launcher.cmd"), "utf8");
    const { variables = process.env } = options;
    const places = { NODE: nodeForBatch({ ...options, variables }) };
    const text = filled(batch, options, places).replaceAll(/\r?\n/g, "\r\n");
    written.push(await replace(join(binOf(home), "lanyard.cmd"), text, 0o755));
  }
  await removePiecesBut(libOf(home), new Set(pieces.map(({ name }) => name)));
  return written.filter((path) => path !== undefined);
};

/**
 * Removes what `installLaunchers` wrote, and the folders that are empty then, `home` itself included. A command of the
 * same name that somebody else wrote stays, and so does everything else.
 */
export const uninstallLaunchers = async (home: string): Promise<void> => {
  for (const name of await readdir(binOf(home)).catch(() => [])) {
    const path = join(binOf(home), name);
    if (commandName.test(name) && (await isOurs(path))) await rm(path, { force: true });
  }
  for (const name of await readdir(libOf(home)).catch(() => [])) {
    if (libraryName.test(name)) await rm(join(libOf(home), name), { force: true });
  }
  if ((await lstat(guardedFileOf(home)).catch(() => undefined))?.isFile() === true)
    await rm(guardedFileOf(home), { force: true });
  for (const directory of [binOf(home), libOf(home), home]) await rmdir(directory).catch(() => undefined);
};

/** The command and the drafts of it that a crash left. */
const commandName = /^lanyard(?:\.cmd)?(?:\.[0-9a-f]{16})?$/;
const libraryName = /^(?:lanyard|helper-[\w.-]+)\.cjs(?:\.[0-9a-f]{16})?$/;
const firstLines = /^(?:#!.*\n|@echo off\r?\n)(?:#|rem) The lanyard command, version /;

const isOurs = async (path: string): Promise<boolean> => {
  const stats = await lstat(path).catch(() => undefined);
  return stats?.isFile() === true && firstLines.test(await readFile(path, "utf8").catch(() => ""));
};

const binOf = (home: string): string => join(home, "bin");
const libOf = (home: string): string => join(home, "lib");

const bundleName = "lanyard.cjs";
const pieceName = /^[\w.-]+\.cjs$/;

interface Piece {
  readonly name: string;
  readonly path: string;
}

/** The bundle comes last: its pieces are there before it asks for them. */
const piecesOf = async (helperBundlePath: string): Promise<readonly Piece[]> => {
  const directory = dirname(helperBundlePath);
  const names = await readdir(directory);
  const pieces = names
    .filter((name) => name.startsWith("helper-") && name.endsWith(".cjs"))
    .map((name) => ({ name, path: join(directory, name) }));
  return [...pieces, { name: bundleName, path: helperBundlePath }];
};

const removePiecesBut = async (directory: string, wanted: ReadonlySet<string>): Promise<void> => {
  const names = await readdir(directory).catch(() => []);
  for (const name of names) {
    if (pieceName.test(name) && !wanted.has(name)) await rm(join(directory, name), { force: true });
  }
};

const filled = (
  template: string,
  { version }: LauncherOptions,
  places: Readonly<Record<string, string>>,
): string =>
  template
    .replaceAll("@VERSION@", version.replaceAll(/[^\w.+-]/g, ""))
    .replaceAll(/@(HOME|NODE|CURL)@/g, (_place, name: string) => places[name] ?? "");

const shellPlaces = ({
  home,
  nodePath,
  curlPath = "",
}: LauncherOptions): Readonly<Record<string, string>> => ({
  HOME: quoteForShell(home),
  NODE: quoteForShell(nodePath),
  CURL: quoteForShell(curlPath),
});

/** One word of POSIX shell, whatever it holds. */
const quoteForShell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Whole or not at all. @returns undefined when the file already is as it should be. */
const replace = async (path: string, text: string, mode: number): Promise<string | undefined> => {
  if (await isAsItShould(path, text, mode)) return undefined;
  await replaceFile(path, text, mode);
  return path;
};

const isAsItShould = async (path: string, text: string, mode: number): Promise<boolean> => {
  try {
    if ((await readFile(path, "utf8")) !== text) return false;
    return process.platform === "win32" || ((await stat(path)).mode & 0o777) === mode;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return false;
    throw error;
  }
};
