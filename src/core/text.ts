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

/** Controls, format characters (bidirectional, zero-width, tags), line separators and halves of surrogate pairs. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu;

/**
 * Text from outside (issuers, reasons, URLs), safe to show: one line, no control or bidirectional characters,
 * at most `maxLength` UTF-16 units.
 */
export const plainText = (text: string, maxLength = 300): string => {
  const line = text.replace(unseen, " ").replace(/ {2,}/g, " ").trim();
  return line.length <= maxLength ? line : `${shortened(line, maxLength - 1)}…`;
};

/** Cut between characters, never within a surrogate pair. */
const shortened = (line: string, length: number): string =>
  line
    .slice(0, length)
    .replace(/[\ud800-\udbff]$/, "")
    .trimEnd();
