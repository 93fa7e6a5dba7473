/** `headersHelper` as Lanyard's own entries have it; a POSIX shell expands where Lanyard lives. */
export const helperCommand = '"${LANYARD_HOME:-$HOME/.lanyard}/bin/lanyard" headers';

/** More than one command, a redirection, an assignment, or a word that only a shell knows: `lanyard` cannot start it. */
const needsShell =
  /[;&|<>()`\n\r]|^\s*(?:[A-Za-z_]\w*=|(?:\.|source|cd|exec|eval|export|if|for|while|until|case|!|\{)(?:\s|$))/;

/** The helper that lets a script of the team's make the headers, whatever shell command it is. */
export const helperCommandFor = (script: string): string => {
  const command = script.trim();
  const started = needsShell.test(command) ? `sh -c '${command.replaceAll("'", `'\\''`)}'` : command;
  return `${helperCommand} -- ${started}`;
};
