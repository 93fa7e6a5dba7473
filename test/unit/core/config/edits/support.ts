import fc from "fast-check";
import { applyEdits, createScanner, parse, parseTree, type Edit, type Node } from "jsonc-parser";

/** A JSON object with names that need escapes among them. */
export const someObject = fc.dictionary(
  fc
    .oneof(fc.constantFrom("a", "headers", "url", 'q"uote', "ü", ""), fc.string({ maxLength: 8 }))
    .filter((name) => name !== "__proto__"),
  fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.string(), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("x", "y", "z"), fc.string({ maxLength: 4 }), { maxKeys: 3 }),
  ),
  { maxKeys: 6 },
);

const blanks = fc.constantFrom("", " ", "\n", "\n  ", "\t", "\r\n    ");
const comments = fc.constantFrom("", "", "/* one */", "/* two\nlines */", "// rest\n");

/** The value as some person might have written it: any blanks, any comments between any two tokens. */
export const written = (value: unknown): fc.Arbitrary<string> => {
  const text = JSON.stringify(value);
  const tokens: string[] = [];
  const scanner = createScanner(text, true);
  while (scanner.getPosition() < text.length) {
    scanner.scan();
    tokens.push(text.slice(scanner.getTokenOffset(), scanner.getPosition()));
  }
  const between = fc.tuple(blanks, comments, blanks).map((parts) => parts.join(""));
  const layouts = fc
    .array(between, { minLength: tokens.length, maxLength: tokens.length })
    .map((gaps) => tokens.map((token, index) => `${token}${gaps[index] ?? ""}`).join(""));
  const printed = fc
    .constantFrom<readonly [string | undefined, string]>(
      [undefined, "\n"],
      ["  ", "\n"],
      ["\t", "\r\n"],
      ["    ", "\n"],
    )
    .map(([unit, eol]) => JSON.stringify(value, undefined, unit).replaceAll("\n", eol));
  return fc.oneof(layouts, printed);
};

export const rootOf = (text: string): Node => {
  const root = parseTree(text);
  if (root === undefined) throw new Error(`No tree: ${text}`);
  return root;
};

export const applied = (text: string, edits: readonly Edit[]): string => applyEdits(text, [...edits]);

/** The value of a text, which has to be JSON but for comments. */
export const valueOf = (text: string): unknown => {
  const errors: never[] = [];
  const value: unknown = parse(text, errors);
  if (errors.length > 0) throw new Error(`Not JSON: ${text}`);
  return value;
};

export const commentsOf = (text: string): readonly string[] =>
  text.match(/\/\* one \*\/|\/\* two\nlines \*\/|\/\/ rest/g) ?? [];
