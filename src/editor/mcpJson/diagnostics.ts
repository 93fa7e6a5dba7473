import * as vscode from "vscode";
import { misspeltIssuers } from "../../core/config/edits/issuerSpelling.ts";
import type { Issue } from "../../core/config/issues/issue.ts";
import { unreadableFile, utf16File } from "../../core/config/parse.ts";
import { DisposableStore, type Disposable } from "../../core/disposable.ts";
import type { ConfigurationFiles, FileText } from "../configuration/configurationFiles.ts";
import { onDidChangePolicies } from "../configuration/policies.ts";
import { issueText } from "../status/statusLook.ts";
import { fileUri, isFile } from "../files.ts";
import { diagnosticAt } from "../screen.ts";
import type { SignIn } from "../identity/signIn.ts";
import { environment, originOf, readingOf } from "./documents.ts";

export type FailedSignIns = Pick<SignIn, "failures" | "onDidChangeFailures">;

export const diagnosticSource = "Lanyard";

/** A person who types is not interrupted at every key. */
const quietMs = 250;

/** What is wrong with the configuration files, at its places: of the text in an open editor, else of the file on the disk. */
export class Diagnostics implements Disposable {
  readonly #files: ConfigurationFiles;
  readonly #signIn: FailedSignIns;
  readonly #owned = new DisposableStore();
  readonly #collection = this.#owned.add(vscode.languages.createDiagnosticCollection("lanyard"));
  readonly #waiting = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(files: ConfigurationFiles, signIn: FailedSignIns) {
    this.#files = files;
    this.#signIn = signIn;
    this.#owned.add(signIn.onDidChangeFailures(() => this.#drawAll()));
    this.#owned.add(files.onDidChange(() => this.#drawAll()));
    this.#owned.add(onDidChangePolicies(() => this.#drawAll()));
    this.#owned.add(vscode.workspace.onDidOpenTextDocument(({ uri }) => this.#draw(uri)));
    this.#owned.add(vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#draw(uri)));
    this.#owned.add(vscode.workspace.onDidChangeTextDocument(({ document }) => this.#soon(document.uri)));
    this.#drawAll();
  }

  dispose(): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    this.#owned.dispose();
  }

  #soon(uri: vscode.Uri): void {
    if (originOf(this.#files, uri) === undefined) return;
    const key = uri.toString();
    clearTimeout(this.#waiting.get(key));
    this.#waiting.set(
      key,
      setTimeout(() => this.#draw(uri), quietMs),
    );
  }

  /** Files that are not read any more lose what was said of them. */
  #drawAll(): void {
    this.#collection.forEach((uri) => {
      if (originOf(this.#files, uri) === undefined) this.#collection.delete(uri);
    });
    for (const { origin } of this.#files.texts()) this.#draw(fileUri(origin.file));
  }

  #draw(uri: vscode.Uri): void {
    clearTimeout(this.#waiting.get(uri.toString()));
    this.#waiting.delete(uri.toString());
    const file = this.#files.texts().find(({ origin }) => isFile(uri, origin.file));
    if (file === undefined) return;
    const shown = openDocument(uri);
    const found = [...issuesOf(this.#files, file, shown), ...misspeltIn(file, shown, this.#signIn)];
    this.#collection.set(uri, found.flatMap(diagnosticOf));
  }
}

/** A sign-in here has shown how the identity provider spells itself. */
const misspeltIn = (
  file: FileText,
  shown: vscode.TextDocument | undefined,
  signIn: FailedSignIns,
): readonly Issue[] => {
  const text = shown?.getText() ?? (file.kind === "text" ? file.text : undefined);
  const spellings = new Map(
    signIn
      .failures()
      .flatMap(({ need, outcome: { spelling } }) =>
        spelling === undefined ? [] : [[need.issuer, spelling] as const],
      ),
  );
  return text === undefined ? [] : misspeltIssuers(file.origin.file, text, spellings, environment);
};

const openDocument = (uri: vscode.Uri): vscode.TextDocument | undefined =>
  vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());

/** A document outlives the file it shows; only what a person typed into it is still worth a word then. */
const issuesOf = (
  files: ConfigurationFiles,
  file: FileText,
  shown: vscode.TextDocument | undefined,
): readonly Issue[] => {
  if (file.kind === "utf16") return utf16File(file.origin).issues;
  if (shown !== undefined && (file.kind !== "absent" || shown.isDirty))
    return readingOf(files, file.origin, shown.getText())?.issues ?? [];
  switch (file.kind) {
    case "absent":
      return [];
    case "unreadable":
      return unreadableFile(file.origin, file.reason).issues;
    case "text":
      return readingOf(files, file.origin, file.text)?.issues ?? [];
  }
};

const diagnosticOf = (issue: Issue): readonly vscode.Diagnostic[] => {
  const { place, severity, code } = issue;
  if (place === undefined) return [];
  const diagnostic = diagnosticAt(
    new vscode.Range(place.line, place.column, place.endLine, place.endColumn),
    issueText(issue),
    severity === "error" ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning,
  );
  diagnostic.source = diagnosticSource;
  diagnostic.code = code;
  return [diagnostic];
};
