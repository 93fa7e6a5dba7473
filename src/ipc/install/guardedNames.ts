import { readFileSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { usualGuards } from "../../core/connectors/wording/unsendable.ts";

/** The names that guards of this person's entries have, a line each, for a helper that reaches no window. */
export const guardedFileOf = (home: string): string => join(home, "guarded");

const longest = 4096;

/** Those names; the usual one where nothing was written yet, or cannot be read. */
export const readGuardedNames = (home: string): readonly string[] => {
  try {
    const names = readFileSync(guardedFileOf(home), "utf8").slice(0, longest).split("\n").filter(Boolean);
    return [...new Set([...usualGuards, ...names])];
  } catch {
    return usualGuards;
  }
};

/** Adds names that are not there yet. They are few, and one too many does no harm, so that none is taken away. */
export const rememberGuardedNames = async (home: string, names: readonly string[]): Promise<void> => {
  const known = new Set(readGuardedNames(home));
  const added = names.filter((name) => !known.has(name) && /^[\w.-]{1,128}$/.test(name));
  if (added.length > 0 && known.size < 32)
    await appendFile(guardedFileOf(home), added.map((name) => `${name}\n`).join(""), { mode: 0o600 });
};
