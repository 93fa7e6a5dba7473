import * as vscode from "vscode";
import { closedBy, type AccessSettings, type Closed } from "../../core/mcp/editorClient/access.ts";
import { settingHere } from "../configuration/settings.ts";

const collisions = "chat.mcp.collisionBehavior";

const editors = (key: string): unknown => vscode.workspace.getConfiguration().get(key);

/** Whether connectors are offered to the editor's own MCP client. */
export const isEnabledHere = (): boolean => settingHere("vscodeMcp.enabled") !== false;

export const accessHere = (): AccessSettings => ({
  access: editors("chat.mcp.access"),
  allowedServers: editors("chat.mcp.allowedServers"),
  deniedServers: editors("chat.mcp.deniedServers"),
  pluginsOnly: editors("chat.customizations.strictPluginOnlyCustomization"),
});

export const closedHere = (): Closed | undefined => closedBy(accessHere());

/** The person wants to see nothing of the editor's chat. */
export const isChatHidden = (): boolean => editors("chat.disableAIFeatures") === true;

/** Whether of two servers with one name both run. An editor without that setting knows no such rule. */
export const runsTwins = (): boolean => editors(collisions) === "suffix";

/** Only one of two servers with one name runs in this workspace from now on. */
export const runOneTwin = async (): Promise<void> => {
  await vscode.workspace
    .getConfiguration()
    .update(collisions, "disable", vscode.ConfigurationTarget.Workspace);
};

/** Something that the above look at has changed. */
export const onDidChangeMcpSettings = (listener: () => void): vscode.Disposable =>
  vscode.workspace.onDidChangeConfiguration((event) => {
    const sections = [
      "lanyard.vscodeMcp",
      "chat.mcp",
      "chat.customizations",
      "chat.disableAIFeatures",
      "mcp",
    ];
    if (sections.some((section) => event.affectsConfiguration(section))) listener();
  });
