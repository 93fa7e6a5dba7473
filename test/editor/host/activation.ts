import * as assert from "node:assert/strict";
import * as vscode from "vscode";
import type { Suite } from "./runner.ts";

const lanyard = (): vscode.Extension<unknown> => {
  const extension = vscode.extensions.getExtension("lanyard.lanyard");
  assert.ok(extension, "The extension is not installed.");
  return extension;
};

export const activation: Suite = {
  "the extension activates": async () => {
    await lanyard().activate();
    assert.ok(lanyard().isActive);
  },

  "every command of the manifest exists": async () => {
    await lanyard().activate();
    const manifest = lanyard().packageJSON as { contributes: { commands: { command: string }[] } };
    const commands = await vscode.commands.getCommands(true);
    const missing = manifest.contributes.commands.filter(({ command }) => !commands.includes(command));
    assert.deepEqual(missing, []);
  },

  "the window is the demo's workspace": () => {
    const files = vscode.workspace.workspaceFolders?.map((folder) =>
      vscode.Uri.joinPath(folder.uri, ".mcp.json"),
    );
    assert.equal(files?.length, 1);
  },
};
