import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import type { FindScript } from "../../core/config/command/scriptProgram.ts";
import { isWithin } from "../../core/paths.ts";

/** Follows links of the file system, on both sides. */
export const findScript: FindScript = async (folder, path) => {
  try {
    const [inside, target] = await Promise.all([realpath(folder), realpath(resolve(folder, path))]);
    return { kind: isWithin(target, inside) ? "inside" : "outside", path: target };
  } catch {
    return { kind: "missing" };
  }
};
