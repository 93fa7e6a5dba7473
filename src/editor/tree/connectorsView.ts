import * as vscode from "vscode";
import { mayBeAsked } from "../../core/connectors/board/boardEntry.ts";
import type { Connector } from "../../core/config/connector.ts";
import type { Issue } from "../../core/config/issues/issue.ts";
import type { UserActions } from "../../core/connectors/wait/userActions.ts";
import type { Board } from "../../core/connectors/board/board.ts";
import { isForbidden } from "../../core/connectors/permission/forbidden.ts";
import { DisposableStore, type Disposable } from "../../core/disposable.ts";
import type { SessionInfo } from "../../core/identity/session.ts";
import { plainText } from "../../core/text.ts";
import type { McpNotice } from "../vscodeMcp/notice.ts";
import { lookOf, lookOfKind, needText, timeLeft, waitingLook } from "../status/statusLook.ts";
import { setTooltip, setViewMessage, treeItem } from "../screen.ts";
import { Throttle } from "../throttle.ts";
import { waitsFor, type SignInWait, type UnderWay } from "../identity/signInWait.ts";
import { filterBy } from "./filter.ts";
import { folderNameOf } from "./folders.ts";
import { rowModelOf, noRows, redrawOf, top, type RowModel } from "./rowModel.ts";
import type { Grouping } from "./grouping.ts";
import { itemOf } from "./items.ts";
import type { ConnectorsTree, TreeContent } from "./connectorsTree.ts";
import { tooltipOf } from "./tooltip.ts";
import { nodesOf, type Node, type RowHandle } from "./nodes.ts";

/**
 * A row that is drawn anew takes its buttons away from under the pointer: countdowns go in steps of this, and by seconds
 * at their end.
 */
const countdownStepMs = 5_000;
const lastSecondsMs = 10_000;

/** Changes within this time are drawn together. */
const togetherMs = 50;

export interface ConnectorsViewParts {
  readonly tree: ConnectorsTree;
  /** A sign-in that is under way has a row. */
  readonly wait: SignInWait;
  readonly board: Board;
  readonly actions: UserActions;
}

/**
 * The view "Connectors": rows, tooltips on demand, and a badge with how many connectors need the person. The editor asks
 * again only for rows that changed.
 */
export class ConnectorsView implements TreeContent, Disposable {
  readonly #owned = new DisposableStore();
  readonly #changed = this.#owned.add(new vscode.EventEmitter<RowHandle[] | undefined>());
  readonly #filtered = this.#owned.add(new vscode.EventEmitter<boolean>());
  readonly #view: vscode.TreeView<RowHandle>;
  readonly #wait: SignInWait;
  readonly #board: Board;
  readonly #actions: UserActions;
  /** The rows as they were drawn last. */
  #forest: RowModel = noRows;
  /** One object a row for as long as it shows: the editor knows a row by it. */
  readonly #handles = new Map<string, RowHandle>();
  readonly #items = new WeakMap<Node, vscode.TreeItem>();
  #grouping: Grouping | undefined;
  #filter = "";
  #tick: ReturnType<typeof setTimeout> | undefined;
  #sessions: readonly SessionInfo[] = [];
  #fileIssues: readonly Issue[] = [];
  #trouble: string | undefined;
  #mcpNotice: McpNotice | undefined;
  readonly #soon = this.#owned.add(new Throttle(() => this.#draw(), togetherMs));
  readonly onDidChangeRows = this.#changed.event;
  /** Whether a filter is on. */
  readonly onDidChangeFilter = this.#filtered.event;

  constructor({ tree, wait, board, actions }: ConnectorsViewParts) {
    this.#view = tree.view;
    this.#wait = wait;
    this.#board = board;
    this.#actions = actions;
    for (const { onDidChange } of [wait, board, actions])
      this.#owned.add(onDidChange(() => this.#soon.request()));
    this.#owned.add(this.#view.onDidChangeVisibility(() => this.#count()));
    tree.fill(this);
    this.#soon.request();
  }

  setSessions(sessions: readonly SessionInfo[]): void {
    this.#sessions = sessions;
    this.#soon.request();
  }

  setFileIssues(issues: readonly Issue[]): void {
    this.#fileIssues = issues;
    this.#soon.request();
  }

  /** What keeps helpers from this window, above the rows; nothing once it is gone. */
  setTrouble(trouble: string | undefined): void {
    this.#trouble = trouble;
    this.#count();
  }

  setMcpNotice(notice: McpNotice | undefined): void {
    this.#mcpNotice = notice;
    this.#soon.request();
  }

  /** What the person chose; else by folder where there are several, and not at all where there is one. */
  get grouping(): Grouping {
    return this.#grouping ?? ((vscode.workspace.workspaceFolders?.length ?? 0) > 1 ? "folder" : "none");
  }

  /** `undefined` leaves it to the view. */
  setGrouping(grouping: Grouping | undefined): void {
    this.#grouping = grouping;
    this.#soon.request();
  }

  /** The words that every connector that shows has; empty when all show. */
  get filter(): string {
    return this.#filter;
  }

  setFilter(text: string): void {
    this.#filter = text.trim();
    this.#filtered.fire(this.#filter !== "");
    this.#soon.request();
  }

  /** The connectors of trusted folders that the person approved. */
  connectorsThatMayBeAsked(): readonly Connector[] {
    return this.#board
      .entries()
      .filter(mayBeAsked)
      .map(({ connector }) => connector);
  }

  /** What a row is about, as it was drawn last; `undefined` for one that is gone. */
  nodeOf({ rowId }: RowHandle): Node | undefined {
    return this.#forest.nodes.get(rowId);
  }

  getChildren(row?: RowHandle): RowHandle[] {
    return (this.#forest.children.get(row?.rowId ?? top) ?? []).map((id) => this.#handle(id));
  }

  getTreeItem(row: RowHandle): vscode.TreeItem {
    const node = this.nodeOf(row);
    if (node === undefined) return treeItem("");
    const known = this.#items.get(node);
    if (known !== undefined && endOf(node) === undefined) return known;
    const item = itemOf(node, Date.now());
    this.#items.set(node, item);
    return item;
  }

  /** The tooltip goes to another item than the one that is kept; the editor asks again once the row was drawn anew. */
  resolveTreeItem(item: vscode.TreeItem, row: RowHandle): vscode.TreeItem {
    const node = this.nodeOf(row);
    if (node === undefined) return item;
    const resolved = itemOf(node, Date.now());
    setTooltip(resolved, tooltipOf(node, Date.now()));
    return resolved;
  }

  dispose(): void {
    clearTimeout(this.#tick);
    this.#owned.dispose();
  }

  #handle(rowId: string): RowHandle {
    const known = this.#handles.get(rowId);
    if (known !== undefined) return known;
    const handle = { rowId };
    this.#handles.set(rowId, handle);
    return handle;
  }

  #draw(): void {
    const board = this.#board;
    const before = this.#forest;
    const nodes = nodesOf({
      ...{ board, folderNameOf },
      sessions: this.#sessions,
      fileIssues: this.#fileIssues,
      mcpNotice: this.#mcpNotice,
      signIn: this.#wait.underWay && signInNode(this.#wait.underWay),
      actOf: (id) => this.#actions.of(id),
    });
    const filter = filterBy(this.#filter, (kind) => lookOfKind(kind).label);
    this.#forest = rowModelOf(nodes, { grouping: this.grouping, filter }, before);
    const redraw = redrawOf(before, this.#forest);
    if (redraw.kind === "all") this.#changed.fire(undefined);
    else if (redraw.ids.length > 0) this.#changed.fire(redraw.ids.map((id) => this.#handle(id)));
    for (const id of this.#handles.keys()) if (!this.#forest.nodes.has(id)) this.#handles.delete(id);
    this.#drawBadge(board);
    this.#count();
  }

  /** Countdowns tick while somebody can see them; then there is no timer. */
  #count(): void {
    clearTimeout(this.#tick);
    const counted = [...this.#forest.nodes].filter(([, node]) => endOf(node) !== undefined);
    this.#drawMessage(counted.map(([, node]) => node));
    if (counted.length === 0 || !this.#view.visible) return;
    this.#tick = setTimeout(
      () => {
        this.#changed.fire(counted.map(([id]) => this.#handle(id)));
        this.#count();
      },
      Math.min(...counted.map(([, node]) => untilNextStepMs((endOf(node) ?? 0) - Date.now()))),
    );
  }

  /** Above the rows, which are too narrow for what the person compares on their phone; and what a filter leaves out. */
  #drawMessage(counted: readonly Node[]): void {
    const { shown, total } = this.#forest;
    const filtered =
      this.#filter === "" || shown === 0
        ? []
        : [vscode.l10n.t("{0} of {1} connectors have: {2}", shown, total, plainText(this.#filter, 80))];
    const waiting = counted.map((node) => {
      const text = node.kind === "connector" && node.act ? waitingLook(node.entry.status, node.act).text : "";
      return `${text} · ${timeLeft(endOf(node) ?? 0, Date.now())}`;
    });
    const message = [...(this.#trouble === undefined ? [] : [this.#trouble]), ...filtered, ...waiting].join(
      "\n",
    );
    setViewMessage(this.#view, message);
  }

  #drawBadge(board: Board): void {
    const needing =
      board.entries().filter(({ status }) => lookOf(status).needsPerson).length +
      board.broken().filter((entry) => !isForbidden(entry)).length;
    if ((this.#view.badge?.value ?? 0) === needing) return;
    this.#view.badge = needing === 0 ? undefined : { value: needing, tooltip: needText(needing) };
  }
}

const signInNode = ({ host, waiting }: UnderWay): Extract<Node, { readonly kind: "signIn" }> => ({
  ...{ kind: "signIn", host, text: waitsFor(waiting) },
  ...(waiting.kind === "code" ? { code: waiting.code.userCode } : {}),
});

/** When what a row waits for is over. */
const endOf = (node: Node): number | undefined =>
  node.kind === "connector" && node.act !== undefined
    ? waitingLook(node.entry.status, node.act).untilMs
    : undefined;

const untilNextStepMs = (leftMs: number): number => {
  const stepMs = leftMs > lastSecondsMs ? countdownStepMs : 1_000;
  return leftMs <= 0 ? stepMs : Math.max(100, leftMs % stepMs);
};
