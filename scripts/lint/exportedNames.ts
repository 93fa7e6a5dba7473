/**
 * `node scripts/lint/exportedNames.ts` lists the exported names of the product, the demo and the tools that mean more
 * than one thing, and fails when there is one.
 */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { root } from "../support/paths.ts";

/** The names that a file declares and exports. What it passes on from another file is that one's. */
export const exportedNames = (text: string): readonly string[] => {
  const source = ts.createSourceFile("file.ts", text, ts.ScriptTarget.Latest);
  return source.statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) return passedOn(statement);
    if (!isExported(statement)) return [];
    if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.flatMap(nameOf);
    return nameOf(statement);
  });
};

/** A name for each file that gives it a meaning of its own; `files` holds each file's text by its path. */
export const doubleNames = (files: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> => {
  const places = new Map<string, readonly string[]>();
  for (const [path, text] of files) {
    // A type and a value of one name and one file are one thing, seen from both sides.
    for (const name of new Set(exportedNames(text))) places.set(name, [...(places.get(name) ?? []), path]);
  }
  return new Map([...places].filter(([, paths]) => paths.length > 1));
};

/** Every file of the product, the demo, the bench and the tools. */
export const productFiles = (): ReadonlyMap<string, string> =>
  new Map(
    ["src", "demo", "bench", "scripts", "facade/src"]
      .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root }))
      .map((path) => [path.replaceAll("\\", "/"), readFileSync(join(root, path), "utf8")]),
  );

const isExported = (statement: ts.Statement): boolean =>
  ts.canHaveModifiers(statement) &&
  ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;

const nameOf = (declaration: ts.Node): readonly string[] =>
  "name" in declaration && isIdentifier(declaration.name) ? [declaration.name.text] : [];

const isIdentifier = (node: unknown): node is ts.Identifier =>
  typeof node === "object" && node !== null && "kind" in node && node.kind === ts.SyntaxKind.Identifier;

/** `export { name }` without `from` exports what is declared or imported here. */
const passedOn = ({ exportClause, moduleSpecifier }: ts.ExportDeclaration): readonly string[] =>
  moduleSpecifier === undefined && exportClause !== undefined && ts.isNamedExports(exportClause)
    ? exportClause.elements.map(({ name }) => name.text)
    : [];

if (import.meta.main) {
  const doubles = doubleNames(productFiles());
  for (const [name, paths] of doubles)
    console.error(`${name} means ${paths.length} things: ${paths.join(", ")}`);
  if (doubles.size > 0) process.exitCode = 1;
}
