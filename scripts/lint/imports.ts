import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import ts from "typescript";

/** What each file imports of ours, types included, as absolute paths. Each file is read once a run. */
const known = new Map<string, readonly string[]>();

const importsOf = (file: string): readonly string[] => {
  const before = known.get(file);
  if (before !== undefined) return before;
  const found = ts
    .preProcessFile(textOf(file), true, true)
    .importedFiles.filter(({ fileName }) => fileName.startsWith("."))
    .map(({ fileName }) => resolve(dirname(file), fileName));
  known.set(file, found);
  return found;
};

/** A file that is not there imports nothing; the compiler speaks of it. */
const textOf = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};

/** The shortest way back from an import to the file that has it; `undefined` when there is none. */
export const circleFrom = (file: string, imported: string): readonly string[] | undefined => {
  const ways: (readonly string[])[] = [[imported]];
  const seen = new Set([imported]);
  for (const way of ways) {
    const last = way.at(-1) ?? imported;
    if (last === file) return way;
    for (const next of importsOf(last)) {
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
};
