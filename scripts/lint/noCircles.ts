import { dirname, relative, resolve } from "node:path";
import type { Rule } from "eslint";
import { circleFrom } from "./imports.ts";

/** Whatever names a file to import from. */
interface Importing {
  readonly source?: { readonly value?: unknown } | null;
}

/** No import leads back to its own file, not even by way of types: two files that need each other are one, or three. */
export const noCircles: Rule.RuleModule = {
  meta: { type: "problem", schema: [], messages: { circle: "This import closes a circle: {{way}}." } },
  create: (context) => {
    const look = (node: Rule.Node): void => {
      const specifier = (node as Importing).source?.value;
      if (typeof specifier !== "string" || !specifier.startsWith(".")) return;
      const way = circleFrom(context.filename, resolve(dirname(context.filename), specifier));
      if (way === undefined) return;
      const names = way.map((file) => relative(context.cwd, file).replaceAll("\\", "/"));
      context.report({ node, messageId: "circle", data: { way: names.join(" → ") } });
    };
    return {
      ImportDeclaration: look,
      ExportNamedDeclaration: look,
      ExportAllDeclaration: look,
      ImportExpression: look,
      TSImportType: look,
    };
  },
};
