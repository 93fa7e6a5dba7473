import * as vscode from "vscode";
import type { Acts } from "../core/connectors/acts.ts";
import type { Board } from "../core/connectors/board.ts";
import { DisposableStore, type Disposable } from "../core/disposable.ts";
import type { IdentityService } from "../core/identity/session.ts";

/** What the manifest's `when` and `enablement` clauses look at. */
export class ContextKeys implements Disposable {
  readonly #owned = new DisposableStore();
  readonly #set = new Map<string, boolean>();

  constructor(board: Board, identity: IdentityService, acts: Acts) {
    const fromBoard = (): void => {
      const statuses = board.entries().map(({ status }) => status.kind);
      this.#put("lanyard.hasConnectors", statuses.length > 0);
      this.#put("lanyard.needsApproval", statuses.includes("unapproved"));
    };
    const fromIdentity = async (): Promise<void> => {
      this.#put("lanyard.signedIn", (await identity.list()).length > 0);
    };
    this.#owned.add(board.onDidChange(fromBoard));
    this.#owned.add(acts.onDidChange(() => this.#put("lanyard.isWaiting", acts.size > 0)));
    this.#owned.add(identity.onDidChange(() => void fromIdentity()));
    fromBoard();
    void fromIdentity();
  }

  dispose(): void {
    this.#owned.dispose();
    for (const key of this.#set.keys()) this.#put(key, false);
  }

  #put(key: string, value: boolean): void {
    if (this.#set.get(key) === value) return;
    this.#set.set(key, value);
    void vscode.commands.executeCommand("setContext", key, value);
  }
}
