import type { Reading, Word } from "./word.ts";

/**
 * A command as `/bin/sh` reads it (POSIX, Shell Command Language, 2.2, 2.3 and 2.6), be that dash or bash. What they
 * read differently is no plain word.
 */
export const posixWords = (command: string): Reading => {
  const words: Word[] = [];
  const end = inkEnd(command);
  let at = 0;
  for (;;) {
    at = matchAt(blanks, command, at)?.end ?? at;
    if (at >= end) return { words, isWhole: true };
    const word = wordAt(command, at);
    if (word === undefined) return { words, isWhole: false };
    words.push(word);
    at = word.end;
  }
};

/** Blanks and joined lines. */
const blanks = /(?:[ \t]|\\\n)*/y;

/** Behind the last character that is neither a blank nor a line feed. */
const inkEnd = (command: string): number => {
  let end = command.length;
  while (end > 0 && " \t\n".includes(command.charAt(end - 1))) end -= 1;
  return end;
};

/** What no part matches ends the words: an operator, a substitution, a quote that stays open, an odd blank. */
const bare =
  /'(?<text>[^']*)'|\\(?<joined>\n)|\\(?<escaped>[^\n])|(?<quote>")|\$(?<variable>\w+|[@*#?$!-]|\{[^{}]*(?:\$\{\w+\}[^{}]*)*\})|(?<pattern>[*?[{~])|(?<letter>[^\s\p{Cc}\p{Z}"'\\$`;|&<>()])/uy;

/** Between double quotes a backslash escapes no more than four characters, and a lone dollar sign is one. */
const quoted =
  /(?<quote>")|\\(?<joined>\n)|\\(?<escaped>[$`"\\])|\$(?<variable>\w+|[@*#?$!-]|\{[^{}]*(?:\$\{\w+\}[^{}]*)*\})|(?<letter>[^"\\$`]|\\|\$(?![([{]))/uy;

/** A parameter, alone or with a default or a cut whose text holds no more than variables. */
const parameter =
  /^(?:\w+|[@*#?$!-]|\{(?:\w+|[@*#?$!-])(?:(?::?[-+=?]|%%?|##?)(?:[^\s"'`$\\{}()<>|&;*?[\]~]|\$\w+|\$\{\w+\})*)?\})$/;

interface Part {
  readonly groups: Readonly<Record<string, string | undefined>>;
  readonly end: number;
}

const matchAt = (pattern: RegExp, text: string, at: number): Part | undefined => {
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  return found === null ? undefined : { groups: found.groups ?? {}, end: pattern.lastIndex };
};

/** What a word has come to. */
interface Draft {
  text: string;
  isPlain: boolean;
  splits: boolean;
  isQuoted: boolean;
}

/** @returns undefined where no word stands. */
const wordAt = (command: string, start: number): Word | undefined => {
  // A comment.
  if (command.startsWith("#", start)) return undefined;
  const draft: Draft = { text: "", isPlain: true, splits: false, isQuoted: false };
  let at = start;
  for (;;) {
    const part = matchAt(draft.isQuoted ? quoted : bare, command, at);
    if (part === undefined) break;
    if (!take(part.groups, draft)) return undefined;
    at = part.end;
  }
  if (at === start || draft.isQuoted || !isEnd(command, start, at)) return undefined;
  const { text, isPlain, splits } = draft;
  return isPlain ? { kind: "plain", text, end: at } : { kind: "expands", written: text, splits, end: at };
};

/** @returns false where only a shell could go on. */
const take = ({ text, escaped, quote, variable, pattern, letter }: Part["groups"], draft: Draft): boolean => {
  if (quote !== undefined) draft.isQuoted = !draft.isQuoted;
  if (variable !== undefined && !parameter.test(variable)) return false;
  // Of the quoted ones `"$@"` alone becomes several words, or none.
  draft.splits ||=
    pattern !== undefined || (variable !== undefined && (!draft.isQuoted || /^\{?@/.test(variable)));
  draft.isPlain &&= variable === undefined && pattern === undefined;
  draft.text += text ?? escaped ?? pattern ?? letter ?? (variable === undefined ? "" : `$${variable}`);
  return true;
};

/** A digit right before a redirection belongs to it. */
const isEnd = (command: string, start: number, at: number): boolean => {
  const next = command.charAt(at);
  if (next === "<" || next === ">") return !/^\d+$/.test(command.slice(start, at));
  return /^[\s;|&()]?$/.test(next);
};
