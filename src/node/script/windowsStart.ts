import { existsSync } from "node:fs";
import { win32 } from "node:path";
import type { ScriptObstacle } from "../../core/credentials/source.ts";
import { systemProgram } from "../systemProgram.ts";
import { pathOf } from "../searchPath.ts";

/** What `spawn` is to be called with. */
export interface WindowsStart {
  readonly program: string;
  readonly args: readonly string[];
  /** The arguments are quoted for cmd.exe already. */
  readonly isVerbatim: boolean;
}

export type WindowsStarting =
  | { readonly kind: "start"; readonly start: WindowsStart }
  | { readonly kind: "cannot"; readonly obstacle: ScriptObstacle };

export interface Surroundings {
  readonly variables: NodeJS.ProcessEnv;
  readonly folder: string | undefined;
  readonly exists?: (path: string) => boolean;
}

/**
 * How Windows starts a script, by the end of its name: it starts `.exe` itself, all else by another program. A bare name is
 * looked up on the PATH alone: cmd.exe and Windows would look in the working folder first, as Node does for Windows' own.
 */
export const windowsStart = (argv: readonly string[], around: Surroundings): WindowsStarting => {
  const [named = "", ...args] = argv;
  const starter = starterOf(named, around);
  if (starter.kind === "cannot") return starter;
  const words = [...starter.words, ...args];
  const [program = "", ...rest] = words;
  return starter.isBatch ? byCmd(words, "", around) : startOf(program, rest);
};

/** @param rest the arguments as they are written: what is in them cmd.exe is to expand. */
export const windowsLine = (named: string, rest: string, around: Surroundings): WindowsStarting => {
  const starter = starterOf(named, around);
  return starter.kind === "cannot" ? starter : byCmd(starter.words, rest, around);
};

type Starter =
  | { readonly kind: "words"; readonly words: readonly string[]; readonly isBatch: boolean }
  | { readonly kind: "cannot"; readonly obstacle: ScriptObstacle };

/** What stands before the arguments. */
const starterOf = (named: string, around: Surroundings): Starter => {
  const program = /[\\/:]/.test(named) ? named : onPath(named, around);
  if (program === undefined) return cannot("notOnPath");
  switch (win32.extname(program).toLowerCase()) {
    case ".cmd":
    case ".bat":
      return { kind: "words", words: [program], isBatch: true };
    case ".ps1": {
      const powershell = systemProgram(String.raw`WindowsPowerShell\v1.0\powershell.exe`, around.variables);
      return wordsOf(powershell, "-NoProfile", "-NonInteractive", "-File", program);
    }
    case ".sh": {
      const shell = gitShells(around.variables).find(around.exists ?? existsSync);
      return shell === undefined ? cannot("noShell") : wordsOf(shell, program.replaceAll("\\", "/"));
    }
    default:
      return wordsOf(program);
  }
};

const wordsOf = (...words: readonly string[]): Starter => ({ kind: "words", words, isBatch: false });

const startOf = (program: string, args: readonly string[], isVerbatim = false): WindowsStarting => ({
  kind: "start",
  start: { program, args, isVerbatim },
});

const cannot = (
  obstacle: ScriptObstacle,
): { readonly kind: "cannot"; readonly obstacle: ScriptObstacle } => ({
  kind: "cannot",
  obstacle,
});

/** Between quotes cmd.exe reads per cent signs and quotes alone; nothing makes these two safe. */
const byCmd = (
  words: readonly string[],
  rest: string,
  { variables, folder }: Surroundings,
): WindowsStarting => {
  if (words.some((word) => /["%\r\n\0]/.test(word))) return cannot("argument");
  if (folder !== undefined && /^[\\/]{2}/.test(folder)) return cannot("networkFolder");
  const line = words.map((word) => `"${word}"`).join(" ") + rest;
  return startOf(systemProgram("cmd.exe", variables), ["/d", "/s", "/c", `"${line}"`], true);
};

const gitShells = (variables: NodeJS.ProcessEnv): readonly string[] =>
  [
    ...["ProgramFiles", "ProgramFiles(x86)"].map((name) => [variables[name], "Git"]),
    [variables["LOCALAPPDATA"], "Programs", "Git"],
  ].flatMap(([base, ...rest]) =>
    base === undefined
      ? []
      : [win32.join(base, ...rest.filter((each) => each !== undefined), "bin", "sh.exe")],
  );

const endings = [".exe", ".com", ".cmd", ".bat"];

const onPath = (name: string, { variables, exists = existsSync }: Surroundings): string | undefined => {
  const names = win32.extname(name) === "" ? endings.map((ending) => name + ending) : [name];
  return pathOf(variables)
    .split(";")
    .filter((folder) => win32.isAbsolute(folder))
    .flatMap((folder) => names.map((each) => win32.join(folder, each)))
    .find(exists);
};
