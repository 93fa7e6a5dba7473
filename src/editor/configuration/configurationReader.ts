import * as vscode from "vscode";
import { Catalogues } from "../../core/config/catalogue.ts";
import type { Catalogue } from "../../core/config/connector.ts";
import { parseFile, unreadableFile, type FileReading } from "../../core/config/parse.ts";
import { restricted } from "../../core/connectors/permission/policy.ts";
import { policiesHere } from "./policies.ts";
import type { ConfigurationFiles, FileText } from "./configurationFiles.ts";
import { shellHere } from "../../node/shell.ts";

/**
 * What the window's files say, as far as policies allow it: the last good state of each is kept while it is mid-edit.
 * Everything else knows connectors from here alone, so what is forbidden is nobody's to ask for.
 */
export class ConfigurationReader {
  readonly #files: ConfigurationFiles;
  readonly #catalogues = new Catalogues();
  #present: ReadonlySet<string> = new Set();
  readonly onDidChange: vscode.Event<undefined>;

  constructor(files: ConfigurationFiles) {
    this.#files = files;
    this.onDidChange = files.onDidChange;
  }

  catalogue(): Catalogue {
    const texts = this.#files.texts().filter((text) => text.kind !== "absent");
    const present = new Set(texts.map(({ origin }) => origin.file));
    for (const file of this.#present) if (!present.has(file)) this.#catalogues.remove(file);
    for (const text of texts) this.#catalogues.update(readingOf(text));
    this.#present = present;
    const catalogue = this.#catalogues.catalogue(
      (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath),
    );
    return restricted(catalogue, policiesHere());
  }
}

const readingOf = (file: Exclude<FileText, { readonly kind: "absent" }>): FileReading =>
  file.kind === "unreadable"
    ? unreadableFile(file.origin, file.reason)
    : parseFile({ text: file.text, origin: file.origin, env: (name) => process.env[name], shell: shellHere });
