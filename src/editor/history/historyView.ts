import * as vscode from "vscode";
import { historyText } from "../../core/history/history.ts";
import { DisposableStore, type Disposable } from "../../core/disposable.ts";
import { errnoOf, LanyardError } from "../../core/errors.ts";
import { plainText } from "../../core/text.ts";
import { readHistory } from "../../node/historyFile.ts";
import { showReport } from "../screen.ts";

const t = vscode.l10n.t;
const scheme = "lanyard-history";

/** Said once a window: on a disk that is full or read-only the history has a gap, and nothing else is the matter with it. */
export const historyFailed = (home: string, cause: unknown): LanyardError =>
  new LanyardError(
    "storageFailed",
    t("The history cannot be written in {0} ({1}).", home, errnoOf(cause) ?? "?"),
    { cause },
  );

/** A name as the last part of a path. */
const fileName = (name: string): string => name.replace(/[/\\]/g, " ");

/** The history as a document that can be read and searched, newest first; of one connector or of all. */
export class HistoryView implements vscode.TextDocumentContentProvider, Disposable {
  readonly #home: string;
  readonly #owned = new DisposableStore();
  readonly #changed = this.#owned.add(new vscode.EventEmitter<vscode.Uri>());

  readonly onDidChange = this.#changed.event;

  constructor(home: string) {
    this.#home = home;
    this.#owned.add(vscode.workspace.registerTextDocumentContentProvider(scheme, this));
  }

  async provideTextDocumentContent({ query }: vscode.Uri): Promise<string> {
    const lines = (await readHistory(this.#home)).filter(
      ({ connector }) => query === "" || connector === query,
    );
    return lines.length === 0 ? t("Nothing has happened yet.") : lines.reverse().map(historyText).join("\n");
  }

  async show(connector?: string): Promise<void> {
    const query = connector === undefined ? "" : plainText(connector);
    const title = [t("Lanyard History"), ...(query === "" ? [] : [fileName(query)])].join(" - ");
    const place = vscode.Uri.from({ scheme, path: `/${title}.txt`, query });
    this.#changed.fire(place);
    await showReport(await vscode.workspace.openTextDocument(place), "lanyard-history");
  }

  dispose(): void {
    this.#owned.dispose();
  }
}
