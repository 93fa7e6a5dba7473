import { statSync } from "node:fs";
import * as path from "node:path";
import { smallText } from "../smallText.ts";

/**
 * A folder's repository: where its working tree begins, and the main one's, which is another for a worktree. Where no
 * working tree is the main one (a bare repository, a submodule's), it is the repository's own folder.
 */
export interface Repository {
  readonly root: string;
  readonly main: string;
}

/** The repository around a folder (an absolute path without links); undefined where there is none. */
export const repositoryOf = (folder: string): Repository | undefined => {
  for (const root of [folder, ...foldersAround(folder)]) {
    const main = mainOf(root);
    if (main !== undefined) return { root, main };
  }
  return undefined;
};

/** The folders around one, the nearest first. */
export const foldersAround = (folder: string): readonly string[] => {
  const parent = path.dirname(folder);
  return parent === folder ? [] : [parent, ...foldersAround(parent)];
};

/** `.git` is a folder, or in a worktree a file that names the main repository's (gitrepository-layout(5)). */
const mainOf = (root: string): string | undefined => {
  const git = path.join(root, ".git");
  try {
    if (statSync(git).isDirectory()) return root;
    const named = /^gitdir: (.+?)[\r\n]*$/.exec(smallText(git))?.[1];
    if (named === undefined) return root;
    const own = path.resolve(root, named);
    const common = path.resolve(own, smallText(path.join(own, "commondir")).trim());
    return path.basename(common) === ".git" ? path.dirname(common) : common;
  } catch (error) {
    // A submodule has a file and no common folder: it is a repository of its own.
    return isThere(git) && error instanceof Error ? root : undefined;
  }
};

const isThere = (file: string): boolean => statSync(file, { throwIfNoEntry: false }) !== undefined;
