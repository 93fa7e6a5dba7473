import { parseTree, printParseErrorCode, type Node, type ParseError } from "jsonc-parser";

/** A stretch of the text, in UTF-16 units. */
export interface Span {
  readonly offset: number;
  readonly length: number;
}

export interface Member {
  readonly name: string;
  /** The name's own span, quotes included. */
  readonly key: Span;
  readonly value: Span;
}

/** A JSON value that knows where it stands. Of members with the same name, the last one counts, as in `JSON.parse`. */
export type JsonValue = Span &
  (
    | { readonly kind: "object"; readonly members: readonly (Member & { readonly value: JsonValue })[] }
    | { readonly kind: "array"; readonly items: readonly JsonValue[] }
    | { readonly kind: "string"; readonly text: string }
    | { readonly kind: "other"; readonly value: number | boolean | null }
  );

/** Where and why a text is not JSON; `code` is jsonc-parser's name of the error, or `TooDeep`. */
export interface SyntaxProblem extends Span {
  readonly code: string;
}

/** The first place where the text is not JSON as `JSON.parse`, and so Claude Code, reads it: no comments, no trailing comma. */
export const syntaxProblem = (text: string): SyntaxProblem | undefined => {
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    return locateProblem(text);
  }
};

const locateProblem = (text: string): SyntaxProblem => {
  const errors: ParseError[] = [];
  try {
    parseTree(text, errors, { disallowComments: true });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { code: "TooDeep", offset: 0, length: 0 };
  }
  const [first] = errors;
  if (first === undefined) return { code: "InvalidSymbol", offset: 0, length: 0 };
  return { code: printParseErrorCode(first.error), offset: first.offset, length: first.length };
};

/**
 * The members of the object at `span` of a text that is valid JSON, or undefined when another kind of value is there.
 * Only the names are read and the values are stepped over: a file of many megabytes is outlined in milliseconds.
 */
export const membersAt = (text: string, span: Span): readonly Member[] | undefined => {
  let at = skipBlank(text, span.offset);
  if (text[at] !== "{") return undefined;
  const members: Member[] = [];
  at = skipBlank(text, at + 1);
  while (text[at] === '"') {
    const key = { offset: at, length: skipString(text, at) - at };
    const offset = skipBlank(text, skipBlank(text, key.offset + key.length) + 1);
    const end = skipValue(text, offset);
    members.push({ name: unquote(text, key), key, value: { offset, length: end - offset } });
    at = skipBlank(text, end);
    if (text[at] === ",") at = skipBlank(text, at + 1);
  }
  return members;
};

/** The whole value at `span` of a text that is valid JSON, or undefined when it is nested too deeply to be read. */
export const valueAt = (text: string, span: Span): JsonValue | undefined => {
  try {
    const node = parseTree(text.slice(span.offset, span.offset + span.length));
    return node === undefined ? undefined : fromNode(node, span.offset);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};

/** The offsets in the file of the units at `indexes` (ascending) of a string's text: what stands before them may be escaped. */
export const offsetsInString = (
  text: string,
  string: Span,
  indexes: readonly number[],
): readonly number[] => {
  let at = string.offset + 1;
  let unit = 0;
  return indexes.map((index) => {
    for (; unit < index; unit++) {
      if (text[at] !== "\\") at += 1;
      else at += text[at + 1] === "u" ? 6 : 2;
    }
    return at;
  });
};

const fromNode = (node: Node, base: number): JsonValue => {
  const span = { offset: node.offset + base, length: node.length };
  const children = node.children ?? [];
  if (node.type === "array") {
    return { ...span, kind: "array", items: children.map((child) => fromNode(child, base)) };
  }
  if (node.type === "object") {
    return { ...span, kind: "object", members: children.flatMap((child) => memberOf(child, base)) };
  }
  const value: unknown = node.value;
  if (typeof value === "string") return { ...span, kind: "string", text: value };
  const plain = typeof value === "number" || typeof value === "boolean" ? value : null;
  return { ...span, kind: "other", value: plain };
};

const memberOf = (property: Node, base: number): readonly (Member & { readonly value: JsonValue })[] => {
  const [key, value] = property.children ?? [];
  if (key === undefined || value === undefined) return [];
  const name: unknown = key.value;
  const span = { offset: key.offset + base, length: key.length };
  return [{ name: String(name), key: span, value: fromNode(value, base) }];
};

const unquote = (text: string, key: Span): string => {
  const name: unknown = JSON.parse(text.slice(key.offset, key.offset + key.length));
  return String(name);
};

const skipBlank = (text: string, from: number): number => {
  let at = from;
  while (text[at] === " " || text[at] === "\n" || text[at] === "\r" || text[at] === "\t") at += 1;
  return at;
};

const skipString = (text: string, from: number): number => {
  let at = text.indexOf('"', from + 1);
  while (at >= 0 && isEscaped(text, at)) at = text.indexOf('"', at + 1);
  return at < 0 ? text.length : at + 1;
};

const isEscaped = (text: string, at: number): boolean => {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === "\\") backslashes += 1;
  return backslashes % 2 === 1;
};

const skipValue = (text: string, from: number): number => {
  const structural = /["[\]{}]/g;
  if (text[from] === '"') return skipString(text, from);
  if (text[from] !== "{" && text[from] !== "[") return endOfScalar(text, from);
  let depth = 0;
  structural.lastIndex = from;
  for (let found = structural.exec(text); found !== null; found = structural.exec(text)) {
    if (found[0] === '"') structural.lastIndex = skipString(text, found.index);
    else depth += found[0] === "{" || found[0] === "[" ? 1 : -1;
    if (depth === 0) return found.index + 1;
  }
  return text.length;
};

const endOfScalar = (text: string, from: number): number => {
  let at = from;
  while (at < text.length && /[\w+.-]/.test(text.charAt(at))) at += 1;
  return at;
};
