import * as os from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";
import { inBackground } from "../../core/background.ts";
import type { EntryOrigin } from "../../core/config/connector.ts";
import { DisposableStore, type Disposable } from "../../core/disposable.ts";

const projectFile = ".mcp.json";
const settleMs = 150;

/** The configuration files of this window, watched: every folder's `.mcp.json` and the user's Claude configuration. */
export class ConfigurationFiles implements Disposable {
  readonly #owned = new DisposableStore();
  readonly #changed = this.#owned.add(new vscode.EventEmitter<undefined>());
  readonly #watchers = new Map<string, Disposable>();
  readonly #settling = new Map<string, ReturnType<typeof setTimeout>>();
  #texts = new Map<string, FileText>();
  readonly onDidChange = this.#changed.event;

  constructor() {
    this.#owned.add(
      vscode.workspace.onDidChangeWorkspaceFolders(() =>
        inBackground("configuration.read", () => this.start()),
      ),
    );
  }

  /** Reads every file and watches it. */
  async start(): Promise<void> {
    const wanted = new Map(originsHere().map((origin) => [origin.file, origin]));
    for (const file of this.#watchers.keys()) if (!wanted.has(file)) this.#forget(file);
    for (const origin of wanted.values()) if (!this.#watchers.has(origin.file)) this.#watch(origin);
    const readings = await Promise.all([...wanted.values()].map(readText));
    this.#texts = new Map(readings.map((reading) => [reading.origin.file, reading]));
    this.#changed.fire(undefined);
  }

  texts(): readonly FileText[] {
    return [...this.#texts.values()];
  }

  /** Whether any file speaks of Lanyard at all; cheap, so that nothing is loaded where none does. */
  mentionsUserAuth(): boolean {
    return this.texts().some(
      (reading) =>
        reading.kind === "unreadable" || (reading.kind === "text" && reading.text.includes('"userAuth"')),
    );
  }

  dispose(): void {
    for (const file of [...this.#watchers.keys()]) this.#forget(file);
    this.#owned.dispose();
  }

  #watch(origin: EntryOrigin): void {
    const pattern = new vscode.RelativePattern(
      vscode.Uri.file(path.dirname(origin.file)),
      path.basename(origin.file),
    );
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    const owned = new DisposableStore();
    owned.add(watcher);
    const soon = (): void => this.#soon(origin);
    owned.add(watcher.onDidChange(soon));
    owned.add(watcher.onDidCreate(soon));
    owned.add(watcher.onDidDelete(soon));
    this.#watchers.set(origin.file, owned);
  }

  #forget(file: string): void {
    clearTimeout(this.#settling.get(file));
    this.#settling.delete(file);
    this.#watchers.get(file)?.dispose();
    this.#watchers.delete(file);
    this.#texts.delete(file);
  }

  /** Editors write in several steps: read when the file has been still for a moment. */
  #soon(origin: EntryOrigin): void {
    clearTimeout(this.#settling.get(origin.file));
    this.#settling.set(
      origin.file,
      setTimeout(() => inBackground("configuration.read", () => this.#reread(origin)), settleMs),
    );
  }

  async #reread(origin: EntryOrigin): Promise<void> {
    const reading = await readText(origin);
    if (!this.#watchers.has(origin.file)) return;
    if (JSON.stringify(reading) === JSON.stringify(this.#texts.get(origin.file))) return;
    this.#texts.set(origin.file, reading);
    this.#changed.fire(undefined);
  }
}

export type FileText =
  | { readonly kind: "text"; readonly origin: EntryOrigin; readonly text: string }
  | { readonly kind: "absent"; readonly origin: EntryOrigin }
  | { readonly kind: "unreadable"; readonly origin: EntryOrigin; readonly reason: string };

const originsHere = (): readonly EntryOrigin[] => [
  ...(vscode.workspace.workspaceFolders ?? [])
    .filter(({ uri }) => uri.scheme === "file")
    .map(({ uri }): EntryOrigin => ({
      kind: "workspace",
      folder: uri.fsPath,
      file: path.join(uri.fsPath, projectFile),
    })),
  { kind: "user", file: path.join(process.env["CLAUDE_CONFIG_DIR"] ?? os.homedir(), ".claude.json") },
];

const readText = async (origin: EntryOrigin): Promise<FileText> => {
  try {
    const bytes = await vscode.workspace.fs.readFile(vscode.Uri.file(origin.file));
    return { kind: "text", origin, text: new TextDecoder().decode(bytes) };
  } catch (error) {
    if (error instanceof vscode.FileSystemError && error.code === "FileNotFound")
      return { kind: "absent", origin };
    const reason = error instanceof vscode.FileSystemError ? error.code : "Unknown";
    return { kind: "unreadable", origin, reason };
  }
};
