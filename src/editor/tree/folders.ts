import * as vscode from "vscode";
import type { EntryOrigin } from "../../core/config/connector.ts";
import { plainText } from "../../core/text.ts";
import { isFile } from "../files.ts";

/** The folder that an entry is of, as the explorer calls it; with its path where two are called alike. */
export const folderNameOf = (origin: EntryOrigin): string => {
  if (origin.kind === "user") return vscode.l10n.t("Your Claude configuration");
  if (origin.kind === "managed") return vscode.l10n.t("Your organization's servers");
  const folders = vscode.workspace.workspaceFolders ?? [];
  const folder = folders.find(({ uri }) => isFile(uri, origin.folder));
  if (folder === undefined) return plainText(origin.folder);
  const isUnique = folders.every(({ name, index }) => index === folder.index || name !== folder.name);
  return plainText(isUnique ? folder.name : `${folder.name} (${folder.uri.fsPath})`);
};
