import * as vscode from "vscode";
import type { BrowserSession } from "../../core/identity/session.ts";
import { hostOf } from "../../core/urls.ts";
import { confirm, tellInformation } from "../screen.ts";
import { openInBrowser } from "./browser.ts";

const t = vscode.l10n.t;

/** Offers to end what the browser still has at the identity provider, and opens its page when the person wants that. */
export const offerToEndBrowserSession = async ({ page, url }: BrowserSession): Promise<void> => {
  const host = hostOf(page);
  const end = t("End It in the Browser…");
  const choice = await tellInformation(
    t("You are signed out. Your browser may still be signed in at {0}.", host),
    end,
  );
  if (choice !== end) return;
  const detail = [
    t("This address is opened:"),
    page,
    t("With it goes the ID token of the session that has ended: it says whose session is meant."),
  ];
  const isWanted = await confirm({
    severity: "information",
    message: t("End your browser's session at {0}?", host),
    detail: detail.join("\n\n"),
    yes: t("Open in Browser"),
  });
  if (isWanted) await openInBrowser(url.reveal());
};
