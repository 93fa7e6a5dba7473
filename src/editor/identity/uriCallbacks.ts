import * as vscode from "vscode";
import type { Disposable } from "../../core/disposable.ts";
import { Emitter } from "../../core/emitter.ts";
import type { RedirectReceiver } from "../../core/identity/session.ts";

/** Where the editor hands a callback on to this extension. */
export const callbackUri = (): vscode.Uri =>
  vscode.Uri.from({ scheme: vscode.env.uriScheme, authority: "lanyard.lanyard", path: "/callback" });

/** The redirect that comes back through the editor's own address scheme. */
export const uriRedirect = (): string => callbackUri().toString(true);

/** The one URI handler of the extension: hands each callback to the sign-in that waits for it. */
export class UriCallbacks implements vscode.UriHandler, Disposable {
  readonly #came = new Emitter<URL>();
  readonly #registration = vscode.window.registerUriHandler(this);

  handleUri(uri: vscode.Uri): void {
    const url = uri.toString(true);
    if (uri.path === "/callback" && URL.canParse(url)) this.#came.fire(new URL(url));
  }

  receiver(): RedirectReceiver {
    const came = this.#came.event;
    let listener: Disposable | undefined;
    return {
      kind: "uriHandler",
      redirectUri: uriRedirect(),
      receive: (signal, isExpected = () => true) =>
        new Promise((resolve, reject) => {
          listener = came((url) => {
            if (isExpected(url)) resolve(url);
          });
          signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
        }),
      conclude: () => undefined,
      dispose: () => {
        listener?.dispose();
        return Promise.resolve();
      },
    };
  }

  dispose(): void {
    this.#registration.dispose();
    this.#came.dispose();
  }
}
