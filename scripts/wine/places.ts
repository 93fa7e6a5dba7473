import { join } from "node:path";
import { inRoot } from "../support/paths.ts";

/** What is fetched once and kept. */
export const lab = process.env["LANYARD_WINE_LAB"] ?? inRoot(".wine");
/** A Debian of its own; what lies in its `/w` is `Z:\w` in Windows. */
export const debian = join(lab, "root");
export const inside = (...path: readonly string[]): string => join(debian, "w", ...path);

/** The repository's folder as that Windows has it. What is written there is written here. */
export const projectFolder = String.raw`Z:\w\lanyard`;
/** Node and npm, as their installer lays them out. */
export const nodeFolder = String.raw`Z:\w\node\package\bin`;
export const nodeProgram = String.raw`${nodeFolder}\node.exe`;
export const claudeProgram = String.raw`Z:\w\claude\package\claude.exe`;

/** A path of the project's folder, as that Windows names it, as Linux has it. */
export const onLinux = (path: string): string =>
  inRoot(
    ...path
      .slice(projectFolder.length)
      .split("\\")
      .filter((step) => step !== ""),
  );
