import { resolve } from "node:path";

/** The repository's folder. */
export const root = resolve(import.meta.dirname, "..");

/** An absolute path inside the repository. */
export const inRoot = (...segments: readonly string[]): string => resolve(root, ...segments);
