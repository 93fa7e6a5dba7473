/** The one door to a page of ours: what is put into a template is text, unless it came out of a template itself. */
export class Html {
  readonly #markup: string;

  private constructor(markup: string) {
    this.#markup = markup;
  }

  static readonly of = (strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html =>
    new Html(strings.map((text, index) => text + markupOf(values[index] ?? "")).join(""));

  toString(): string {
    return this.#markup;
  }
}

export type HtmlValue = string | number | Html | readonly Html[];

export const markup = Html.of;

const markupOf = (value: HtmlValue): string => {
  if (typeof value === "string" || typeof value === "number") return escaped(String(value));
  return value instanceof Html ? value.toString() : value.map((each) => each.toString()).join("");
};

const escapes: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&#39;"],
]);

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => escapes.get(sign) ?? "");

/**
 * What nobody sees, or what would change how the rest is seen: shown by its number. The blank alone stays a blank, and
 * of marks on one letter so many are drawn as any script writes: more grow over the lines beside them.
 */
const unseen = /[\p{C}\p{Zl}\p{Zp}\p{DI}\u2800]|(?! )\p{Zs}|(?<=\p{M}{4})\p{M}/gu;

/** Text from outside, letter by letter. */
export const foreign = (text: string): Html => {
  const pieces: Html[] = [];
  let done = 0;
  for (const found of text.matchAll(unseen)) {
    pieces.push(markup`${text.slice(done, found.index)}<span class="odd">${codePoint(found[0])}</span>`);
    done = found.index + found[0].length;
  }
  return markup`${pieces}${text.slice(done)}`;
};

/** `U+202E`. */
export const codePoint = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
