import * as vscode from "vscode";
import type { Place } from "../core/config/issues/issue.ts";

/** Shows the file with the place selected. */
export const openPlace = async (place: Place): Promise<void> => {
  const selection = new vscode.Range(place.line, place.column, place.endLine, place.endColumn);
  await vscode.window.showTextDocument(vscode.Uri.file(place.file), { selection });
};
