import { jsonText } from "../text/jsonText.ts";

/** How a file is laid out, so that what is added looks like the rest of it. */
export interface Layout {
  /** One step of indentation. */
  readonly unit: string;
  readonly eol: string;
}

/** The layout of a text: its first line ending, and its smallest indentation; two blanks and `\n` where it has none. */
export const layoutOf = (text: string): Layout => {
  const eol = /\r\n|\n|\r/.exec(text)?.[0] ?? "\n";
  const [least] = Array.from(text.matchAll(/[\r\n]([ \t]+)"/g), ([, blank]) => blank ?? "").sort(
    (a, b) => a.length - b.length,
  );
  return { unit: least ?? "  ", eol };
};

/** A value as JSON over several lines; every line but the first begins with `indentation`. */
export const jsonLines = (value: unknown, indentation: string, { unit, eol }: Layout): string =>
  jsonText(value, unit).split("\n").join(`${eol}${indentation}`);

/** A value as JSON on one line, with the blanks that people put there. */
export const jsonLine = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(jsonLine).join(", ")}]`;
  if (typeof value !== "object" || value === null) return jsonText(value);
  const members = Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${jsonLine(each)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
};

export interface LineStart {
  readonly offset: number;
  /** The blanks with which the line begins. */
  readonly indentation: string;
  /** Whether only blanks stand before the offset that was asked for. */
  readonly isFirst: boolean;
}

/** The start of the line on which `offset` is. */
export const lineStart = (text: string, offset: number): LineStart => {
  let start = offset;
  while (start > 0 && !isBreak(text[start - 1])) start -= 1;
  const indentation = matchAt(/[ \t]*/y, text, start);
  return { offset: start, indentation, isFirst: start + indentation.length >= offset };
};

const isBreak = (character: string | undefined): boolean => character === "\n" || character === "\r";

/** Where the line ends whose rest, from `offset`, is blank: after its line ending. Undefined when it is not blank. */
export const blankRestEnd = (text: string, offset: number): number | undefined => {
  const rest = matchAt(/[ \t]*(?:\r\n|\r|\n)/y, text, offset);
  return rest === "" ? undefined : offset + rest.length;
};

/** The offset behind the comments that follow `offset` on its line. */
export const sameLineCommentsEnd = (text: string, offset: number): number =>
  offset + matchAt(/(?:[ \t]*\/\*[^\r\n]*?\*\/)*(?:[ \t]*\/\/[^\r\n]*)?/y, text, offset).length;

/** The offset of the comma that follows `offset`, past blanks and comments. */
export const commaAfter = (text: string, offset: number): number | undefined => {
  const trivia = matchAt(/(?:\s|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/)*/y, text, offset);
  const at = offset + trivia.length;
  return text[at] === "," ? at : undefined;
};

/** What a sticky pattern matches at `offset`; nothing is the empty text. */
export const matchAt = (sticky: RegExp, text: string, offset: number): string => {
  const pattern = new RegExp(sticky);
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0] ?? "";
};
