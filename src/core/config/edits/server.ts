import { parseTree, type Node, type ParseError } from "jsonc-parser";
import { propertiesOf, propertyOf, type Property } from "./members.ts";

/** A server of `mcpServers` as it stands in a text. */
export interface ServerAt {
  readonly name: string;
  readonly property: Property;
  /** The object with its settings. */
  readonly entry: Node;
  /** The `mcpServers` object it is in. */
  readonly servers: Node;
}

/**
 * The text as a tree, comments and trailing commas allowed; undefined when it is not JSON even so, or is nested too
 * deeply to be read.
 */
export const treeOf = (text: string): Node | undefined => {
  const errors: ParseError[] = [];
  try {
    const root = parseTree(text, errors, { allowTrailingComma: true });
    return errors.length === 0 ? root : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};

/** Every server of the file: those of `mcpServers`, and of `projects[folder].mcpServers` in the user's own file. */
export const serversIn = (root: Node): readonly ServerAt[] => {
  const projects = propertyOf(root, "projects");
  const folders = projects === undefined ? [] : propertiesOf(projects.value).map(({ value }) => value);
  return [root, ...folders].flatMap(serversOf);
};

const serversOf = (holder: Node): readonly ServerAt[] => {
  const servers = propertyOf(holder, "mcpServers")?.value;
  if (servers === undefined) return [];
  return propertiesOf(servers).map((property) => ({
    name: property.name,
    property,
    entry: property.value,
    servers,
  }));
};

/** The server in whose name or settings `offset` is. */
export const serverAt = (root: Node, offset: number): ServerAt | undefined =>
  serversIn(root).find(
    ({ property: { node } }) => node.offset <= offset && offset <= node.offset + node.length,
  );

/** The text of a string member, if there is one. */
export const stringOf = (entry: Node, name: string): string | undefined => {
  const value: unknown = propertyOf(entry, name)?.value.value;
  return typeof value === "string" ? value : undefined;
};
