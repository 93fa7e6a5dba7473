import * as vscode from "vscode";
import type { Board } from "../../core/connectors/board/board.ts";
import { DisposableStore, type Disposable } from "../../core/disposable.ts";
import { lastAnswer } from "../../core/connectors/board/status.ts";
import { storageSentences, type BoundedSecrets, type StorageHealth } from "../../core/secrets/bounded.ts";
import { openInBrowser } from "../identity/browser.ts";
import { tellWarning } from "../screen.ts";

const t = vscode.l10n.t;
const instructions =
  "https://code.visualstudio.com/docs/configure/settings-sync#_troubleshooting-keychain-issues";

export interface StorageNoticeParts {
  readonly board: Board;
  readonly storage: BoundedSecrets;
  readonly onError: (error: unknown) => void;
}

/** What is wrong with the editor's secret storage. */
type Trouble = "forgets" | "refuses" | "silent";

/**
 * Says once a window, for each way in which it can be so, that sign-ins are not kept, and what to do. It asks for no
 * sign-in: where nothing is kept, that would only be the next one to be lost.
 */
export class StorageNotice implements Disposable {
  readonly #parts: StorageNoticeParts;
  readonly #owned = new DisposableStore();
  readonly #said = new Set<Trouble>();

  constructor(parts: StorageNoticeParts) {
    this.#parts = parts;
    this.#owned.add(parts.board.onDidChange(() => this.#lookAtBoard()));
    this.#owned.add(parts.storage.onDidChangeHealth((health) => this.#lookAt(health)));
    this.#lookAt(parts.storage.health);
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #lookAtBoard(): void {
    const isLost = this.#parts.board.entries().some(({ status }) => {
      const answer = lastAnswer(status);
      return answer?.kind === "signedOut" && answer.cause === "storageLost";
    });
    if (isLost) this.#say("forgets");
  }

  #lookAt(health: StorageHealth): void {
    if (health.kind === "failing") this.#say(health.how);
  }

  #say(trouble: Trouble): void {
    if (this.#said.has(trouble)) return;
    this.#said.add(trouble);
    this.#show(trouble).catch(this.#parts.onError);
  }

  async #show(trouble: Trouble): Promise<void> {
    const show = t("Show Instructions");
    const choice = await tellWarning(sentences()[trouble], show);
    if (choice === show) await openInBrowser(instructions);
  }
}

const sentences = (): Readonly<Record<Trouble, string>> => ({
  forgets: t(
    "This machine did not keep your Lanyard sign-in: the editor's secret storage has forgotten it, as it does without a keyring, or when the keyring changed. Set up a keyring; until then each start of the editor needs a sign-in of its own.",
  ),
  refuses: t(storageSentences.refuses),
  silent: t(storageSentences.silent),
});
