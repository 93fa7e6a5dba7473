import * as vscode from "vscode";
import type { Connector } from "../../core/config/connector.ts";
import { DisposableStore, type Disposable } from "../../core/disposable.ts";
import { viewId } from "../manifestNames.ts";
import { treeItem } from "../screen.ts";
import type { RowHandle } from "./nodes.ts";

/** The rows of the tree, and the connectors in them. */
export interface TreeContent {
  /** These rows are drawn anew; all of them where none is named. */
  readonly onDidChangeRows: vscode.Event<RowHandle[] | undefined>;
  getChildren(row?: RowHandle): RowHandle[];
  getTreeItem(row: RowHandle): vscode.TreeItem;
  resolveTreeItem(item: vscode.TreeItem, row: RowHandle): vscode.TreeItem;
  /** The connectors of trusted folders that the person approved. */
  connectorsThatMayBeAsked(): readonly Connector[];
}

/** The editor's tree "Connectors". It is there from the start, and empty until a window has connectors to show. */
export class ConnectorsTree implements vscode.TreeDataProvider<RowHandle>, Disposable {
  readonly #owned = new DisposableStore();
  readonly #changed = this.#owned.add(new vscode.EventEmitter<RowHandle[] | undefined>());
  readonly onDidChangeTreeData = this.#changed.event;
  readonly view = this.#owned.add(
    vscode.window.createTreeView(viewId, { treeDataProvider: this, showCollapseAll: true }),
  );
  #content: TreeContent | undefined;

  /** From now on the tree shows these rows. */
  fill(content: TreeContent): void {
    this.#content = content;
    this.#owned.add(content.onDidChangeRows((changed) => this.#changed.fire(changed)));
  }

  connectorsThatMayBeAsked(): readonly Connector[] {
    return this.#content?.connectorsThatMayBeAsked() ?? [];
  }

  getChildren(row?: RowHandle): RowHandle[] {
    return this.#content?.getChildren(row) ?? [];
  }

  getTreeItem(row: RowHandle): vscode.TreeItem {
    return this.#content?.getTreeItem(row) ?? treeItem("");
  }

  resolveTreeItem(item: vscode.TreeItem, row: RowHandle): vscode.TreeItem {
    return this.#content?.resolveTreeItem(item, row) ?? item;
  }

  dispose(): void {
    this.#owned.dispose();
  }
}
