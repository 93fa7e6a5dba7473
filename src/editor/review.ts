import * as vscode from "vscode";
import * as z from "zod";
import type { Connector } from "../core/config/connector.ts";
import type { Board } from "../core/connectors/board/board.ts";
import type { Approvals } from "../core/connectors/permission/approval.ts";
import { inBackground } from "../core/background.ts";
import { DisposableStore, type Disposable } from "../core/disposable.ts";
import { reviewDocument } from "../core/review/reviewDocument.ts";
import {
  approvableAtOnce,
  reviewActs,
  reviewContent,
  reviewOrder,
  type ReviewRow,
} from "../core/review/reviewPage.ts";
import { markup } from "../core/review/html.ts";
import { Throttle } from "./throttle.ts";

const messageSchema = z.object({
  act: z.enum([...reviewActs, "ready"]),
  key: z.coerce.number().int().nonnegative().optional(),
  /** The version of the content on which a button was pressed. */
  content: z.string().optional(),
});

export interface ReviewParts {
  readonly board: Board;
  readonly approvals: Approvals;
  /** Brings the board in step with what is approved now. */
  readonly onApproved: () => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** Hundreds of rows change when all are checked: the page is looked at once for all of them. */
const drawAfterMs = 200;

/** The page on which a person reads what each connector's entry says, approves it, and takes that back. One per window. */
export class ReviewPanel implements Disposable {
  readonly #parts: ReviewParts;
  readonly #owned = new DisposableStore();
  #page: Page | undefined;

  constructor(parts: ReviewParts) {
    this.#parts = parts;
    const soon = this.#owned.add(new Throttle(() => this.#redraw(), drawAfterMs));
    this.#owned.add(parts.board.onDidChange(() => this.#page && soon.request()));
    this.#owned.add(parts.approvals.onDidChange(() => this.#redraw()));
  }

  /** Shows the page, at a connector where one is named. */
  show(connectorId?: string, drafts: readonly Connector[] = []): void {
    this.#page ??= this.#open();
    this.#page.reveal(connectorId, drafts);
  }

  /**
   * Shows the page and waits until nothing waits any more, or it is closed; it is closed with the last decision.
   * @param drafts connectors that stand in no file yet.
   * @returns whether everything that waited was approved.
   */
  async decide(drafts: readonly Connector[] = []): Promise<boolean> {
    this.show(drafts[0]?.id, drafts);
    return (await this.#page?.decided()) ?? false;
  }

  dispose(): void {
    this.#owned.dispose();
    this.#page?.dispose();
  }

  #redraw(): void {
    inBackground("review.draw", async () => this.#page?.draw());
  }

  #open(): Page {
    const page = new Page(this.#parts);
    page.onDidClose(() => (this.#page = undefined));
    return page;
  }
}

class Page implements Disposable {
  readonly #parts: ReviewParts;
  readonly #panel: vscode.WebviewPanel;
  /** The connectors that are asked about before they stand in a file. */
  #drafts: readonly Connector[] = [];
  #rows: readonly ReviewRow[] = [];
  #content = "";
  #version = 0;
  #focus: string | undefined;
  #isReady = false;
  #settle: ((allApproved: boolean) => void) | undefined;

  constructor(parts: ReviewParts) {
    this.#parts = parts;
    const title = vscode.l10n.t("Review Connectors");
    this.#panel = vscode.window.createWebviewPanel("lanyard.review", title, vscode.ViewColumn.Active, {
      enableScripts: true,
      enableCommandUris: false,
      localResourceRoots: [],
      retainContextWhenHidden: true,
    });
    const nonce = crypto.randomUUID().replaceAll("-", "");
    const { language: lang } = vscode.env;
    this.#panel.webview.onDidReceiveMessage((message: unknown) => {
      this.#take(message).catch(parts.onError);
    });
    this.#panel.onDidDispose(() => this.#settle?.(false));
    this.#panel.webview.html = reviewDocument({ title, lang, nonce, content: markup`` });
  }

  onDidClose(listener: () => void): void {
    this.#panel.onDidDispose(listener);
  }

  reveal(connectorId: string | undefined, drafts: readonly Connector[]): void {
    this.#drafts = drafts;
    this.#focus = connectorId ?? "";
    this.#panel.reveal();
    this.#panel.title = vscode.l10n.t("Review Connectors");
    inBackground("review.draw", () => this.draw(true));
  }

  /** Resolves once nothing waits any more, or the page is closed. */
  decided(): Promise<boolean> {
    this.#settle?.(false);
    return new Promise((resolve) => (this.#settle = resolve));
  }

  /** Draws what there is now; what is drawn already stays as it is. */
  async draw(isForced = false): Promise<void> {
    try {
      const rows = await this.#read();
      const content = reviewContent(rows, vscode.l10n.t).toString();
      if (content === this.#content && !isForced) return;
      this.#rows = rows;
      this.#content = content;
      this.#version += 1;
      const focus = this.#focus === undefined ? {} : { focus: this.#idOf(this.#focus) };
      if (this.#isReady) this.#focus = undefined;
      await this.#panel.webview.postMessage({ content, version: this.#version, ...focus });
      if (!this.#wanted(rows).some(waits)) this.#end();
    } catch (error) {
      this.#parts.onError(error);
    }
  }

  dispose(): void {
    this.#panel.dispose();
  }

  async #read(): Promise<readonly ReviewRow[]> {
    const { board, approvals } = this.#parts;
    const entries = board.entries();
    const present = entries.map(({ connector }) => connector);
    const drafts = this.#drafts.filter(({ id }) => !present.some((each) => each.id === id));
    const held = new Set(
      entries.filter(({ status }) => status.kind === "untrusted").map(({ connector }) => connector.id),
    );
    const connectors = [...drafts, ...present];
    const reviews = await approvals.reviews(connectors);
    return reviewOrder(
      connectors.map((connector) => ({
        connector,
        review: reviews.get(connector.id) ?? { permission: "unapproved" },
        isHeld: held.has(connector.id),
      })),
    );
  }

  #idOf(connectorId: string): string {
    const index = this.#rows.findIndex(({ connector }) => connector.id === connectorId);
    return index < 0 ? "title" : `entry-${index}`;
  }

  async #take(message: unknown): Promise<void> {
    const parsed = messageSchema.safeParse(message);
    if (!parsed.success) return;
    const { act, key, content } = parsed.data;
    if (act === "ready") {
      this.#isReady = true;
      return this.draw(true);
    }
    if (act === "close") {
      this.#panel.dispose();
      return;
    }
    // What was pressed on is not what is shown by now: the person reads again.
    if (content !== String(this.#version)) return;
    const row = key === undefined ? undefined : this.#rows[key];
    const { approvals, onApproved } = this.#parts;
    if (act === "approveAll") await approvals.approve(approvableAtOnce(this.#rows));
    else if (row === undefined || row.isHeld) return;
    else if (act === "approve") await approvals.approve([row.connector]);
    else await approvals.withdraw([row.connector]);
    this.#focus = act === "withdraw" ? row?.connector.id : this.#next(key);
    await onApproved();
    await this.draw(true);
  }

  /** The rows whose decision is waited for. */
  #wanted(rows: readonly ReviewRow[]): readonly ReviewRow[] {
    if (this.#drafts.length === 0) return rows;
    return rows.filter(({ connector }) => this.#drafts.some(({ id }) => id === connector.id));
  }

  /** What waits behind the row that was decided, else the first that waits. */
  #next(key: number | undefined): string {
    const waiting = this.#rows.filter((row, index) => waits(row) && index !== key);
    const behind = waiting.find((row) => key !== undefined && this.#rows.indexOf(row) > key);
    return (behind ?? waiting[0])?.connector.id ?? "";
  }

  /** Whoever waits goes on; without them the page stays, to show what was approved. */
  #end(): void {
    const settle = this.#settle;
    if (settle === undefined) return;
    this.#settle = undefined;
    settle(true);
    this.#panel.dispose();
  }
}

const waits = ({ review, isHeld }: ReviewRow): boolean => !isHeld && review.permission !== "approved";
