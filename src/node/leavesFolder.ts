import { realpath } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import type { LeavesFolder } from "../core/config/command/scriptProgram.ts";

/** Follows links of the file system, on both sides. On POSIX a backslash is what a shell would take away. */
export const leavesFolder: LeavesFolder = async (folder, path) => {
  const written = sep === "/" ? path.replaceAll(/\\(.)/gs, "$1") : path;
  let inside: string;
  let target: string;
  try {
    [inside, target] = await Promise.all([realpath(folder), realpath(resolve(folder, written))]);
  } catch {
    return false;
  }
  const way = relative(inside, target);
  return way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way);
};
