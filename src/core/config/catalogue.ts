import { isWithin } from "../paths.ts";
import type { BrokenEntry, Catalogue, Connector, EntryOrigin } from "./connector.ts";
import type { Issue } from "./issues/issue.ts";
import type { FileReading, OtherServer } from "./parse.ts";
import { nearestTo, scopeOf } from "./precedence.ts";

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

/**
 * The entries that some session gets: one in an open folder, or in the folder of an entry below it. Entries without
 * `userAuth` hide others too. Of the user's own files the first one wins.
 */
const merge = (files: readonly Readable[], folders: readonly string[]): Omit<Catalogue, "issues"> => {
  const named = new Map<string, OtherServer[]>();
  for (const { connectors, broken, others } of files) {
    for (const server of [...connectors, ...broken, ...others]) {
      const rivals = named.get(server.name);
      if (rivals === undefined) named.set(server.name, [server]);
      else rivals.push(server);
    }
  }
  const holds = ({ name, origin }: Connector | BrokenEntry): boolean => {
    if (!isRelevant(origin, folders)) return false;
    const rivals = named.get(name) ?? [];
    return sessionsOf(origin, folders).some(
      (cwd) => nearestTo(cwd, rivals, (rival) => scopeOf(rival.origin))[0]?.origin === origin,
    );
  };
  return {
    connectors: files.flatMap(({ connectors }) => connectors.filter(holds)),
    broken: files.flatMap(({ broken }) => broken.filter(holds)),
  };
};

/** Where sessions may be that get an entry: in its folder, unless that lies around the open ones, else in these. */
const sessionsOf = (origin: EntryOrigin, folders: readonly string[]): readonly string[] => {
  const { folder } = scopeOf(origin);
  if (folder === undefined) return folders.length === 0 ? [""] : folders;
  const within = folders.filter((open) => isWithin(open, folder));
  return within.length === 0 ? [folder] : within;
};

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
