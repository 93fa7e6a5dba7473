import * as vscode from "vscode";
import type { Disposable } from "../../core/disposable.ts";
import { Emitter } from "../../core/emitter.ts";
import {
  isOverSsh,
  waysFor,
  type SignInPlace,
  type SignInWay,
} from "../../core/identity/signIn/receivers.ts";
import type { ReceiverStart, RedirectReceiver } from "../../core/identity/session.ts";
import { isLoopback } from "../../core/urls.ts";
import { settingHere } from "../configuration/settings.ts";

/** Where this window's Lanyard runs, as far as the editor tells. */
export const placeOf = async (extension: vscode.Extension<unknown>): Promise<SignInPlace> => {
  const web = vscode.env.uiKind === vscode.UIKind.Web;
  const remote =
    vscode.env.remoteName !== undefined && extension.extensionKind === vscode.ExtensionKind.Workspace;
  const workbenchOnLoopback = web && !isOverSsh(process.env) && (await isWorkbenchOnLoopback());
  return { ui: web ? "web" : "desktop", remote, workbenchOnLoopback };
};

/** A web workbench turns the editor's own address scheme into a callback below its own address. */
const isWorkbenchOnLoopback = async (): Promise<boolean> => {
  const outside = await vscode.env.asExternalUri(callbackUri());
  const url = URL.parse(outside.toString(true));
  return url !== null && isLoopback(url);
};

const callbackUri = (): vscode.Uri =>
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

/** What `lanyard.signIn.method` says. */
export const chosenWay = (): SignInWay | "auto" => {
  const value = settingHere("signIn.method");
  return value === "loopback" || value === "uriHandler" || value === "device" ? value : "auto";
};

/** The receivers that can work here, in order; empty means the device flow. */
export const receiversHere = async (
  extension: vscode.Extension<unknown>,
  callbacks: UriCallbacks,
  startLoopback: ReceiverStart,
): Promise<readonly ReceiverStart[]> => {
  const ways = waysFor(await placeOf(extension), chosenWay());
  const starters: Readonly<Record<SignInWay, ReceiverStart | undefined>> = {
    loopback: startLoopback,
    uriHandler: () => Promise.resolve(callbacks.receiver()),
    device: undefined,
  };
  return ways.map((way) => starters[way]).filter((start) => start !== undefined);
};
