import type { EntryOrigin } from "../connector.ts";
import { firstWord } from "./helperRoute.ts";

/** What a team script's command starts. */
export type ScriptProgram =
  /** A bare name, looked up on PATH. */
  | { readonly kind: "command" }
  /** A path as the shell gets it, absolute or relative to the connector's folder. */
  | { readonly kind: "path"; readonly path: string }
  /** Only a shell could tell: a variable, a pattern, an assignment. */
  | { readonly kind: "unclear" };

/** Read without running it. Arguments are not looked into: an approval shows the command whole. */
export const scriptProgram = (command: string): ScriptProgram => {
  const word = firstWord(command)?.text;
  if (word === undefined || /[$%~*?[\]{}!=]|\\\./.test(word)) return { kind: "unclear" };
  return /[\\/]/.test(word) ? { kind: "path", path: word } : { kind: "command" };
};

/**
 * Why a command of a workspace's file must not be given a token, or undefined. What the user's own file starts is the
 * user's affair. Links are for `LeavesFolder` to follow.
 */
export const scriptProblem = (command: string, origin: EntryOrigin): "outside" | "unclear" | undefined => {
  if (origin.kind !== "workspace") return undefined;
  const program = scriptProgram(command);
  if (program.kind === "unclear") return "unclear";
  return program.kind === "path" && !isWithin(origin.folder, program.path) ? "outside" : undefined;
};

/** Whether a path of a connector's folder leads out of it once its links are resolved. False where nothing is. */
export type LeavesFolder = (folder: string, path: string) => Promise<boolean>;

const isWithin = (folder: string, path: string): boolean => {
  const inside = segmentsOf(folder);
  const isAbsolute = /^(?:[\\/]|[a-z]:)/i.test(path);
  const all = segmentsOf(isAbsolute ? path : `${folder}/${path}`);
  return inside.every((segment, index) => all[index] === segment);
};

/** The path without empty segments, `.` and `..`. */
const segmentsOf = (path: string): readonly string[] => {
  const kept: string[] = [];
  for (const segment of path.split(/[\\/]+/)) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  return kept;
};
