/**
 * Turns an English template with `{0}`-style places into a sentence in the reader's language.
 * `vscode.l10n.t` is one; core receives it as an argument and so stays free of the editor.
 */
export type Translate = (template: string, ...args: (string | number)[]) => string;

export const english: Translate = (template, ...args) =>
  template.replace(/\{(\d+)\}/g, (place, index: string) => String(args[Number(index)] ?? place));

/**
 * Words that may be a sentence of ours, which then has a translation, or those of a provider, a vault or a script, which
 * stay as they are.
 */
export const oursOrTheirs = (words: string, t: Translate): string => t(words);

/**
 * What nobody sees, or what changes how others are seen: controls, format characters (bidirectional, zero-width, tags),
 * halves of surrogate pairs, private and unassigned characters, separators of lines, fillers and other letters that
 * have no shape (Unicode's Default_Ignorable_Code_Point, and the blank of Braille).
 */
const unseen = /[\p{C}\p{Zl}\p{Zp}\p{DI}\u2800]/gu;
/** Choose between two shapes of the character before them, which is one in any case. */
const variationSelectors = /[\ufe00-\ufe0f]/g;
/** More marks on one letter than any script writes grow over the lines beside them. */
const piledMarks = /(\p{M}{4})\p{M}+/gu;

/**
 * Text from outside (issuers, reasons, URLs), safe to show: one line, no control or bidirectional characters,
 * at most `maxLength` UTF-16 units.
 */
export const plainText = (text: string, maxLength = 300): string => {
  const line = text
    .replace(variationSelectors, "")
    .replace(unseen, " ")
    .replace(/\p{Zs}+/gu, " ")
    .replace(piledMarks, "$1")
    .trim();
  return line.length <= maxLength ? line : `${shortened(line, maxLength - 1)}…`;
};

/**
 * The last look at a text before the editor shows it, whoever wrote it. The editor makes a link of
 * `[label](command:…)`, also in plain messages, and a picture of `$(name)`: here both fall apart. Lines stay lines.
 */
export const inertText = (text: string): string =>
  text
    .replace(variationSelectors, "")
    .replace(unseen, (character) => (character === "\n" ? "\n" : " "))
    .replace(/\](?=\()/g, "] ")
    .replace(/\$(?=\()/g, "$ ");

/**
 * The last look at a text before a terminal shows it: what a terminal obeys, or what hides from the reader, is written
 * as its number (`\u001b`). Within JSON that is the same string. Lines stay lines.
 */
export const terminalText = (text: string): string =>
  text.replace(unseen, (character) => (character === "\n" ? "\n" : numbered(character)));

const numbered = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
  ).join("");

/** Cut between characters, never within a surrogate pair. */
const shortened = (line: string, length: number): string =>
  line
    .slice(0, length)
    .replace(/[\ud800-\udbff]$/, "")
    .trimEnd();
