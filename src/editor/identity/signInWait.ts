import * as vscode from "vscode";
import { disposable, type Disposable } from "../../core/disposable.ts";
import { Emitter } from "../../core/emitter.ts";
import type { BrowserWait, DeviceCode } from "../../core/identity/session.ts";
import type { ShellCommandId } from "../manifestNames.ts";

const t = vscode.l10n.t;

/** What a sign-in waits for at this moment. */
export type SignInWaiting =
  | { readonly kind: "start" }
  /** Another window's sign-in has the port of the registered redirect. */
  | { readonly kind: "port"; readonly port: number }
  | { readonly kind: "browser"; readonly wait: BrowserWait }
  /** The editor's secret storage, of which the system's keyring may ask the person a password. */
  | { readonly kind: "storage" }
  | { readonly kind: "code"; readonly code: DeviceCode };

/** A sign-in that is under way in this window. */
export interface UnderWay {
  /** The identity provider's host. */
  readonly host: string;
  readonly waiting: SignInWaiting;
}

/** A way on from where a sign-in waits. */
export type WayOn = "openAgain" | "copyLink" | "useCode" | "paste" | "cancel";

/** The command of each way, by which links, rows, keys and the palette reach it. */
export const wayCommands = {
  openAgain: "lanyard.openSignInPage",
  copyLink: "lanyard.copySignInLink",
  useCode: "lanyard.signInByCode",
  paste: "lanyard.pasteSignInAddress",
  cancel: "lanyard.cancelSignIn",
} as const satisfies Readonly<Record<WayOn, ShellCommandId>>;

export const waysOf = (waiting: SignInWaiting): readonly WayOn[] => {
  switch (waiting.kind) {
    case "start":
    case "port":
    case "storage":
      return ["cancel"];
    case "browser":
      return [
        "openAgain",
        "copyLink",
        ...(waiting.wait.useCode === undefined ? [] : ["useCode" as const]),
        "paste",
        "cancel",
      ];
    case "code":
      return ["openAgain", "copyLink", "cancel"];
  }
};

/** The one owner of what the window's sign-in waits for: at most one is under way. */
export class SignInWait implements Disposable {
  readonly #changed = new Emitter<undefined>();
  #underWay: UnderWay | undefined;
  #cancel: () => void = () => undefined;
  readonly onDidChange = this.#changed.event;

  get underWay(): UnderWay | undefined {
    return this.#underWay;
  }

  /** A sign-in is under way until the result is disposed of. */
  begin(host: string, cancel: () => void): Disposable {
    this.#cancel = cancel;
    this.#put({ host, waiting: { kind: "start" } });
    return disposable(() => this.#put(undefined));
  }

  /** It waits for this until the result is disposed of, or until it waits for something else. */
  show(waiting: SignInWaiting): Disposable {
    if (this.#underWay === undefined) return disposable(() => undefined);
    this.#put({ ...this.#underWay, waiting });
    return disposable(() => {
      if (this.#underWay?.waiting === waiting) this.#put({ ...this.#underWay, waiting: { kind: "start" } });
    });
  }

  /** Ends the sign-in that is under way. */
  cancel(): void {
    if (this.#underWay !== undefined) this.#cancel();
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #put(underWay: UnderWay | undefined): void {
    this.#underWay = underWay;
    this.#changed.fire(undefined);
  }
}

/** In words, what has to happen now. */
export const waitsFor = (waiting: SignInWaiting): string => {
  switch (waiting.kind) {
    case "start":
      return t("The identity provider is asked.");
    case "port":
      return t("Port {0} belongs to another window's sign-in. It is waited for.", String(waiting.port));
    case "browser":
      return t("Continue in your browser.");
    case "storage":
      return t(
        "The sign-in is being stored. If the keyring of this system asks for its password, enter it there.",
      );
    case "code":
      return t("Enter the code {0} at {1}", waiting.code.userCode, waiting.code.verificationUri);
  }
};
