/** What nobody overlooks in a long log. */
export const boxed = (what: string, lines: readonly string[]): string => {
  const rule = "!".repeat(100);
  return ["", rule, `!! ${what}:`, ...lines.map((line) => `!!   ${line}`), rule, ""].join("\n");
};
