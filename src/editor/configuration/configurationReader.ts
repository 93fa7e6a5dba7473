import type * as vscode from "vscode";
import { Catalogues } from "../../core/config/catalogue.ts";
import type { Catalogue, EntryOrigin } from "../../core/config/connector.ts";
import { parseFile, unreadableFile, utf16File, type FileReading } from "../../core/config/parse.ts";
import { clientEnv } from "../../core/config/clientEnv.ts";
import { mentionsLanyard } from "../../core/config/mentions.ts";
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
    for (const text of texts) {
      const reading = readingOf(this.#files, text);
      // What is no JSON and none of our business is left to others, unless its entries are known here.
      const isMeant = reading.kind === "read" || text.kind !== "text" || mentionsLanyard(text.text);
      if (isMeant || this.#present.has(text.origin.file)) this.#catalogues.update(reading);
      else present.delete(text.origin.file);
    }
    this.#present = present;
    const catalogue = this.#catalogues.catalogue(this.#files.folders());
    return restricted(catalogue, policiesHere());
  }
}

/** How a file reads among these; also as a person types into it. */
export const readText = (files: ConfigurationFiles, origin: EntryOrigin, text: string): FileReading =>
  parseFile({
    ...{ text, origin },
    env: clientEnv(files.settings(), (name) => process.env[name]),
    projectFolders: (key) => files.projectFolders(key),
    shell: shellHere,
  });

const readingOf = (
  files: ConfigurationFiles,
  file: Exclude<FileText, { readonly kind: "absent" }>,
): FileReading => {
  switch (file.kind) {
    case "unreadable":
      return unreadableFile(file.origin, file.reason);
    case "utf16":
      return utf16File(file.origin);
    case "text":
      return readText(files, file.origin, file.text);
  }
};
