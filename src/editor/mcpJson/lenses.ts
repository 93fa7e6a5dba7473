import * as vscode from "vscode";
import type { BrokenEntry, Connector } from "../../core/config/connector.ts";
import type { Place } from "../../core/config/issues/issue.ts";
import type { Board } from "../../core/connectors/board/board.ts";
import type { BoardEntry } from "../../core/connectors/board/boardEntry.ts";
import { DisposableStore, type Disposable } from "../../core/disposable.ts";
import type { ConfigurationFiles } from "../configuration/configurationFiles.ts";
import { detailOf, issueText, lookOf } from "../status/statusLook.ts";
import { viewId } from "../manifestNames.ts";
import { codeLens, type Lens } from "../screen.ts";
import { connectorTooltip } from "../tree/tooltip.ts";
import { actionsFor } from "./actions.ts";
import { originOf, readingOf } from "./documents.ts";

const t = vscode.l10n.t;
const redrawMs = 100;

/** Over each entry with `userAuth`: where its connector stands, and what the person can do about it. */
export class ConnectorLenses implements vscode.CodeLensProvider, Disposable {
  readonly #owned = new DisposableStore();
  readonly #changed = this.#owned.add(new vscode.EventEmitter<void>());
  readonly #files: ConfigurationFiles;
  readonly #board: Pick<Board, "get" | "onDidChange">;
  #redraw: ReturnType<typeof setTimeout> | undefined;
  readonly onDidChangeCodeLenses = this.#changed.event;

  constructor(files: ConfigurationFiles, board: Pick<Board, "get" | "onDidChange">) {
    this.#files = files;
    this.#board = board;
    this.#owned.add(board.onDidChange(() => this.#soon()));
    this.#owned.add(files.onDidChange(() => this.#soon()));
  }

  /** Places come from the text as it is on the screen; what is known of a connector, from the board. */
  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const origin = originOf(this.#files, document.uri);
    const reading = origin && readingOf(this.#files, origin, document.getText());
    if (reading?.kind !== "read") return [];
    return [
      ...reading.connectors.flatMap((connector) => this.#connectorLenses(connector, document.isDirty)),
      ...reading.broken.map(brokenLens),
    ];
  }

  dispose(): void {
    clearTimeout(this.#redraw);
    this.#owned.dispose();
  }

  /** What the board does not know has not been read from the disk yet. */
  #connectorLenses({ id, place }: Connector, isDirty: boolean): vscode.CodeLens[] {
    const entry = this.#board.get(id);
    if (entry === undefined)
      return isDirty ? [lens(place, { title: t("Save the file to check this connector"), command: "" })] : [];
    const actions = actionsFor(entry.status).map(({ command, title }) =>
      lens(place, { command, title, arguments: [{ connectorId: id }] }),
    );
    return [lens(place, statusLens(entry)), ...actions];
  }

  #soon(): void {
    this.#redraw ??= setTimeout(() => {
      this.#redraw = undefined;
      this.#changed.fire();
    }, redrawMs);
  }
}

const statusLens = (entry: BoardEntry): Lens => {
  const look = lookOf(entry.status);
  const detail = detailOf(entry.status, Date.now());
  return {
    icon: look.icon,
    title: [look.label, detail].filter((part) => part !== undefined).join(" · "),
    tooltip: connectorTooltip(entry, Date.now()),
    command: `${viewId}.focus`,
  };
};

const brokenLens = ({ place, issues }: BrokenEntry): vscode.CodeLens => {
  const title = issues.length === 1 ? t("1 problem") : t("{0} problems", issues.length);
  return lens(place, {
    icon: "error",
    title,
    tooltip: issues.map(issueText).join("\n"),
    command: "workbench.actions.view.problems",
  });
};

const lens = (place: Place, shown: Lens): vscode.CodeLens =>
  codeLens(new vscode.Range(place.line, place.column, place.endLine, place.endColumn), shown);
