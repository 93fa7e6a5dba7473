import { readCommand, type Shell } from "./shell.ts";
import { writtenOf } from "./word.ts";

/** What stands between the half for a POSIX shell and the half for cmd.exe. */
export const between = " || ";

/**
 * The part of a `headersHelper` that a system's shell comes to run. One string serves every system: what `sh` can start,
 * `||`, what cmd.exe can start. Each shell tries the first and, where it cannot, the second. A string of which one shell or
 * the other makes more than two commands has no halves.
 */
export const halfFor = (command: string, shell: Shell): string => {
  const at = command.indexOf(`${between}"%`);
  if (at < 0) return command;
  const halves = { sh: command.slice(0, at), cmd: command.slice(at + between.length) };
  return isPosixHalf(halves.sh) && isWindowsHalf(halves.cmd) ? halves[shell] : command;
};

/** Whether a system's shell can start the program of a helper of Lanyard's. */
export const startsIn = (command: string, shell: Shell): boolean => {
  const program = writtenOf(readCommand(command.trim(), shell).words[0]);
  return shell === "cmd" ? !/^~|\$/.test(program) : !/^%|\\/.test(program);
};

/** To cmd.exe a path with a colon in the middle is none, so that no file of a project's can stand there. */
const isPosixHalf = (half: string): boolean =>
  isOneCommand(half) && /^\$\{?\w+:-.*\/lanyard$/.test(writtenOf(readCommand(half, "sh").words[0]));

/** A POSIX shell looks for a name without slashes on the PATH alone. */
const isWindowsHalf = (half: string): boolean =>
  isOneCommand(half) &&
  /^%\w+%\\[^/%]*\\lanyard(?:\.cmd)?$/i.test(writtenOf(readCommand(half, "cmd").words[0]));

/** To both shells. */
const isOneCommand = (half: string): boolean => {
  const inWindows = readCommand(half, "cmd");
  return readCommand(half, "sh").isWhole && inWindows.isWhole && inWindows.words.length > 1;
};
