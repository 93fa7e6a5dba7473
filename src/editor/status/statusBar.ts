import * as vscode from "vscode";
import type { Board } from "../../core/connectors/board/board.ts";
import { DisposableStore, type Disposable } from "../../core/disposable.ts";
import { plainText } from "../../core/text.ts";
import { lookOf, needText } from "./statusLook.ts";
import { viewId } from "../manifestNames.ts";
import { drawStatusBar, openStatusBar } from "../screen.ts";
import { Throttle } from "../throttle.ts";

/** A check of many connectors changes the board that often. */
const togetherMs = 50;

/** A tooltip names no more than a person reads. */
const mostNamed = 10;

/** "6/8 connectors", a click leads to the view. Hidden where there are no connectors. */
export class StatusBar implements Disposable {
  readonly #owned = new DisposableStore();
  readonly #item = this.#owned.add(openStatusBar("lanyard.status"));

  constructor() {
    this.#item.name = vscode.l10n.t("Lanyard Connectors");
    this.#item.command = `${viewId}.focus`;
  }

  show(board: Board): void {
    const soon = this.#owned.add(new Throttle(() => this.#draw(board), togetherMs));
    this.#owned.add(board.onDidChange(() => soon.request()));
    this.#draw(board);
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #draw(board: Board): void {
    const entries = board.entries();
    const all = entries.length + board.broken().length;
    if (all === 0) {
      this.#item.hide();
      return;
    }
    const ready = entries.filter(({ status }) => status.kind === "granted").length;
    const needing = entries.filter(({ status }) => lookOf(status).needsPerson);
    const summary = vscode.l10n.t("Lanyard: {0} of {1} connectors ready", ready, all);
    const named = needing.slice(0, mostNamed);
    const unnamed = needing.length - named.length;
    const tooltip = [
      summary,
      ...named.map(({ connector, status }) => `${plainText(connector.name, 80)}: ${lookOf(status).label}`),
      ...(unnamed === 0 ? [] : [vscode.l10n.t("and {0} more", unnamed)]),
    ].join("\n");
    drawStatusBar(this.#item, { icon: "key", text: `${ready}/${all}`, tooltip });
    const need = needing.length === 0 ? [] : [needText(needing.length)];
    this.#item.accessibilityInformation = { label: [summary, ...need].join(". "), role: "button" };
    this.#item.show();
  }
}
