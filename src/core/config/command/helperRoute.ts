import type { HelperRoute } from "../connector.ts";

/** What the `headersHelper` string of an entry does, read without running it. */
export const helperRoute = (headersHelper: string | undefined): HelperRoute => {
  const command = headersHelper?.trim() ?? "";
  if (command === "") return { kind: "absent" };
  const program = firstWord(command);
  if (program === undefined || !isLanyard(program.text)) return { kind: "foreign", command };
  const [, stdin, script] = afterProgram.exec(command.slice(program.length)) ?? [];
  if (stdin === undefined) return { kind: "foreign", command };
  if (script === undefined) return { kind: "lanyard" };
  return { kind: "script", command: script.trim(), stdin: stdin.includes("--stdin") };
};

/** `headers`, its options, then the end or `--` with everything that follows it, as the shell gets it. */
const afterProgram = /^\s+headers((?:\s+--[a-z][\w=-]*)*)(?:\s+--(?=\s|$)([\s\S]*))?\s*$/;

const isLanyard = (program: string): boolean => /(?:^|[\\/])lanyard(?:\.cmd|\.exe)?$/i.test(program);

/** Quoted and bare parts of one shell word. A bare part ends where the shell would see another command begin. */
const part = /"([^"]*)"|'([^']*)'|(\\[\s\S]|[^\s"'\\;|&<>()`])/y;

/** The first word of a command as a shell reads it, backslashes kept; undefined where it is no plain word. */
export const firstWord = (
  command: string,
): { readonly text: string; readonly length: number } | undefined => {
  const word = new RegExp(part);
  let text = "";
  let length = 0;
  for (let found = word.exec(command); found !== null; found = word.exec(command)) {
    text += found[1] ?? found[2] ?? found[3] ?? "";
    length = word.lastIndex;
  }
  const ended = length > 0 && /^(?:\s|$)/.test(command.slice(length, length + 1));
  return ended ? { text, length } : undefined;
};
