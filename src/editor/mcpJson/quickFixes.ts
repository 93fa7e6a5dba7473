import * as vscode from "vscode";
import { fixTitle, type Fix, type FixEdit } from "../../core/config/edits/fix.ts";
import { fixesFor } from "../../core/config/edits/fixes.ts";
import { treeOf } from "../../core/config/edits/server.ts";
import { connectFix } from "../../core/config/edits/token.ts";
import type { ConfigurationFiles } from "../configuration/configurationFiles.ts";
import { diagnosticSource } from "./diagnostics.ts";
import { environment, originOf } from "./documents.ts";

/** What mends an issue, and what makes a connector of a server that has its token in the file. */
export class QuickFixes implements vscode.CodeActionProvider {
  static readonly kinds = [vscode.CodeActionKind.QuickFix, vscode.CodeActionKind.RefactorRewrite];
  readonly #files: ConfigurationFiles;

  constructor(files: ConfigurationFiles) {
    this.#files = files;
  }

  provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    { diagnostics }: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    if (originOf(this.#files, document.uri) === undefined) return [];
    const ours = diagnostics.filter(({ source }) => source === diagnosticSource);
    const fixes = ours.flatMap((diagnostic) => fixesOf(document, diagnostic));
    const connect = connectAt(document, range.start);
    return connect === undefined ? fixes : [...fixes, connect];
  }
}

const fixesOf = (document: vscode.TextDocument, diagnostic: vscode.Diagnostic): vscode.CodeAction[] => {
  const { code } = diagnostic;
  if (typeof code !== "string") return [];
  const offset = document.offsetAt(diagnostic.range.start);
  const length = document.offsetAt(diagnostic.range.end) - offset;
  return fixesFor(document.getText(), { code, offset, length }, environment).map((fix, index) => {
    const action = actionOf(document, fix, vscode.CodeActionKind.QuickFix);
    action.diagnostics = [diagnostic];
    action.isPreferred = index === 0;
    return action;
  });
};

const connectAt = (
  document: vscode.TextDocument,
  position: vscode.Position,
): vscode.CodeAction | undefined => {
  const text = document.getText();
  const root = treeOf(text);
  const fix = root && connectFix(text, root, document.offsetAt(position), environment);
  return fix && actionOf(document, fix, vscode.CodeActionKind.RefactorRewrite);
};

const actionOf = (
  document: vscode.TextDocument,
  fix: Fix,
  kind: vscode.CodeActionKind,
): vscode.CodeAction => {
  const action = new vscode.CodeAction(fixTitle(fix, vscode.l10n.t), kind);
  action.edit = new vscode.WorkspaceEdit();
  action.edit.set(
    document.uri,
    fix.edits.map((edit) => editOf(document, edit)),
  );
  return action;
};

const editOf = (
  document: vscode.TextDocument,
  { offset, length, content, placeholder }: FixEdit,
): vscode.TextEdit | vscode.SnippetTextEdit => {
  const range = new vscode.Range(document.positionAt(offset), document.positionAt(offset + length));
  if (placeholder === undefined) return vscode.TextEdit.replace(range, content);
  const end = placeholder.offset + placeholder.length;
  const snippet = new vscode.SnippetString()
    .appendText(content.slice(0, placeholder.offset))
    .appendPlaceholder(content.slice(placeholder.offset, end))
    .appendText(content.slice(end));
  return vscode.SnippetTextEdit.replace(range, snippet);
};
