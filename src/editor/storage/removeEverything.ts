import * as vscode from "vscode";
import type { WholeIdentity } from "../../core/identity/service.ts";
import { sealingKey } from "../../core/secrets/mirror.ts";
import { hostOf } from "../../core/urls.ts";
import { uninstallHome, type Uninstalled } from "../../ipc/install/uninstall.ts";
import { confirm, tellInformation } from "../screen.ts";
import type { SecretStorage } from "./storage.ts";

export interface RemovalParts {
  readonly context: vscode.ExtensionContext;
  readonly identity: WholeIdentity;
  readonly storage: SecretStorage;
  /** `LANYARD_HOME`. */
  readonly home: string;
  /** Ends this window's answering of helpers. */
  readonly stop: () => Promise<void>;
}

/**
 * Signs out of everything and removes all that Lanyard keeps: what uninstalling cannot do, because the editor keeps an
 * extension's secrets and memory when it drops the extension, and runs its last script without access to them.
 */
export const removeEverything = async (parts: RemovalParts): Promise<void> => {
  const { context, identity, storage, home, stop } = parts;
  const sessions = await identity.list();
  const hosts = sessions.map(({ issuer }) => hostOf(issuer));
  if (!(await isMeant(hosts, home))) return;
  const outcomes = await Promise.all(sessions.map(({ id }) => identity.signOut(id)));
  const untold = outcomes.filter((outcome) => outcome.kind === "signedOut" && !outcome.revoked).length;
  await identity.forgetAll();
  if (storage.mirror !== undefined) await storage.secrets.delete(sealingKey);
  for (const memento of [context.globalState, context.workspaceState]) await clear(memento);
  await stop();
  await sayWhatIsLeft(context.extension.id, await uninstallHome(home), { home, untold });
};

const isMeant = async (hosts: readonly string[], home: string): Promise<boolean> => {
  const { t } = vscode.l10n;
  const action = t("Sign Out and Remove");
  const accounts =
    hosts.length === 0
      ? t("You are signed in nowhere.")
      : t("You will be signed out at {0}, in all windows.", [...new Set(hosts)].join(", "));
  const detail = [
    accounts,
    t(
      "Approvals and everything else that Lanyard remembers are removed, and so is the command that Claude Code calls ({0}). Until Lanyard is back, entries with their guard stay shut; to any other, Claude Code connects without a credential.",
      home,
    ),
  ].join("\n\n");
  const message = t("Sign out, and remove everything that Lanyard keeps on this machine?");
  return confirm({ severity: "warning", message, detail, yes: action });
};

const clear = async (memento: vscode.Memento): Promise<void> => {
  for (const key of memento.keys()) await memento.update(key, undefined);
};

const sayWhatIsLeft = async (
  extensionId: string,
  outcome: Uninstalled,
  { home, untold }: { readonly home: string; readonly untold: number },
): Promise<void> => {
  const { t } = vscode.l10n;
  const [uninstall, reload] = [t("Uninstall Lanyard"), t("Reload Window")];
  const sentences = [
    t("You are signed out, and Lanyard keeps nothing of you here."),
    untold > 0
      ? t("The identity provider could not be told: the tokens it issued live until they expire.")
      : "",
    leftIn(home, outcome),
    t("To use Lanyard again, reload the window."),
  ];
  const message = sentences.filter((sentence) => sentence !== "").join(" ");
  const answer = await tellInformation(message, uninstall, reload);
  if (answer === uninstall)
    await vscode.commands.executeCommand("workbench.extensions.uninstallExtension", extensionId);
  if (answer === reload) await vscode.commands.executeCommand("workbench.action.reloadWindow");
};

const leftIn = (home: string, outcome: Uninstalled): string => {
  const { t } = vscode.l10n;
  switch (outcome.kind) {
    case "removed":
      return "";
    case "kept":
      return t("In {0} is left what Lanyard did not write: {1}.", home, outcome.names.join(", "));
    case "inUse":
      return t(
        "Another window still answers Claude Code, so the command in {0} is left: close it and repeat this, or uninstall Lanyard and restart the editor.",
        home,
      );
    case "foreign":
      return t("{0} belongs to another user, and is left as it is.", home);
  }
};
