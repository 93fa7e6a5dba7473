import { realpath } from "node:fs/promises";
import { isAbsolute, relative, resolve, sep } from "node:path";
import type { FindScript } from "../core/config/command/scriptProgram.ts";

/** Follows links of the file system, on both sides. */
export const findScript: FindScript = async (folder, path) => {
  try {
    const [inside, target] = await Promise.all([realpath(folder), realpath(resolve(folder, path))]);
    const way = relative(inside, target);
    const isOutside = way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way);
    return { kind: isOutside ? "outside" : "inside", path: target };
  } catch {
    return { kind: "missing" };
  }
};
