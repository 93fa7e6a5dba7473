import * as vscode from "vscode";
import type { Place } from "../core/config/issues/issue.ts";
import { samePath } from "../core/paths.ts";

/** Core speaks of files by their paths, the editor by URIs; between the two this is the only door. */
export const fileUri = (path: string): vscode.Uri => vscode.Uri.file(path);

/** Whether the editor's URI is that file: a drive letter of either case is one drive. */
export const isFile = (uri: vscode.Uri, path: string): boolean =>
  uri.scheme === "file" && samePath(uri.fsPath, path);

/** The folders of this window that are on a disk. */
export const foldersHere = (): readonly vscode.WorkspaceFolder[] =>
  (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file");

/** Their paths. */
export const folderPathsHere = (): readonly string[] => foldersHere().map(({ uri }) => uri.fsPath);

/** Shows the file with the place selected. */
export const openPlace = async (place: Place): Promise<void> => {
  const selection = new vscode.Range(place.line, place.column, place.endLine, place.endColumn);
  await vscode.window.showTextDocument(fileUri(place.file), { selection });
};
