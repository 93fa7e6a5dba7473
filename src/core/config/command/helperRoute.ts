import { readCommand, type Shell } from "./shell.ts";
import { halfFor } from "./halves.ts";
import { writtenOf, type Word } from "./word.ts";
import type { HelperRoute } from "../connector.ts";

/** What the `headersHelper` string of an entry does, read without running it. */
export const helperRoute = (headersHelper: string | undefined, shell: Shell = "sh"): HelperRoute => {
  const command = commandHere(headersHelper ?? "", shell);
  if (command === "") return { kind: "absent" };
  const { words, isWhole } = readCommand(command, shell);
  const dashes = words.findIndex((word) => textOf(word) === "--");
  const [program, name, ...options] = dashes < 0 ? words : words.slice(0, dashes);
  const isOurs =
    program !== undefined &&
    isLanyard(program, shell) &&
    textOf(name) === "headers" &&
    options.every((option) => /^--[a-z][\w=-]*$/.test(textOf(option) ?? ""));
  if (!isOurs) return { kind: "foreign", command };
  const end = words[dashes]?.end;
  if (end === undefined) return isWhole ? { kind: "lanyard" } : { kind: "foreign", command };
  const stdin = options.some((option) => textOf(option) === "--stdin");
  return { kind: "script", command: trimBlanks(command.slice(end)), stdin };
};

/** What this system's shell comes to run of a `headersHelper`. */
export const commandHere = (headersHelper: string, shell: Shell): string =>
  halfFor(trimBlanks(headersHelper), shell);

const textOf = (word: Word | undefined): string | undefined =>
  word?.kind === "plain" ? word.text : undefined;

/** By the end of its path: what comes before may hold a variable. */
const isLanyard = (word: Word, shell: Shell): boolean => {
  const program = writtenOf(word);
  return shell === "sh"
    ? /(?:^|[\\/])lanyard(?:\.cmd|\.exe)?$/.test(program)
    : /(?:^|[\\/])lanyard(?:\.cmd|\.exe)?$/i.test(program);
};

/** No more than a shell passes over: another blank is a part of a word. */
const trimBlanks = (text: string): string => text.replace(/^[ \t\n]+|(?<![ \t\n])[ \t\n]+$/g, "");
