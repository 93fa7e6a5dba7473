/**
 * A value as JSON, laid out as `JSON.stringify` does. The first slash of a variable's default is written as an escape,
 * which every reader takes for the slash: VS Code warns of each variable of `.mcp.json` that it does not know, and
 * looks for it as it is spelt after decoding.
 */
export const jsonText = (value: unknown, unit?: string): string =>
  JSON.stringify(value, undefined, unit).replaceAll(/\$\{[^{}"]*\}/g, (variable) =>
    variable.replace("/", "\\/"),
  );
