import { tmpdir } from "node:os";
import { resolve } from "node:path";

/** The repository's folder. */
export const root = resolve(import.meta.dirname, "..", "..");

/** An absolute path inside the repository. */
export const inRoot = (...segments: readonly string[]): string => resolve(root, ...segments);

/** Where temporary folders go that hold sockets: a socket's path ends at some hundred bytes, and macOS' own is long. */
export const shortTmp = process.platform === "win32" ? tmpdir() : "/tmp";
