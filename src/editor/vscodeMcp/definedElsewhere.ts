import * as vscode from "vscode";
import { inBackground } from "../../core/background.ts";
import { DisposableStore, type Disposable } from "../../core/disposable.ts";
import { namesIn } from "../../core/mcp/editorClient/taken.ts";

const pathInFolder = ".vscode/mcp.json";

/** The servers that the workspace's own `.vscode/mcp.json` files define: whoever wrote them wants them as they are. */
export class DefinedElsewhere implements Disposable {
  readonly #owned = new DisposableStore();
  readonly #changed = this.#owned.add(new vscode.EventEmitter<undefined>());
  readonly #names = new Map<string, ReadonlySet<string>>();
  #watched = new DisposableStore();
  readonly onDidChange = this.#changed.event;

  constructor() {
    this.#owned.add(
      vscode.workspace.onDidChangeWorkspaceFolders(() => inBackground("vscodeMcp.read", () => this.start())),
    );
  }

  /** Reads the files and watches them. */
  async start(): Promise<void> {
    this.#watched.dispose();
    this.#watched = new DisposableStore();
    this.#names.clear();
    const folders = vscode.workspace.workspaceFolders ?? [];
    await Promise.all(folders.map((folder) => this.#watch(folder)));
  }

  /** All their names, in lower case. */
  names(): ReadonlySet<string> {
    return new Set([...this.#names.values()].flatMap((names) => [...names]));
  }

  dispose(): void {
    this.#watched.dispose();
    this.#owned.dispose();
  }

  async #watch(folder: vscode.WorkspaceFolder): Promise<void> {
    const pattern = new vscode.RelativePattern(folder, pathInFolder);
    const watcher = this.#watched.add(vscode.workspace.createFileSystemWatcher(pattern));
    const read = (): void => inBackground("vscodeMcp.read", () => this.#read(folder));
    this.#watched.add(watcher.onDidCreate(read));
    this.#watched.add(watcher.onDidChange(read));
    this.#watched.add(watcher.onDidDelete(read));
    await this.#read(folder);
  }

  async #read({ uri }: vscode.WorkspaceFolder): Promise<void> {
    this.#names.set(uri.toString(), namesIn(await textOf(vscode.Uri.joinPath(uri, pathInFolder))));
    this.#changed.fire(undefined);
  }
}

const textOf = async (file: vscode.Uri): Promise<string> => {
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
  } catch {
    return "";
  }
};
