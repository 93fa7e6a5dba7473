/** Finds every string that is shown through a translation, by the types: no name and no spelling decides. */
import { relative } from "node:path";
import ts from "typescript";
import { inRoot, root } from "../support/paths.ts";
import { TextOrigins } from "./origins.ts";

export interface FoundStrings {
  /** The English sentences, in the order of the alphabet. */
  readonly strings: readonly string[];
  /** `file:line` and what stands there, for each call whose sentence cannot be told. */
  readonly unresolved: readonly string[];
}

/** Every sentence that a call of `vscode.l10n.t` or of a `Translate` below the folder can be given. */
export const findStrings = (folder: string = inRoot("src")): FoundStrings => {
  const program = programOf(folder);
  const checker = program.getTypeChecker();
  const files = program.getSourceFiles().filter(({ fileName }) => !fileName.includes("/node_modules/"));
  const origins = new TextOrigins(checker, files);
  const strings = new Set<string>();
  const unresolved = new Set<string>();
  for (const file of files) {
    walk(file, (node) => {
      const [sentence] = ts.isCallExpression(node) ? node.arguments : [];
      if (!ts.isCallExpression(node) || sentence === undefined) return;
      const mayBeOurs = isOursOrTheirs(node, checker);
      if (!mayBeOurs && (!isTranslation(node, checker) || isWithinIt(node))) return;
      const found = origins.of(sentence);
      for (const text of found.texts) if (/[^\s]/.test(text.replaceAll(/\{\d+\}/g, ""))) strings.add(text);
      for (const dark of mayBeOurs ? [] : found.dark) unresolved.add(placeOf(dark));
    });
  }
  return { strings: [...strings].sort(), unresolved: [...unresolved].sort() };
};

const programOf = (folder: string): ts.Program => {
  const { config } = ts.readConfigFile(inRoot("tsconfig.json"), (path) => ts.sys.readFile(path)) as {
    readonly config: object;
  };
  const { options, fileNames } = ts.parseJsonConfigFileContent(
    { ...config, include: [folder] },
    ts.sys,
    root,
  );
  return ts.createProgram(fileNames, options);
};

const walk = (node: ts.Node, visit: (node: ts.Node) => void): void => {
  visit(node);
  ts.forEachChild(node, (child) => {
    walk(child, visit);
  });
};

/** Whether what is called is `Translate`, or `l10n.t` in VS Code's typings. */
const isTranslation = ({ expression }: ts.CallExpression, checker: ts.TypeChecker): boolean => {
  const type = checker.getTypeAtLocation(expression);
  if (type.aliasSymbol?.name === "Translate") return true;
  return type.getCallSignatures().some(({ declaration }) => {
    const scope = declaration?.parent.parent;
    return (
      declaration !== undefined &&
      ts.isFunctionDeclaration(declaration) &&
      declaration.name?.text === "t" &&
      scope !== undefined &&
      ts.isModuleDeclaration(scope) &&
      scope.name.text === "l10n"
    );
  });
};

/** `oursOrTheirs(words, t)` also gets words from outside, which no source of ours holds. */
const isOursOrTheirs = ({ expression }: ts.CallExpression, checker: ts.TypeChecker): boolean => {
  const symbol = checker.getSymbolAtLocation(expression);
  const meant =
    symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0
      ? checker.getAliasedSymbol(symbol)
      : symbol;
  return meant?.name === "oursOrTheirs" && meant.valueDeclaration?.getSourceFile().fileName === textModule;
};

/** Its own call of the translation is no other place where a sentence comes in. */
const isWithinIt = (node: ts.Node): boolean => node.getSourceFile().fileName === textModule;

const textModule = inRoot("src/core/text.ts").replaceAll("\\", "/");

const placeOf = (node: ts.Node): string => {
  const file = node.getSourceFile();
  const { line } = file.getLineAndCharacterOfPosition(node.getStart());
  return `${relative(root, file.fileName)}:${line + 1}: ${node.getText().slice(0, 80)}`;
};
