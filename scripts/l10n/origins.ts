/** Follows an expression back to the string literals that it can be. */
import ts from "typescript";

/** The texts, and the expressions at which the way back ends without one. */
export interface TextOrigin {
  readonly texts: ReadonlySet<string>;
  readonly dark: ReadonlySet<ts.Node>;
}

/** What one walk has found so far; `seen` ends circles. */
interface Trail {
  readonly texts: Set<string>;
  readonly dark: Set<ts.Node>;
  readonly seen: Set<ts.Node>;
}

interface Carrier {
  readonly by: readonly string[];
  readonly in: RegExp;
}

/**
 * Where zod carries sentences of ours past the types: the property it hands them out by, the calls that take them in,
 * and in which files.
 */
const carried: Readonly<Record<string, Carrier>> = {
  description: { by: ["describe"], in: /\/src\/core\/credentials\// },
  message: { by: ["refine"], in: /\/src\/core\/(?:credentials|config\/schema)\// },
};

export class TextOrigins {
  readonly #checker: ts.TypeChecker;
  readonly #calls: ts.CallExpression[] = [];
  readonly #objects: ts.ObjectLiteralExpression[] = [];

  constructor(checker: ts.TypeChecker, files: readonly ts.SourceFile[]) {
    this.#checker = checker;
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node)) this.#calls.push(node);
      if (ts.isObjectLiteralExpression(node)) this.#objects.push(node);
      ts.forEachChild(node, visit);
    };
    files.forEach(visit);
  }

  of(expression: ts.Expression): TextOrigin {
    const trail: Trail = { texts: new Set(), dark: new Set(), seen: new Set() };
    this.#follow(expression, trail);
    return trail;
  }

  #follow(node: ts.Expression, trail: Trail): void {
    if (trail.seen.has(node)) return;
    trail.seen.add(node);
    const literals = literalsOf(this.#checker.getTypeAtLocation(node));
    if (literals !== undefined) {
      for (const text of literals) trail.texts.add(text);
      return;
    }
    const parts = alternatives(node);
    if (parts !== undefined) {
      for (const part of parts) this.#follow(part, trail);
      return;
    }
    if (ts.isCallExpression(node)) this.#returned(node, trail);
    else if (ts.isIdentifier(node)) this.#named(node, this.#checker.getSymbolAtLocation(node), trail);
    else if (ts.isElementAccessExpression(node)) this.#looked(node, this.#tableOf(node.expression), trail);
    else if (ts.isPropertyAccessExpression(node)) this.#property(node, trail);
    else if (ts.isTemplateExpression(node)) this.#composed(node, trail);
    else trail.dark.add(node);
  }

  #named(node: ts.Expression, symbol: ts.Symbol | undefined, trail: Trail): void {
    const declarations = symbol?.declarations ?? [];
    if (declarations.length === 0) trail.dark.add(node);
    for (const declaration of declarations) {
      if (trail.seen.has(declaration)) continue;
      trail.seen.add(declaration);
      this.#declared(node, declaration, trail);
    }
  }

  #declared(node: ts.Expression, declaration: ts.Declaration, trail: Trail): void {
    if (ts.isVariableDeclaration(declaration) && declaration.initializer !== undefined) {
      this.#follow(declaration.initializer, trail);
    } else if (ts.isParameter(declaration)) this.#given(declaration, node, trail);
    else if (ts.isBindingElement(declaration)) this.#unpacked(declaration, node, trail);
    else if (isProperty(declaration)) this.#written(declaration, node, trail);
    else trail.dark.add(node);
  }

  /** What the callers of a function hand it. */
  #given(parameter: ts.ParameterDeclaration, node: ts.Expression, trail: Trail): void {
    const takes = parameter.parent;
    const index = takes.parameters.indexOf(parameter);
    const calls = this.#calls.filter(
      (call) => this.#checker.getResolvedSignature(call)?.declaration === takes,
    );
    if (calls.length === 0) trail.dark.add(node);
    for (const call of calls) {
      const argument = call.arguments[index];
      if (argument !== undefined) this.#follow(argument, trail);
    }
  }

  /** `const { name } = …` and `({ name }) => …` read the property of that name. */
  #unpacked(element: ts.BindingElement, node: ts.Expression, trail: Trail): void {
    const holder = this.#checker.getTypeAtLocation(element.parent);
    const name = element.propertyName ?? element.name;
    const property = ts.isIdentifier(name) ? holder.getProperty(name.text) : undefined;
    if (element.initializer !== undefined) this.#follow(element.initializer, trail);
    this.#named(node, property, trail);
  }

  /** What the objects of a type are made with, for one property of it. */
  #written(property: Property, node: ts.Expression, trail: Trail): void {
    const name = property.name.getText();
    const takenIn = property.getSourceFile().fileName.includes("/node_modules/zod/")
      ? carried[name]
      : undefined;
    if (takenIn !== undefined) {
      this.#carried(takenIn, trail);
      return;
    }
    if (property.getSourceFile().fileName.includes("/node_modules/")) {
      trail.dark.add(node);
      return;
    }
    for (const object of this.#objects) {
      for (const member of object.properties) {
        const brings = ts.isSpreadAssignment(member) || member.name.getText() === name;
        if (brings && this.#isFor(object, member, property, name)) this.#brought(member, name, trail);
      }
    }
  }

  /** What one member of an object says for the property. */
  #brought(member: ts.ObjectLiteralElementLike, name: string, trail: Trail): void {
    if (ts.isPropertyAssignment(member)) this.#follow(member.initializer, trail);
    else if (ts.isShorthandPropertyAssignment(member)) {
      this.#named(member.name, this.#checker.getShorthandAssignmentValueSymbol(member), trail);
    } else if (ts.isSpreadAssignment(member)) {
      for (const part of partsOf(this.#checker.getTypeAtLocation(member.expression))) {
        const symbol = part.getProperty(name);
        if (symbol !== undefined) this.#named(member.expression, symbol, trail);
      }
    } else trail.dark.add(member);
  }

  #isFor(
    object: ts.ObjectLiteralExpression,
    member: ts.ObjectLiteralElementLike,
    property: ts.Declaration,
    name: string,
  ): boolean {
    if (member === property) return this.#isText(member);
    const wanted = this.#checker.getContextualType(object);
    // Without a wanted type, the object may be handed on to any that has the property.
    if (wanted === undefined) return ts.isSpreadAssignment(member) || this.#isText(member);
    return partsOf(wanted).some((part) => part.getProperty(name)?.declarations?.includes(property) === true);
  }

  #isText(member: ts.ObjectLiteralElementLike): boolean {
    return (this.#checker.getTypeAtLocation(member).flags & ts.TypeFlags.StringLike) !== 0;
  }

  #carried(takers: Carrier, trail: Trail): void {
    for (const call of this.#calls) {
      const { expression } = call;
      if (!ts.isPropertyAccessExpression(expression) || !takers.by.includes(expression.name.text)) continue;
      if (!takers.in.test(call.getSourceFile().fileName)) continue;
      for (const argument of call.arguments) {
        if (ts.isStringLiteralLike(argument)) trail.texts.add(argument.text);
        else if (ts.isObjectLiteralExpression(argument)) {
          for (const member of argument.properties) {
            if (ts.isPropertyAssignment(member) && member.name.getText() === "error") {
              this.#follow(member.initializer, trail);
            }
          }
        }
      }
    }
  }

  /** What a function of ours can answer. */
  #returned(call: ts.CallExpression, trail: Trail): void {
    const made = this.#checker.getResolvedSignature(call)?.declaration;
    const body = made !== undefined && "body" in made ? made.body : undefined;
    if (body === undefined) {
      trail.dark.add(call);
      return;
    }
    if (!ts.isBlock(body)) {
      this.#follow(body, trail);
      return;
    }
    const visit = (node: ts.Node): void => {
      if (ts.isFunctionLike(node)) return;
      if (ts.isReturnStatement(node) && node.expression !== undefined) this.#follow(node.expression, trail);
      ts.forEachChild(node, visit);
    };
    ts.forEachChild(body, visit);
  }

  #property(node: ts.PropertyAccessExpression, trail: Trail): void {
    const row = this.#tableOf(node.expression)?.filter((each) => each.name.getText() === node.name.text);
    if (row !== undefined) this.#looked(node, row, trail);
    else this.#named(node, this.#checker.getSymbolAtLocation(node.name), trail);
  }

  /** Every text of a table that is looked up in. */
  #looked(node: ts.Expression, rows: readonly ts.PropertyAssignment[] | undefined, trail: Trail): void {
    if (rows === undefined || rows.length === 0) trail.dark.add(node);
    for (const { initializer } of rows ?? []) this.#follow(initializer, trail);
  }

  /** The members of an object that is written out, or of the objects within it. */
  #tableOf(table: ts.Expression): readonly ts.PropertyAssignment[] | undefined {
    if (ts.isElementAccessExpression(table)) {
      return this.#tableOf(table.expression)?.flatMap((row) => this.#tableOf(row.initializer) ?? []);
    }
    if (ts.isAsExpression(table) || ts.isSatisfiesExpression(table)) return this.#tableOf(table.expression);
    if (ts.isObjectLiteralExpression(table)) {
      const { properties } = table;
      return properties.every(ts.isPropertyAssignment)
        ? properties.filter(ts.isPropertyAssignment)
        : undefined;
    }
    const declaration = ts.isIdentifier(table)
      ? this.#checker.getSymbolAtLocation(table)?.valueDeclaration
      : undefined;
    return declaration !== undefined && ts.isVariableDeclaration(declaration) && declaration.initializer
      ? this.#tableOf(declaration.initializer)
      : undefined;
  }

  /** A sentence with sentences in it: every one that can come about. */
  #composed(node: ts.TemplateExpression, trail: Trail): void {
    let made = [node.head.text];
    let isWhole = true;
    for (const { expression, literal } of node.templateSpans) {
      const inner = this.of(expression);
      for (const dark of inner.dark) trail.dark.add(dark);
      if (inner.dark.size > 0) isWhole = false;
      made = made.flatMap((start) => [...inner.texts].map((text) => `${start}${text}${literal.text}`));
    }
    if (isWhole) for (const text of made) trail.texts.add(text);
  }
}

type Property = ts.PropertySignature | ts.PropertyAssignment | ts.ShorthandPropertyAssignment;

const isProperty = (declaration: ts.Declaration): declaration is Property =>
  ts.isPropertySignature(declaration) ||
  ts.isPropertyAssignment(declaration) ||
  ts.isShorthandPropertyAssignment(declaration);

const partsOf = (type: ts.Type): readonly ts.Type[] => (type.isUnion() ? type.types : [type]);

/** The literals that a type consists of, if it consists of nothing else. */
const literalsOf = (type: ts.Type): readonly string[] | undefined => {
  const parts = partsOf(type);
  const texts = parts.flatMap((part) => (part.isStringLiteral() ? [part.value] : []));
  return texts.length === parts.length ? texts : undefined;
};

/** The expressions that this one chooses from, or stands around. */
const alternatives = (node: ts.Expression): readonly ts.Expression[] | undefined => {
  if (ts.isConditionalExpression(node)) return [node.whenTrue, node.whenFalse];
  if (ts.isBinaryExpression(node)) {
    const { kind } = node.operatorToken;
    const chooses = kind === ts.SyntaxKind.QuestionQuestionToken || kind === ts.SyntaxKind.BarBarToken;
    return chooses ? [node.left, node.right] : undefined;
  }
  const stands =
    ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node);
  return stands ? [node.expression] : undefined;
};
