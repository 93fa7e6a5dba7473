import { inFolder, isWithin, type PathStyle } from "../../paths.ts";
import { readCommand, type Shell } from "./shell.ts";
import type { EntryOrigin } from "../connector.ts";

/** What a team script's command starts. */
export type ScriptProgram =
  /** A bare name, looked up on PATH. */
  | { readonly kind: "command" }
  /** A path as the shell hands it on, absolute or relative to the connector's folder. */
  | { readonly kind: "path"; readonly path: string }
  /** Only a shell could tell: a variable, a pattern, an assignment, more than one command. */
  | { readonly kind: "unclear" };

/** Read without running it. Arguments are not looked into: an approval shows the command whole. */
export const scriptProgram = (command: string, shell: Shell = "sh"): ScriptProgram => {
  const { words, isWhole } = readCommand(command, shell);
  const [word] = words;
  if (!isWhole || word?.kind !== "plain" || word.text === "" || unclear[shell].test(word.text)) {
    return { kind: "unclear" };
  }
  return separator[shell].test(word.text) ? { kind: "path", path: word.text } : { kind: "command" };
};

/** An assignment, or a character that one shell or the other reads in its own way in the place of a program. */
const unclear: Readonly<Record<Shell, RegExp>> = {
  sh: /^[A-Za-z_]\w*=|\0/,
  // A step of more dots, or with a blank behind them, is a name to one Windows and a way up to another.
  cmd: /[,;=@^*?]|\0|(?<![^\\/])(?!\.{1,2}(?:[\\/]|$))[. ]+(?:[\\/]|$)/,
};

const separator: Readonly<Record<Shell, RegExp>> = { sh: /\//, cmd: /[\\/:]/ };

/**
 * Why a command of a workspace's file must not be given a token, or undefined. What the user's own file starts is the
 * user's affair. The file is shared: a path that leads out under either shell leads out. Links are for `FindScript`
 * to follow.
 */
export const scriptProblem = (
  command: string,
  origin: EntryOrigin,
  shell: Shell = "sh",
): "outside" | "unclear" | undefined => {
  if (origin.kind !== "workspace") return undefined;
  if (scriptProgram(command, shell).kind === "unclear") return "unclear";
  return shells.some((each) => leadsOut(command, origin.folder, each)) ? "outside" : undefined;
};

const shells: readonly Shell[] = ["sh", "cmd"];
const styles: Readonly<Record<Shell, PathStyle>> = { sh: "posix", cmd: "windows" };

const leadsOut = (command: string, folder: string, shell: Shell): boolean => {
  const program = scriptProgram(command, shell);
  const style = styles[shell];
  return program.kind === "path" && !isWithin(inFolder(folder, program.path, style), folder, style);
};

/** Where a script lies once the links of its path are resolved. */
export type FoundScript =
  /** Its own path and that of the folder, both resolved. */
  { readonly kind: "inside" | "outside"; readonly path: string } | { readonly kind: "missing" };

/** Looks a path of a connector's folder up. Done before each run: a link may be made after the file was read. */
export type FindScript = (folder: string, path: string) => Promise<FoundScript>;
