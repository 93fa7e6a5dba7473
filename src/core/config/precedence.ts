import { pathKey, isWithin } from "../paths.ts";
import type { EntryOrigin } from "./connector.ts";

/** Where an entry holds, and which kind of file says so: the higher rank wins, whatever the folders. */
export interface Scope {
  /** 4 the administrator's, 3 the user's for one project, 2 a folder's `.mcp.json`, 1 the user's for all. */
  readonly rank: number;
  /** Absent: in every folder. */
  readonly folder?: string;
}

/** Claude Code's own precedence (docs/client-files.md). */
export const scopeOf = ({ kind, folder, realFolder = folder }: EntryOrigin): Scope => {
  if (kind === "managed") return { rank: 4 };
  if (realFolder === undefined) return { rank: 1 };
  return { rank: kind === "user" ? 3 : 2, folder: realFolder };
};

/** How deep the folder is in which an entry holds, for somebody who works in `cwd`; -1 when they are outside of it. */
export const depthFor = (cwd: string, folder: string | undefined): number => {
  if (folder === undefined) return 0;
  return isWithin(cwd, folder) ? pathKey(folder).length : -1;
};

/**
 * The entries that Claude Code takes of several with one name, for somebody who works in `cwd`: of the highest rank, and
 * of the deepest folder among those. None when `cwd` is outside of all of them; any of them when nothing says where the
 * asker works.
 */
export const nearestTo = <T>(
  cwd: string,
  entries: readonly T[],
  scopeOfEntry: (entry: T) => Scope,
): readonly T[] => {
  const placed = entries.flatMap((entry) => {
    const { rank, folder } = scopeOfEntry(entry);
    const depth = depthFor(cwd, folder);
    return depth < 0 ? [] : [{ entry, rank, depth }];
  });
  if (placed.length === 0) return cwd === "" ? entries : [];
  const rank = Math.max(...placed.map((each) => each.rank));
  const ranked = placed.filter((each) => each.rank === rank);
  const depth = Math.max(...ranked.map((each) => each.depth));
  return ranked.filter((each) => each.depth === depth).map(({ entry }) => entry);
};
