import type { Reading, Word } from "./word.ts";

/**
 * A command as cmd.exe hands it on to a batch file and that to a program: read twice by cmd.exe, once by the program's
 * run time. A plain word is one that all three leave as it is; a word with a caret, a quote within it or a backslash
 * before a quote is not plain.
 */
export const windowsWords = (command: string): Reading => {
  const words: Word[] = [];
  let at = 0;
  for (;;) {
    at = endOf(blanks, command, at);
    if (at >= command.length) return { words, isWhole: true };
    const end = endOf(word, command, at);
    if (end === at || !/^\s?$/.test(command.charAt(end))) return { words, isWhole: false };
    const text = command.slice(at, end).replace(/^"(.*)"$/s, "$1");
    words.push(
      /[%!]/.test(text)
        ? { kind: "expands", written: text, splits: true, end }
        : { kind: "plain", text, end },
    );
    at = end;
  }
};

const blanks = /(?:[ \t]|[\r\n](?=\s*$))*/y;

/** Quoted as a whole, or bare as a whole. */
const word = /"[^"\p{Cc}^]*(?<!\\)"|[^\s\p{Cc}"^&|<>()]+/uy;

const endOf = (pattern: RegExp, text: string, at: number): number => {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
};
