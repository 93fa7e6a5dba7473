import * as vscode from "vscode";
import type { Connector } from "../../core/config/connector.ts";
import type { Issue } from "../../core/config/issue.ts";
import type { Board } from "../../core/connectors/board.ts";
import { DisposableStore, type Disposable } from "../../core/disposable.ts";
import type { SessionInfo } from "../../core/identity/session.ts";
import { lookOf } from "../present.ts";
import { itemOf, tooltipOf } from "./items.ts";
import { idOf, nodesOf, type Node } from "./nodes.ts";

export const viewId = "lanyard.connectors";

/** The view "Connectors": rows, tooltips on demand, and a badge with how many connectors need the person. */
export class ConnectorsView implements vscode.TreeDataProvider<Node>, Disposable {
  readonly #owned = new DisposableStore();
  readonly #changed = this.#owned.add(new vscode.EventEmitter<undefined>());
  readonly #view: vscode.TreeView<Node>;
  #board: Board | undefined;
  #sessions: readonly SessionInfo[] = [];
  #fileIssues: readonly Issue[] = [];
  #refresh: ReturnType<typeof setTimeout> | undefined;
  readonly onDidChangeTreeData = this.#changed.event;

  constructor() {
    this.#view = this.#owned.add(vscode.window.createTreeView(viewId, { treeDataProvider: this }));
  }

  show(board: Board): void {
    this.#board = board;
    this.#owned.add(board.onDidChange(() => this.#soon()));
    this.#soon();
  }

  setSessions(sessions: readonly SessionInfo[]): void {
    this.#sessions = sessions;
    this.#soon();
  }

  setFileIssues(issues: readonly Issue[]): void {
    this.#fileIssues = issues;
    this.#soon();
  }

  /** The connectors of trusted folders that the person approved. */
  connectorsThatMayBeAsked(): readonly Connector[] {
    const entries = this.#board?.entries() ?? [];
    return entries
      .filter(({ status }) => status.kind !== "untrusted" && status.kind !== "unapproved")
      .map(({ connector }) => connector);
  }

  getChildren(node?: Node): Node[] {
    if (node !== undefined || this.#board === undefined) return [];
    return nodesOf({ board: this.#board, sessions: this.#sessions, fileIssues: this.#fileIssues });
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return itemOf(node, Date.now());
  }

  resolveTreeItem(item: vscode.TreeItem, node: Node): vscode.TreeItem {
    item.tooltip = tooltipOf(this.#present(node), Date.now());
    return item;
  }

  dispose(): void {
    clearTimeout(this.#refresh);
    this.#owned.dispose();
  }

  /** The row as it is now, not as it was when it was drawn. */
  #present(node: Node): Node {
    return this.getChildren().find((other) => idOf(other) === idOf(node)) ?? node;
  }

  /** Many changes in one turn are drawn once. */
  #soon(): void {
    this.#refresh ??= setTimeout(() => {
      this.#refresh = undefined;
      this.#changed.fire(undefined);
      this.#drawBadge();
    }, 50);
  }

  #drawBadge(): void {
    const needing = this.#needingPerson();
    this.#view.badge =
      needing === 0
        ? undefined
        : {
            value: needing,
            tooltip:
              needing === 1
                ? vscode.l10n.t("1 connector needs you")
                : vscode.l10n.t("{0} connectors need you", needing),
          };
  }

  #needingPerson(): number {
    if (this.#board === undefined) return 0;
    const entries = this.#board.entries().filter(({ status }) => lookOf(status).needsPerson);
    return entries.length + this.#board.broken().length;
  }
}
