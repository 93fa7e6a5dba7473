import { folderKey, isWithin } from "../../folders.ts";
import type { Connector } from "../../config/connector.ts";

/** How deep the folder is in which an entry holds, for somebody who works in `cwd`; -1 when they are outside of it. */
export const depthFor = (cwd: string, folder: string | undefined): number => {
  if (folder === undefined) return 0;
  return isWithin(cwd, folder) ? folderKey(folder).length : -1;
};

/** Entries of the deepest folder that holds `cwd`, else those of no folder, else all: a helper may run anywhere. */
export const nearestTo = <T>(
  cwd: string,
  entries: readonly T[],
  folderOf: (entry: T) => string | undefined,
): readonly T[] => {
  const depth = (entry: T): number => depthFor(cwd, folderOf(entry));
  const deepest = Math.max(...entries.map(depth));
  return deepest < 0 ? entries : entries.filter((entry) => depth(entry) === deepest);
};

export const sameUrl = (a: string, b: string): boolean => {
  const [first, second] = [URL.parse(a), URL.parse(b)];
  return first !== null && first.href === second?.href;
};

/** An entry is asked for its key with every change of any: it is made once. */
const keys = new WeakMap<Connector, string>();

/** What an entry says, wherever in its file it stands: two with the same key are the same entry. */
export const connectorKey = (connector: Connector): string => {
  const known = keys.get(connector);
  if (known !== undefined) return known;
  const key = JSON.stringify({ ...connector, place: null });
  keys.set(connector, key);
  return key;
};
