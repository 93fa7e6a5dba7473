import * as vscode from "vscode";
import type { Board } from "../../core/connectors/board/board.ts";
import { DisposableStore, type Disposable } from "../../core/disposable.ts";
import type { ConfigurationFiles } from "../configuration/configurationFiles.ts";
import { Diagnostics, type FailedSignIns } from "./diagnostics.ts";
import { mcpJsonSelector } from "./documents.ts";
import { ConnectorLenses } from "./lenses.ts";
import { QuickFixes } from "./quickFixes.ts";

/** What the configuration files show while somebody reads or edits them: problems, fixes and lenses. */
export const openMcpJson = (files: ConfigurationFiles, board: Board, signIn: FailedSignIns): Disposable => {
  const owned = new DisposableStore();
  owned.add(new Diagnostics(files, signIn));
  const lenses = owned.add(new ConnectorLenses(files, board));
  owned.add(vscode.languages.registerCodeLensProvider(mcpJsonSelector, lenses));
  owned.add(
    vscode.languages.registerCodeActionsProvider(mcpJsonSelector, new QuickFixes(files), {
      providedCodeActionKinds: QuickFixes.kinds,
    }),
  );
  return owned;
};
