import type { Filter } from "./filter.ts";
import { groupOf, groupsInOrder, type Grouping } from "./grouping.ts";
import { nodeIdOf, type Node, type Group } from "./nodes.ts";

/** The rows as they are shown. A row that is as it was is the same object as before. */
export interface RowModel {
  readonly nodes: ReadonlyMap<string, Node>;
  /** The ids under a group's id, in order; under `top`, those that nothing is above. */
  readonly children: ReadonlyMap<string, readonly string[]>;
  /** How many connectors there are, and how many of them show. */
  readonly total: number;
  readonly shown: number;
}

/** No row's id. */
export const top = "";

export const noRows: RowModel = { nodes: new Map(), children: new Map(), total: 0, shown: 0 };

/** How the person wants to see the rows. */
export interface Arrangement {
  readonly grouping: Grouping;
  readonly filter?: Filter | undefined;
}

/** Filters and groups. `before` is what was shown until then. */
export const rowModelOf = (
  all: readonly Node[],
  { grouping, filter }: Arrangement,
  before: RowModel = noRows,
): RowModel => {
  const shown = filter === undefined ? all : all.filter(filter);
  const { above, groups, below } = sorted(shown, grouping);
  const nodes = new Map<string, Node>();
  const children = new Map<string, readonly string[]>();
  const addRow = (node: Node): string => {
    const id = nodeIdOf(node);
    const old = before.nodes.get(id);
    nodes.set(id, old !== undefined && isSame(old, node) ? old : node);
    return id;
  };
  const addGroup = ({ group, members }: Members): string => {
    const id = addRow({ kind: "group", group, size: members.filter(isConnector).length });
    children.set(
      id,
      members.map((member) => addRow(under(group, member))),
    );
    return id;
  };
  children.set(top, [...above.map(addRow), ...groups.map(addGroup), ...below.map(addRow)]);
  return { nodes, children, total: all.filter(isConnector).length, shown: shown.filter(isConnector).length };
};

/** What the editor has to ask for anew: every row, or those that are named, with all that is under them. */
export type Redraw = { readonly kind: "all" } | { readonly kind: "some"; readonly ids: readonly string[] };

/** What of a forest has to be drawn, after it was drawn as `before`. */
export const redrawOf = (before: RowModel, after: RowModel): Redraw => {
  if (!isSameList(before.children.get(top), after.children.get(top))) return { kind: "all" };
  const ids: string[] = [];
  for (const [parent, members] of after.children) {
    if (parent !== top && !isSameList(before.children.get(parent), members)) ids.push(parent);
    else ids.push(...members.filter((id) => before.nodes.get(id) !== after.nodes.get(id)));
  }
  return { kind: "some", ids: [...new Set(ids)] };
};

interface Members {
  readonly group: Group;
  readonly members: readonly Node[];
}

/** Rows without a group stay on the side of the groups on which they stood. */
const sorted = (
  nodes: readonly Node[],
  grouping: Grouping,
): {
  readonly above: readonly Node[];
  readonly groups: readonly Members[];
  readonly below: readonly Node[];
} => {
  const above: Node[] = [];
  const below: Node[] = [];
  const groups = new Map<string, { readonly group: Group; readonly members: Node[] }>();
  for (const node of nodes) {
    const group = groupOf(node, grouping);
    if (group === undefined) (node.kind === "file" ? below : above).push(node);
    else {
      const key = JSON.stringify(group);
      const known = groups.get(key);
      if (known === undefined) groups.set(key, { group, members: [node] });
      else known.members.push(node);
    }
  }
  const order = groupsInOrder([...groups.values()].map(({ group }) => group));
  return { above, groups: order.flatMap((group) => groups.get(JSON.stringify(group)) ?? []), below };
};

/** The row over them names the folder already. */
const under = (group: Group, node: Node): Node => {
  if (group.kind !== "folder" || !("folder" in node)) return node;
  const { folder: _, ...rest } = node;
  return rest;
};

const isConnector = ({ kind }: Node): boolean => kind === "connector" || kind === "broken";

/** Reading the files anew makes every entry anew; only what it says counts. */
const isSame = (a: Node, b: Node): boolean => {
  if (a.kind === "connector" && b.kind === "connector" && a.entry === b.entry)
    return a.act === b.act && a.folder === b.folder;
  return JSON.stringify(a) === JSON.stringify(b);
};

const isSameList = (a: readonly string[] | undefined, b: readonly string[] | undefined): boolean =>
  a !== undefined && b !== undefined && a.length === b.length && a.every((id, index) => id === b[index]);
