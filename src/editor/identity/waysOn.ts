import * as vscode from "vscode";
import { DisposableStore } from "../../core/disposable.ts";
import type { BrowserWait, DeviceCode } from "../../core/identity/session.ts";
import { openInput, pickOne, showStatusMessage, type CommandLink } from "../screen.ts";
import { openInBrowser } from "./browser.ts";
import {
  wayCommands,
  waitsFor,
  waysOf,
  type SignInWait,
  type SignInWaiting,
  type WayOn,
} from "./signInWait.ts";

const t = vscode.l10n.t;

/** Shows all ways on from where the window's sign-in waits, to be picked by key or pointer. */
export const chooseWayOn = async (wait: SignInWait): Promise<void> => {
  const { underWay } = wait;
  if (underWay === undefined) return;
  const items = waysOf(underWay.waiting).map((way) => ({
    ...{ label: nameOfWay(way, underWay.waiting), iconPath: new vscode.ThemeIcon(icons[way]), way },
  }));
  const picked = await pickOne(items, {
    title: t("Signing in at {0}", underWay.host),
    placeHolder: waitsFor(underWay.waiting),
  });
  if (picked !== undefined) await goOn(wait, picked.way);
};

/** Takes a way on; nothing happens where the sign-in no longer waits for it. */
export const goOn = async (wait: SignInWait, way: WayOn): Promise<void> => {
  const waiting = wait.underWay?.waiting;
  if (waiting === undefined || !waysOf(waiting).includes(way)) return;
  if (way === "cancel") wait.cancel();
  else if (waiting.kind === "browser") await goOnFromBrowser(way, waiting.wait);
  else if (waiting.kind === "code") await goOnFromCode(way, waiting.code);
};

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

const nameOfWay = (way: WayOn, { kind }: SignInWaiting): string => {
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

/** The same with its ways on as links. The progress has a button of its own to cancel. */
export const progressOf = (
  waiting: SignInWaiting,
): { readonly text: string; readonly links: readonly CommandLink[] } => ({
  text: waitsFor(waiting),
  links: waysOf(waiting)
    .filter((way) => way !== "cancel")
    .map((way) => ({ label: nameOfWay(way, waiting), command: wayCommands[way] })),
});
