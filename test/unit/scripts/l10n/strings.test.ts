import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findStrings } from "../../../../scripts/l10n/strings.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lanyard-l10n-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const opening =
  "type Translate = (template: string, ...args: string[]) => string;\ndeclare const t: Translate;\n";

const found = (source: string): { readonly strings: readonly string[]; readonly unresolved: number } => {
  writeFileSync(join(folder, "source.ts"), opening + source);
  const { strings, unresolved } = findStrings(folder);
  return { strings, unresolved: unresolved.length };
};

test.each([
  ["written in the call", `export const a = t("One");`, ["One"]],
  ["chosen between", `export const a = (x: boolean) => t(x ? "One" : "Two");`, ["One", "Two"]],
  [
    "looked up in a table",
    `const table: Record<string, string> = { a: "One", b: "Two" };
     export const a = (key: "a" | "b") => t(table[key] ?? "Three");`,
    ["One", "Three", "Two"],
  ],
  [
    "looked up in one row of a table of tables",
    `const table: Record<string, Record<"a" | "b", string>> = { x: { a: "One", b: "Two" }, y: { a: "Three", b: "Four" } };
     export const a = (key: string) => t(table[key]?.a ?? "Five");`,
    ["Five", "One", "Three"],
  ],
  [
    "carried by an object, through a spread",
    `interface Issue { readonly sentence: string }
     const made = (sentence: string) => ({ sentence });
     const issue = (): Issue => ({ ...made("One") });
     export const a = t(issue().sentence);`,
    ["One"],
  ],
  [
    "handed on by functions",
    `const show = ({ text }: { readonly text: string }) => t(text);
     export const a = show({ text: "One" }) + show({ text: "Two" });`,
    ["One", "Two"],
  ],
  [
    "put together from sentences",
    `const problem = (x: boolean): string => (x ? "One." : "Two.");
     export const a = (x: boolean) => t(\`It failed. \${problem(x)}\`);`,
    ["It failed. One.", "It failed. Two."],
  ],
])("finds a sentence that is %s", (_how, source, strings) => {
  expect(found(source)).toEqual({ strings, unresolved: 0 });
});

test.each([
  ["comes from outside", `export const a = (text: string) => t(text);`],
  [
    "is put together from what comes from outside",
    `export const a = (host: string) => t(\`\${host} is gone\`);`,
  ],
  ["is the message of an error", `export const a = (error: Error) => t(error.message);`],
  ["is worked out", `export const a = t(["One", "Two"].join(" "));`],
])("names a call whose sentence %s", (_how, source) => {
  expect(found(source)).toEqual({ strings: [], unresolved: 1 });
});
