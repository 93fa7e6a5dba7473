import { clientEnv } from "../../core/config/clientEnv.ts";
import type { EntryOrigin } from "../../core/config/connector.ts";
import type { Env } from "../../core/config/entry/expand.ts";
import { parseFile, unreadableFile, utf16File, type FileReading } from "../../core/config/parse.ts";
import type { FileText } from "./clientFiles.ts";
import { shellHere } from "../shell.ts";

/** What an entry's meaning hangs on beside its file. */
export interface ReadingContext {
  /** The texts of the settings whose `env` takes part in `${…}`, the strongest first. */
  readonly settings: readonly string[];
  readonly env: Env;
  /** The folders in whose sessions the client takes a project's local entries, by its key. */
  readonly projectFolders: (key: string) => readonly string[];
}

/** What a file says that is there. */
export const fileReadingOf = (
  file: Exclude<FileText, { readonly kind: "absent" }>,
  context: ReadingContext,
): FileReading => {
  switch (file.kind) {
    case "unreadable":
      return unreadableFile(file.origin, file.reason);
    case "utf16":
      return utf16File(file.origin);
    case "text":
      return textReading(file.origin, file.text, context);
  }
};

/** How a text reads in a file's place; also as a person types into it. */
export const textReading = (
  origin: EntryOrigin,
  text: string,
  { settings, env, projectFolders }: ReadingContext,
): FileReading =>
  parseFile({ ...{ text, origin, projectFolders, shell: shellHere }, env: clientEnv(settings, env) });
