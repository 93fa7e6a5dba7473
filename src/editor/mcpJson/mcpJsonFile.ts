import * as path from "node:path";
import * as vscode from "vscode";
import type { EntryOrigin } from "../../core/config/connector.ts";
import { fileUri, foldersHere, isFile } from "../files.ts";

/** A folder's `.mcp.json`, there or to be made. */
export interface McpJsonFile {
  readonly origin: Extract<EntryOrigin, { readonly kind: "workspace" }>;
  readonly folderName: string;
  readonly isThere: boolean;
  /** Its text; nothing where it is not there. */
  readonly text: string;
}

/** The `.mcp.json` of each folder of the window that is on a disk. */
export const mcpJsonFilesHere = async (): Promise<readonly McpJsonFile[]> => {
  return Promise.all(
    foldersHere().map(async ({ uri, name }): Promise<McpJsonFile> => {
      const file = path.join(uri.fsPath, ".mcp.json");
      const text = await textOf(fileUri(file));
      const origin = { kind: "workspace", folder: uri.fsPath, file } as const;
      return { origin, folderName: name, isThere: text !== undefined, text: text ?? "" };
    }),
  );
};

/** The text as the editor has it, unsaved changes included. */
const textOf = async (uri: vscode.Uri): Promise<string | undefined> => {
  try {
    return (await vscode.workspace.openTextDocument(uri)).getText();
  } catch {
    return undefined;
  }
};

/** Whether the file has changes of the person's own that are not saved. */
export const hasUnsavedChanges = (target: McpJsonFile): boolean =>
  vscode.workspace.textDocuments.some(
    (document) => document.isDirty && isFile(document.uri, target.origin.file),
  );

export interface OffsetEdit {
  readonly offset: number;
  readonly length: number;
  readonly content: string;
}

/** @returns false where the file is there: it is as it was */
export const writeNew = async (file: string, text: string): Promise<boolean> => {
  const change = new vscode.WorkspaceEdit();
  change.createFile(fileUri(file), { contents: new TextEncoder().encode(text) });
  return vscode.workspace.applyEdit(change);
};

/**
 * Writes to the file in one step that can be undone, and saves it. `editsOf` gets the text as it is at that moment;
 * where it gives none, nothing is written.
 * @returns whether the file was written and saved. If it could not be saved, it is as it was.
 */
export const writeEdit = async (
  target: McpJsonFile,
  editsOf: (text: string) => readonly OffsetEdit[] | undefined,
): Promise<boolean> => {
  const uri = fileUri(target.origin.file);
  const text = await textOf(uri);
  const edits = editsOf(text ?? "");
  if (edits === undefined) return false;
  if (text === undefined) {
    return writeNew(target.origin.file, edits.map(({ content }) => content).join(""));
  }
  const change = new vscode.WorkspaceEdit();
  const document = await vscode.workspace.openTextDocument(uri);
  const rangeOf = (offset: number, length: number): vscode.Range =>
    new vscode.Range(document.positionAt(offset), document.positionAt(offset + length));
  for (const { offset, length, content } of edits) change.replace(uri, rangeOf(offset, length), content);
  if (!(await vscode.workspace.applyEdit(change))) return false;
  if (await document.save()) return true;
  const undo = new vscode.WorkspaceEdit();
  undo.replace(uri, rangeOf(0, document.getText().length), text);
  await vscode.workspace.applyEdit(undo);
  return false;
};
