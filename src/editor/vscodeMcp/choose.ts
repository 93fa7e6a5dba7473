import * as vscode from "vscode";
import type { ServerOffer } from "../../core/mcp/editorClient/offers.ts";
import { confirm } from "../screen.ts";
import { runOneTwin, runsTwins } from "./settings.ts";

const t = vscode.l10n.t;

/** Commands of the editor, not of its API: where the first is missing, the second leads there. */
const serverOptions = "workbench.mcp.serverOptions";
const listServers = "workbench.mcp.listServer";

/**
 * Leads the person through the editor's own menus, in which they say for each connector that its server is to be
 * Lanyard's. Only they can: the editor lets no extension enable or disable a server.
 * @param offered resolves once the editor knows all of them.
 * @returns whether they went through all of it.
 */
export const chooseOurs = async (
  twins: readonly ServerOffer[],
  extensionId: string,
  offered: Promise<void>,
): Promise<boolean> => {
  const commands = await vscode.commands.getCommands(true);
  if (!(await agrees(twins))) return false;
  await offered;
  if (runsTwins()) await runOneTwin();
  if (!commands.includes(serverOptions)) {
    await vscode.commands.executeCommand(listServers);
    return true;
  }
  for (const { label } of twins) {
    await vscode.commands.executeCommand(serverOptions, `${extensionId.toLowerCase()}/${label}`);
  }
  return true;
};

const agrees = async (twins: readonly ServerOffer[]): Promise<boolean> => {
  const go = t("Go On");
  const steps = t(
    'VS Code now shows its own menu for each of: {0}. Choose "Enable Server (Workspace)" there. It then uses Lanyard\'s server, and disables the one of the same name that it read from .mcp.json, in this workspace.',
    twins.map(({ label }) => label).join(", "),
  );
  const detail = runsTwins()
    ? `${steps}\n\n${t(
        "In this workspace, {0} is set to {1}, so that of two servers with one name only one runs.",
        "chat.mcp.collisionBehavior",
        "disable",
      )}`
    : steps;
  const message = t("Use Lanyard's sign-ins in VS Code's chat?");
  return confirm({ severity: "information", message, detail, yes: go });
};
