/**
 * Turns an English template with `{0}`-style places into a sentence in the reader's language.
 * `vscode.l10n.t` is one; core receives it as an argument and so stays free of the editor.
 */
export type Translate = (template: string, ...args: (string | number)[]) => string;

export const english: Translate = (template, ...args) =>
  template.replace(/\{(\d+)\}/g, (place, index: string) => String(args[Number(index)] ?? place));

/** C0 and C1 controls, bidirectional overrides and isolates, zero-width and line separators. */
const unseen = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g;

/**
 * Text from outside (issuers, reasons, URLs), safe to show: one line, no control or bidirectional characters,
 * at most `maxLength` UTF-16 units.
 */
export const plainText = (text: string, maxLength = 300): string => {
  const line = text.replace(unseen, " ").replace(/ {2,}/g, " ").trim();
  return line.length <= maxLength ? line : `${line.slice(0, maxLength - 1).trimEnd()}…`;
};
