import { unwatchFile, watchFile } from "node:fs";
import * as os from "node:os";
import * as vscode from "vscode";
import { inBackground } from "../../core/background.ts";
import { fileUri, folderPathsHere } from "../files.ts";
import { mentionsLanyard } from "../../core/config/text/mentions.ts";
import { disposable, DisposableStore, type Disposable } from "../../core/disposable.ts";
import { readClientFiles, type FileText } from "../../node/places/clientFiles.ts";
import {
  clientPlaces,
  clientSettings,
  managedParts,
  projectFile,
  projectFolders,
  realFolder,
  type ClientSurroundings,
} from "../../node/places/clientPlaces.ts";

export type { FileText } from "../../node/places/clientFiles.ts";

const settleMs = 150;
/** How often a file is looked at that the editor does not watch, or that is a link to one. */
const lookMs = 2000;
const mostBelow = 256;
const notBelow = "**/{node_modules,.git}/**";

/**
 * The files of this window that Claude Code reads servers and variables from, watched. Those below the open folders are
 * searched for once the others are there.
 */
export class ConfigurationFiles implements Disposable {
  readonly #owned = new DisposableStore();
  readonly #changed = this.#owned.add(new vscode.EventEmitter<undefined>());
  readonly #watchers = new Map<string, Disposable>();
  #settling: ReturnType<typeof setTimeout> | undefined;
  #below: readonly string[] = [];
  #texts: readonly FileText[] = [];
  #settings: readonly string[] = [];
  /** What was read last: an older reading that comes later is dropped. */
  #reading = 0;
  #searching: Promise<void> = Promise.resolve();
  readonly onDidChange = this.#changed.event;

  constructor() {
    this.#owned.add(vscode.workspace.onDidChangeWorkspaceFolders(() => this.#soon()));
    this.#owned.add(
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration("terminal.integrated.env")) this.#soon();
      }),
    );
  }

  /** Reads every file and watches it; what lies below the open folders follows. Never rejects. */
  async start(): Promise<void> {
    await this.#read();
    this.#changed.fire(undefined);
    const searching = this.#search();
    this.#searching = searching;
    inBackground("configuration.search", () => searching);
  }

  /** Resolves once those below the open folders are read too. Never rejects. */
  async searched(): Promise<void> {
    await this.#searching.catch(() => undefined);
  }

  texts(): readonly FileText[] {
    return this.#texts;
  }

  /** The texts of the settings whose `env` takes part in `${…}`, the strongest first. */
  settings(): readonly string[] {
    return this.#settings;
  }

  /** The open folders on a disk, without links. */
  folders(): readonly string[] {
    return folderPathsHere().map(realFolder);
  }

  projectFolders(key: string): readonly string[] {
    return projectFolders(key, folderPathsHere());
  }

  /** Whether any file speaks of Lanyard at all; cheap, so that nothing is loaded where none does. */
  mentionsUserAuth(): boolean {
    return this.#texts.some(
      (reading) =>
        reading.kind === "unreadable" ||
        reading.kind === "utf16" ||
        (reading.kind === "text" && mentionsLanyard(reading.text)),
    );
  }

  dispose(): void {
    clearTimeout(this.#settling);
    for (const watcher of this.#watchers.values()) watcher.dispose();
    this.#watchers.clear();
    this.#owned.dispose();
  }

  /** Editors write in several steps: read when the files have been still for a moment. */
  #soon(): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => inBackground("configuration.read", () => this.#reread()), settleMs);
  }

  async #reread(): Promise<void> {
    const before = JSON.stringify([this.#texts, this.#settings]);
    await this.#read();
    if (JSON.stringify([this.#texts, this.#settings]) !== before) this.#changed.fire(undefined);
  }

  async #read(): Promise<void> {
    this.#reading += 1;
    const reading = this.#reading;
    const around = surroundingsHere(this.#below);
    const places = clientPlaces(around);
    const settings = clientSettings(around);
    this.#watch(new Set([...places.map(({ origin }) => origin.file), ...settings, managedParts(around)]));
    const found = await readClientFiles(places, settings);
    if (reading !== this.#reading) return;
    this.#texts = found.texts;
    this.#settings = found.settings;
  }

  /** The editor tells of its folders at once; looking at the file itself sees through links, and what is not there yet. */
  #watch(files: ReadonlySet<string>): void {
    const folders = new Set(folderPathsHere());
    for (const [key, watcher] of this.#watchers) {
      if (files.has(key) || folders.has(key)) continue;
      watcher.dispose();
      this.#watchers.delete(key);
    }
    for (const file of files) {
      if (this.#watchers.has(file)) continue;
      const look = (): void => this.#soon();
      watchFile(file, { interval: lookMs, persistent: false }, look);
      this.#watchers.set(
        file,
        disposable(() => unwatchFile(file, look)),
      );
    }
    for (const folder of folders) if (!this.#watchers.has(folder)) this.#watchFolder(folder);
  }

  #watchFolder(folder: string): void {
    const owned = new DisposableStore();
    const pattern = new vscode.RelativePattern(fileUri(folder), `**/${projectFile}`);
    const watcher = owned.add(vscode.workspace.createFileSystemWatcher(pattern));
    owned.add(watcher.onDidChange(() => this.#soon()));
    owned.add(watcher.onDidCreate(({ fsPath }) => this.#came(fsPath)));
    owned.add(watcher.onDidDelete(() => this.#soon()));
    this.#watchers.set(folder, owned);
  }

  #came(file: string): void {
    if (!/[\\/](?:node_modules|\.git)[\\/]/.test(file) && this.#below.length < mostBelow)
      this.#below = [...new Set([...this.#below, file])];
    this.#soon();
  }

  async #search(): Promise<void> {
    const found = await Promise.all(
      folderPathsHere().map((folder) =>
        vscode.workspace.findFiles(
          new vscode.RelativePattern(fileUri(folder), `*/**/${projectFile}`),
          notBelow,
          mostBelow,
        ),
      ),
    ).catch(() => []);
    const below = found.flat().map(({ fsPath }) => fsPath);
    if (below.length === 0) return;
    this.#below = [...new Set([...this.#below, ...below])];
    await this.#reread();
  }
}

const surroundingsHere = (below: readonly string[]): ClientSurroundings => {
  const terminal = terminalConfigDirectory();
  return {
    ...{
      folders: folderPathsHere(),
      below,
      home: os.homedir(),
      env: process.env,
      platform: process.platform,
    },
    ...(terminal === undefined ? {} : { terminalConfigDirectory: terminal }),
  };
};

const systems: Readonly<Partial<Record<NodeJS.Platform, string>>> = { darwin: "osx", win32: "windows" };

/** Of the person's own settings alone: a workspace must not say which files are the person's. */
const terminalConfigDirectory = (): string | undefined => {
  const name = `terminal.integrated.env.${systems[process.platform] ?? "linux"}`;
  const env: unknown = vscode.workspace.getConfiguration().inspect(name)?.globalValue;
  if (typeof env !== "object" || env === null || !("CLAUDE_CONFIG_DIR" in env)) return undefined;
  const directory = env.CLAUDE_CONFIG_DIR;
  if (typeof directory !== "string") return "";
  return directory.replaceAll("${userHome}", os.homedir()).replace(/^~(?=\/|$)/, os.homedir());
};
