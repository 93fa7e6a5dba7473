import { parseTree, type Node } from "jsonc-parser";

const longestText = 1_000_000;

/**
 * The names of the servers that an `mcp.json` of the editor defines, in lower case. With comments, with trailing commas
 * and in the middle of an edit too: what can be read of it counts. A text beyond all measure names none.
 */
export const namesIn = (text: string): ReadonlySet<string> =>
  new Set(membersOf(valueAt(treeOf(text), "servers")).map((name) => name.toLowerCase()));

const treeOf = (text: string): Node | undefined => {
  if (text.length > longestText) return undefined;
  try {
    return parseTree(text, [], { allowTrailingComma: true });
  } catch (error) {
    // Nested deeper than the stack.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};

const valueAt = (node: Node | undefined, wanted: string): Node | undefined =>
  propertiesOf(node).findLast(({ children: [key] = [] }) => key?.value === wanted)?.children?.[1];

const membersOf = (node: Node | undefined): readonly string[] =>
  propertiesOf(node).flatMap(({ children: [key, value] = [] }) => {
    const name: unknown = key?.value;
    return typeof name === "string" && value?.type === "object" ? [name] : [];
  });

const propertiesOf = (node: Node | undefined): readonly Node[] =>
  node?.type === "object" ? (node.children ?? []) : [];
