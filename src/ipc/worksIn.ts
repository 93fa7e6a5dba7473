import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { isWithin } from "../core/paths.ts";

/**
 * Whether whoever asks works in an entry's own folder or below it: by the folders themselves, links resolved. A copy of
 * the repository elsewhere has the same entries and scripts, which nobody approved.
 */
export const worksIn = async (cwd: string, folder: string | undefined): Promise<boolean> => {
  if (folder === undefined) return true;
  if (cwd === "") return false;
  const [inner, outer] = await Promise.all([realPath(cwd), realPath(folder)]);
  return isWithin(inner, outer);
};

/** What is not there has no links. */
const realPath = (path: string): Promise<string> => realpath(path).catch(() => resolve(path));
