import { folderKey, isWithin } from "../folders.ts";
import type { BrokenEntry, Catalogue, Connector, EntryOrigin } from "./connector.ts";
import type { Issue } from "./issues/issue.ts";
import type { FileReading, OtherServer } from "./parse.ts";

type Readable = FileReading & { readonly kind: "read" };

/** A file's present state; while its text cannot be read, the entries are those of the last text that could. */
interface KnownFile {
  readonly entries: Readable | undefined;
  readonly issues: readonly Issue[];
}

/** What the configuration files say over time. A file that is mid-edit keeps its connectors; one that is gone has none. */
export class Catalogues {
  readonly #files = new Map<string, KnownFile>();

  /** Takes a file's reading; an unreadable one changes the file's issues alone. */
  update(reading: FileReading): void {
    const { file } = reading.origin;
    const entries = reading.kind === "read" ? reading : this.#files.get(file)?.entries;
    this.#files.set(file, { entries, issues: reading.issues });
  }

  /** The file is gone, or its folder is closed. */
  remove(file: string): void {
    this.#files.delete(file);
  }

  /** What holds now, for a window with these folders (absolute paths); for all folders, when none are given. */
  catalogue(folders: readonly string[] = []): Catalogue {
    const files = [...this.#files.values()];
    const entries = files.flatMap((file) => (file.entries === undefined ? [] : [file.entries]));
    return { ...merge(entries, folders), issues: relevantIssues(files, folders) };
  }
}

/** The nearest entry of each name: local before the folder's `.mcp.json` before user scope. One without `userAuth` hides too. */
const merge = (files: readonly Readable[], folders: readonly string[]): Omit<Catalogue, "issues"> => {
  const nearest = new Map<string, number>();
  const named = files.flatMap(({ connectors, broken, others }): readonly OtherServer[] => [
    ...connectors,
    ...broken,
    ...others,
  ]);
  for (const { name, origin } of named) {
    const key = scopeKey(name, origin.folder);
    nearest.set(key, Math.max(nearest.get(key) ?? 0, rank(origin)));
  }
  const holds = ({ name, origin }: Connector | BrokenEntry): boolean => {
    if (!isRelevant(origin, folders)) return false;
    if (origin.folder !== undefined) return nearest.get(scopeKey(name, origin.folder)) === rank(origin);
    return folders.length === 0 || folders.some((folder) => !nearest.has(scopeKey(name, folder)));
  };
  return {
    connectors: files.flatMap(({ connectors }) => connectors.filter(holds)),
    broken: files.flatMap(({ broken }) => broken.filter(holds)),
  };
};

const rank = (origin: EntryOrigin): number => {
  if (origin.kind === "workspace") return 2;
  return origin.folder === undefined ? 1 : 3;
};

const scopeKey = (name: string, folder: string | undefined): string =>
  JSON.stringify([name, folder === undefined ? null : folderKey(folder)]);

/** Entries of a project that is not open here are someone else's: the user's file lists every project there ever was. */
const isRelevant = (origin: EntryOrigin, folders: readonly string[]): boolean => {
  if (origin.kind === "workspace" || origin.folder === undefined || folders.length === 0) return true;
  const project = origin.folder;
  return folders.some((open) => isWithin(open, project) || isWithin(project, open));
};

/** Issues of a hidden entry stay, for its file is wrong all the same; those of other projects go. */
const relevantIssues = (files: readonly KnownFile[], folders: readonly string[]): readonly Issue[] => {
  const strangers = new Set(
    files
      .flatMap(({ entries }) => [...(entries?.connectors ?? []), ...(entries?.broken ?? [])])
      .filter(({ origin }) => !isRelevant(origin, folders))
      .map(({ id }) => id),
  );
  return files.flatMap((file) =>
    file.issues.filter(({ connector }) => connector === undefined || !strangers.has(connector)),
  );
};
