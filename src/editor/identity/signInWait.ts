import * as vscode from "vscode";
import { disposable, DisposableStore, type Disposable } from "../../core/disposable.ts";
import { Emitter } from "../../core/emitter.ts";
import type { BrowserWait, DeviceCode } from "../../core/identity/session.ts";
import { openInBrowser } from "./browser.ts";
import { openInput, pickOne, showStatusMessage, type CommandLink } from "../screen.ts";
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

  /** Shows all ways on, to be picked by key or pointer. */
  async choose(): Promise<void> {
    const underWay = this.#underWay;
    if (underWay === undefined) return;
    const items = waysOf(underWay.waiting).map((way) => ({
      ...{ label: nameOfWay(way, underWay.waiting), iconPath: new vscode.ThemeIcon(icons[way]), way },
    }));
    const picked = await pickOne(items, {
      title: t("Signing in at {0}", underWay.host),
      placeHolder: waitsFor(underWay.waiting),
    });
    if (picked !== undefined) await this.go(picked.way);
  }

  /** Takes a way on; nothing happens where the sign-in no longer waits for it. */
  async go(way: WayOn): Promise<void> {
    const waiting = this.#underWay?.waiting;
    if (waiting === undefined || !waysOf(waiting).includes(way)) return;
    if (way === "cancel") this.#cancel();
    else if (waiting.kind === "browser") await goOnFromBrowser(way, waiting.wait);
    else if (waiting.kind === "code") await goOnFromCode(way, waiting.code);
  }

  dispose(): void {
    this.#changed.dispose();
  }

  #put(underWay: UnderWay | undefined): void {
    this.#underWay = underWay;
    this.#changed.fire(undefined);
  }
}

/** What the commands of the ways do. */
export const waysOnCommands = (
  wait: SignInWait,
): Readonly<Record<"lanyard.goOnSigningIn" | (typeof wayCommands)[WayOn], () => Promise<void>>> => ({
  "lanyard.goOnSigningIn": () => wait.choose(),
  "lanyard.openSignInPage": () => wait.go("openAgain"),
  "lanyard.copySignInLink": () => wait.go("copyLink"),
  "lanyard.signInByCode": () => wait.go("useCode"),
  "lanyard.pasteSignInAddress": () => wait.go("paste"),
  "lanyard.cancelSignIn": () => wait.go("cancel"),
});

const goOnFromBrowser = async (way: WayOn, wait: BrowserWait): Promise<void> => {
  if (way === "openAgain") await openInBrowser(wait.url);
  if (way === "copyLink") await copy(wait.url, t("Sign-in link copied"));
  if (way === "useCode") wait.useCode?.();
  if (way === "paste") await paste(wait);
};

const goOnFromCode = async (way: WayOn, code: DeviceCode): Promise<void> => {
  const page = code.verificationUriComplete ?? code.verificationUri;
  if (way === "copyLink") return copy(page, t("Sign-in link copied"));
  if (way !== "openAgain") return;
  await vscode.env.clipboard.writeText(code.userCode);
  await openInBrowser(page);
};

const copy = async (text: string, said: string): Promise<void> => {
  await vscode.env.clipboard.writeText(text);
  showStatusMessage(said, 3000);
};

/** An address holds a code that is worth a sign-in: it is not shown. */
const paste = async (wait: BrowserWait): Promise<void> => {
  const { box, problem } = openInput(
    t("Copy it whole from the browser's address bar, also when the page there could not be loaded."),
  );
  box.title = t("Paste the address where the browser has ended");
  box.password = true;
  box.ignoreFocusOut = true;
  const owned = new DisposableStore();
  owned.add(box);
  await new Promise<void>((resolve) => {
    owned.add(box.onDidHide(() => resolve()));
    owned.add(
      box.onDidChangeValue((address) => {
        const isGood = address.trim() === "" || wait.paste(address);
        problem(
          isGood
            ? undefined
            : t("This is not the end of this sign-in. Copy the whole address, or open the page again."),
        );
        if (isGood && address.trim() !== "") box.hide();
      }),
    );
    box.show();
  });
  owned.dispose();
};

const icons: Readonly<Record<WayOn, string>> = {
  openAgain: "link-external",
  copyLink: "copy",
  useCode: "device-mobile",
  paste: "clippy",
  cancel: "close",
};

export const nameOfWay = (way: WayOn, { kind }: SignInWaiting): string => {
  switch (way) {
    case "openAgain":
      return kind === "code" ? t("Copy Code and Open Page") : t("Open Page Again");
    case "copyLink":
      return t("Copy Link");
    case "useCode":
      return t("Use a Code");
    case "paste":
      return t("Paste the Address…");
    case "cancel":
      return t("Cancel");
  }
};

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

/** The same with its ways on as links. The progress has a button of its own to cancel. */
export const progressOf = (
  waiting: SignInWaiting,
): { readonly text: string; readonly links: readonly CommandLink[] } => ({
  text: waitsFor(waiting),
  links: waysOf(waiting)
    .filter((way) => way !== "cancel")
    .map((way) => ({ label: nameOfWay(way, waiting), command: wayCommands[way] })),
});
