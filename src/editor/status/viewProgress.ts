import { inBackground } from "../../core/background.ts";
import type { UserActions } from "../../core/connectors/wait/userActions.ts";
import type { Disposable } from "../../core/disposable.ts";
import { viewId } from "../manifestNames.ts";
import { withProgress } from "../screen.ts";

/** The progress bar of the view: there for as long as anything is under way, and no longer. */
export class ViewProgress implements Disposable {
  readonly #acts: UserActions;
  readonly #listening: Disposable;
  #end: (() => void) | undefined;

  constructor(acts: UserActions) {
    this.#acts = acts;
    this.#listening = acts.onDidChange(() => this.#draw());
  }

  dispose(): void {
    this.#listening.dispose();
    this.#end?.();
  }

  #draw(): void {
    if (this.#acts.size === 0) {
      this.#end?.();
      this.#end = undefined;
      return;
    }
    if (this.#end !== undefined) return;
    const ended = new Promise<void>((resolve) => (this.#end = resolve));
    inBackground("view.progress", () => withProgress({ location: { viewId } }, () => ended));
  }
}
