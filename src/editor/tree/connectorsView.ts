import * as vscode from "vscode";
import type { Connector } from "../../core/config/connector.ts";
import type { Issue } from "../../core/config/issue.ts";
import type { Acts } from "../../core/connectors/acts.ts";
import type { Board } from "../../core/connectors/board.ts";
import { isForbidden } from "../../core/connectors/forbidden.ts";
import { DisposableStore, type Disposable } from "../../core/disposable.ts";
import type { SessionInfo } from "../../core/identity/session.ts";
import type { McpNotice } from "../vscodeMcp/notice.ts";
import { lookOf, timeLeft, waitingLook } from "../present.ts";
import { viewId } from "../manifestNames.ts";
import { itemOf, tooltipOf } from "./items.ts";
import { idOf, nodesOf, type Node } from "./nodes.ts";

/**
 * A row that is drawn anew takes its buttons away from under the pointer: countdowns go in steps of this, and by seconds
 * at their end.
 */
const countdownStepMs = 5_000;
const lastSecondsMs = 10_000;

/** The view "Connectors": rows, tooltips on demand, and a badge with how many connectors need the person. */
export class ConnectorsView implements vscode.TreeDataProvider<Node>, Disposable {
  readonly #owned = new DisposableStore();
  readonly #changed = this.#owned.add(new vscode.EventEmitter<Node | undefined>());
  readonly #view: vscode.TreeView<Node>;
  #board: Board | undefined;
  #acts: Acts | undefined;
  /** The rows as they were drawn last. */
  #nodes: readonly Node[] = [];
  #tick: ReturnType<typeof setTimeout> | undefined;
  #sessions: readonly SessionInfo[] = [];
  #fileIssues: readonly Issue[] = [];
  #mcpNotice: McpNotice | undefined;
  #refresh: ReturnType<typeof setTimeout> | undefined;
  readonly onDidChangeTreeData = this.#changed.event;

  constructor() {
    this.#view = this.#owned.add(vscode.window.createTreeView(viewId, { treeDataProvider: this }));
    this.#owned.add(this.#view.onDidChangeVisibility(() => this.#count()));
  }

  show(board: Board, acts: Acts): void {
    this.#board = board;
    this.#acts = acts;
    this.#owned.add(board.onDidChange(() => this.#soon()));
    this.#owned.add(acts.onDidChange(() => this.#soon()));
    this.#soon();
  }

  /** Whether the person can see the rows. */
  get isVisible(): boolean {
    return this.#view.visible;
  }

  setSessions(sessions: readonly SessionInfo[]): void {
    this.#sessions = sessions;
    this.#soon();
  }

  setFileIssues(issues: readonly Issue[]): void {
    this.#fileIssues = issues;
    this.#soon();
  }

  setMcpNotice(notice: McpNotice | undefined): void {
    this.#mcpNotice = notice;
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
    this.#nodes = nodesOf({
      board: this.#board,
      sessions: this.#sessions,
      fileIssues: this.#fileIssues,
      mcpNotice: this.#mcpNotice,
      actOf: (id) => this.#acts?.of(id),
    });
    this.#count();
    return [...this.#nodes];
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
    clearTimeout(this.#tick);
    this.#owned.dispose();
  }

  /** The row as it is now, not as it was when it was drawn. */
  #present(node: Node): Node {
    return this.#nodes.find((other) => idOf(other) === idOf(node)) ?? node;
  }

  /** Countdowns tick while somebody can see them; then there is no timer. */
  #count(): void {
    clearTimeout(this.#tick);
    const counted = this.#nodes.filter((node) => endOf(node) !== undefined);
    this.#drawMessage(counted);
    if (counted.length === 0 || !this.#view.visible) return;
    this.#tick = setTimeout(
      () => {
        for (const node of counted) this.#changed.fire(node);
        this.#count();
      },
      Math.min(...counted.map((node) => untilNextStepMs((endOf(node) ?? 0) - Date.now()))),
    );
  }

  /** Above the rows, which are too narrow for what the person compares on their phone. */
  #drawMessage(counted: readonly Node[]): void {
    const lines = counted.map((node) => {
      const text = node.kind === "connector" && node.act ? waitingLook(node.entry.status, node.act).text : "";
      return `${text} · ${timeLeft(endOf(node) ?? 0, Date.now())}`;
    });
    const message = lines.join("\n");
    if ((this.#view.message ?? "") !== message) this.#view.message = message;
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
    return entries.length + this.#board.broken().filter((entry) => !isForbidden(entry)).length;
  }
}

/** When what a row waits for is over. */
const endOf = (node: Node): number | undefined =>
  node.kind === "connector" && node.act !== undefined
    ? waitingLook(node.entry.status, node.act).untilMs
    : undefined;

const untilNextStepMs = (leftMs: number): number => {
  const stepMs = leftMs > lastSecondsMs ? countdownStepMs : 1_000;
  return leftMs <= 0 ? stepMs : Math.max(100, leftMs % stepMs);
};
