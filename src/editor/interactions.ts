import * as vscode from "vscode";
import type { Connector } from "../core/config/connector.ts";
import type { Board } from "../core/connectors/board.ts";
import type { Status } from "../core/connectors/status.ts";
import { isWaiting, type Waits } from "../core/connectors/waits.ts";
import { hostOf } from "../core/urls.ts";
import type { Disposable } from "../core/disposable.ts";
import { openInBrowser } from "./browser.ts";
import { detailOf } from "./present.ts";
import type { SignIn } from "./signIn.ts";
import { viewId } from "./tree/connectorsView.ts";

const mostReauthentications = 2;

/** What a person does for one connector: connect an account, sign in more strongly, approve a push. */
export class Interactions implements Disposable {
  readonly #board: Board;
  readonly #waits: Waits;
  readonly #signIn: SignIn;
  readonly #underWay = new Map<string, AbortController>();

  constructor(parts: { readonly board: Board; readonly waits: Waits; readonly signIn: SignIn }) {
    this.#board = parts.board;
    this.#waits = parts.waits;
    this.#signIn = parts.signIn;
  }

  /** Does what the connector's present status asks of the person, and waits until it is granted or over. */
  async attend(connectorId: string): Promise<void> {
    const entry = this.#board.get(connectorId);
    if (entry === undefined || this.#underWay.has(connectorId)) return;
    const { connector } = entry;
    const status = settled(entry.status);
    if (status.kind === "needsConnection") await this.#openAndFollow(connector, status.url);
    if (status.kind === "pending") await this.#follow(connector);
    if (status.kind !== "stepUp") return;
    switch (status.how.kind) {
      case "reauthenticate":
        return this.#reauthenticate(connector, status.how);
      case "url":
        return this.#openAndFollow(connector, status.how.url);
      case "push":
        return this.#follow(connector);
    }
  }

  cancel(connectorId: string): void {
    this.#underWay.get(connectorId)?.abort();
  }

  isUnderWay(connectorId: string): boolean {
    return this.#underWay.has(connectorId);
  }

  dispose(): void {
    for (const controller of this.#underWay.values()) controller.abort();
  }

  async #openAndFollow(connector: Connector, url: string): Promise<void> {
    const detail = detailOf(this.#board.get(connector.id)?.status ?? { kind: "unchecked" }, Date.now());
    if (!(await confirmUrl(connector, url, detail))) return;
    if (await openInBrowser(url)) await this.#follow(connector);
  }

  /** Asks the vault again and again, shown as progress in the view, until it is granted, over, or cancelled. */
  async #follow(connector: Connector): Promise<void> {
    const controller = new AbortController();
    this.#underWay.set(connector.id, controller);
    const acting = this.#waits.acting(connector.id);
    try {
      await vscode.window.withProgress({ location: { viewId } }, () =>
        this.#waits.follow(connector.id, controller.signal),
      );
    } catch (error) {
      if (!controller.signal.aborted) throw error;
    } finally {
      acting.dispose();
      this.#underWay.delete(connector.id);
    }
  }

  /** RFC 9470: a new authorization request with what was asked for; at most two, then it is denied. */
  async #reauthenticate(
    connector: Connector,
    how: { readonly acrValues: readonly string[]; readonly maxAgeSeconds?: number },
  ): Promise<void> {
    const controller = new AbortController();
    this.#underWay.set(connector.id, controller);
    const acting = this.#waits.acting(connector.id);
    try {
      for (let attempt = 1; attempt <= mostReauthentications; attempt += 1) {
        await this.#signIn.run({ ...connector.userAuth, ...how });
        const answer = await this.#waits.follow(connector.id, AbortSignal.timeout(1));
        if (!isWaiting(answer.grant)) return;
      }
    } finally {
      acting.dispose();
      this.#underWay.delete(connector.id);
    }
  }
}

const settled = (status: Status): Status =>
  status.kind === "checking" && status.last ? status.last : status;

/** A URL from the network is shown whole before it is opened (design section 8, invariant 6). */
const confirmUrl = async (
  connector: Connector,
  url: string,
  detail: string | undefined,
): Promise<boolean> => {
  const open = vscode.l10n.t("Open in Browser");
  const message = vscode.l10n.t("{0}: continue at {1}?", connector.name, hostOf(url));
  const lines = [detail, vscode.l10n.t("This address is opened:"), url].filter((line) => line !== undefined);
  const choice = await vscode.window.showInformationMessage(
    message,
    { modal: true, detail: lines.join("\n\n") },
    open,
  );
  return choice === open;
};
