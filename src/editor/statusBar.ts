import * as vscode from "vscode";
import type { Board } from "../core/connectors/board.ts";
import { DisposableStore, type Disposable } from "../core/disposable.ts";
import { lookOf } from "./present.ts";
import { viewId } from "./manifestNames.ts";

/** "6/8 connectors", a click leads to the view. Hidden where there are no connectors. */
export class StatusBar implements Disposable {
  readonly #owned = new DisposableStore();
  readonly #item = this.#owned.add(
    vscode.window.createStatusBarItem("lanyard.status", vscode.StatusBarAlignment.Left),
  );

  constructor() {
    this.#item.name = vscode.l10n.t("Lanyard Connectors");
    this.#item.command = `${viewId}.focus`;
  }

  show(board: Board): void {
    const draw = (): void => this.#draw(board);
    this.#owned.add(board.onDidChange(draw));
    draw();
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
    this.#item.text = `$(key) ${ready}/${all}`;
    const summary = vscode.l10n.t("Lanyard: {0} of {1} connectors ready", ready, all);
    this.#item.tooltip = [
      summary,
      ...needing.map(({ connector, status }) => `${connector.name}: ${lookOf(status).label}`),
    ].join("\n");
    this.#item.accessibilityInformation = { label: summary };
    this.#item.show();
  }
}
