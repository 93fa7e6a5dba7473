import * as vscode from "vscode";
import { inBackground } from "../../core/background.ts";
import { settingHere } from "../configuration/settings.ts";
import { viewId } from "../manifestNames.ts";
import { tellWarning } from "../screen.ts";

/**
 * Tells the person why a server did not start. The editor gives the reason to a model that calls a tool, and to nobody
 * when a person or a chat starts the server.
 */
export class Refusals {
  readonly #told = new Map<string, string>();

  /** Never twice the same of one server, however often it is tried. */
  tell(label: string, message: string): void {
    if (this.#told.get(label) === message || settingHere("notifications") === "off") return;
    this.#told.set(label, message);
    inBackground("vscodeMcp.refused", () => this.#show(message));
  }

  /** The server has started: what comes after is worth telling again. */
  forget(label: string): void {
    this.#told.delete(label);
  }

  async #show(message: string): Promise<void> {
    const show = vscode.l10n.t("Show Connectors");
    const choice = await tellWarning(message, show);
    if (choice === show) await vscode.commands.executeCommand(`${viewId}.focus`);
  }
}
