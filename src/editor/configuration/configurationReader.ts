import type * as vscode from "vscode";
import { Catalogues } from "../../core/config/catalogue.ts";
import type { Catalogue, EntryOrigin } from "../../core/config/connector.ts";
import type { FileReading } from "../../core/config/parse.ts";
import { mentionsLanyard } from "../../core/config/text/mentions.ts";
import { restricted } from "../../core/connectors/permission/policy.ts";
import { policiesHere } from "./policies.ts";
import type { ConfigurationFiles } from "./configurationFiles.ts";
import { fileReadingOf, textReading, type ReadingContext } from "../../node/places/clientReading.ts";

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
      const reading = fileReadingOf(text, contextOf(this.#files));
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
  textReading(origin, text, contextOf(files));

const contextOf = (files: ConfigurationFiles): ReadingContext => ({
  settings: files.settings(),
  env: (name) => process.env[name],
  projectFolders: (key) => files.projectFolders(key),
});
