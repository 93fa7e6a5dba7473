import { between, halfFor } from "./halves.ts";

/** Where Lanyard lives, as a POSIX shell and as cmd.exe finds it. */
const posix = '"${LANYARD_HOME:-$HOME/.lanyard}/bin/lanyard" headers';
const windows = String.raw`"%USERPROFILE%\.lanyard\bin\lanyard" headers`;

/** `headersHelper` as Lanyard's own entries have it, for every system. */
export const helperCommand = `${posix}${between}${windows}`;

/** More than one command, a redirection, an assignment, or a word that only a shell knows: `lanyard` cannot start it. */
const needsShell =
  /[;&|<>()`\n\r]|^\s*(?:[A-Za-z_]\w*=|(?:\.|source|cd|exec|eval|export|if|for|while|until|case|!|\{)(?:\s|$))/;

/**
 * The helper that lets a script of the team's make the headers, whatever shell command it is: on every system, unless it is
 * a command that only a POSIX shell can read.
 */
export const helperCommandFor = (script: string): string => {
  const command = script.trim();
  if (needsShell.test(command)) return `${posix} -- sh -c '${command.replaceAll("'", `'\\''`)}'`;
  const forPosix = `${posix} -- ${command}`;
  const forEvery = `${forPosix}${between}${windows} -- ${command}`;
  return halfFor(forEvery, "sh") === forPosix ? forEvery : forPosix;
};
