import type { StartCommand } from "../config/command/bridgeCommand.ts";
import { edits, eolOf, foundBy, lineEndFor, type ClientFormat } from "./format.ts";

interface Line {
  readonly text: string;
  readonly start: number;
  /** Behind its line ending. */
  readonly end: number;
}

interface Item {
  readonly lines: readonly Line[];
  readonly fields: ReadonlyMap<string, string>;
  readonly args: readonly string[] | undefined;
}

/** Where the servers stand: nowhere yet, or as a list that is written over several lines. */
type List =
  | { readonly kind: "none" }
  | { readonly kind: "empty"; readonly line: Line; readonly value: number }
  | { readonly kind: "items"; readonly items: readonly Item[]; readonly indent: string; readonly key: Line };

const linesOf = (text: string): readonly Line[] =>
  Array.from(text.matchAll(/[^\n]*\n|[^\n]+$/g), ({ 0: whole, index }) => ({
    text: whole.replace(/\r?\n$/, ""),
    start: index,
    end: index + whole.length,
  }));

const isBlank = (line: string): boolean => /^\s*(?:#.*)?$/.test(line);
const indentOf = (line: string): string => /^ */.exec(line)?.[0] ?? "";

/** undefined where the file is laid out in another way than people write such files. */
const listIn = (text: string): List | undefined => {
  const lines = linesOf(text);
  const ink = lines.filter((line) => !isBlank(line.text) && line.text !== "---");
  const isMapping = ink.every(({ text: each }) => /^[ -]|^[\w"'][^{}[\]]*?["']?:(?:\s|$)/.test(each));
  if (!isMapping || lines.slice(1).some((line) => line.text === "---") || text.includes("\t"))
    return undefined;
  const keys = lines.filter((line) => /^(["']?)mcpServers\1 *:/.test(line.text));
  const [key] = keys;
  if (key === undefined) return { kind: "none" };
  const value = key.text.slice(key.text.indexOf(":") + 1).replace(/(?:^|\s)#.*$/, "");
  if (keys.length > 1 || !/^\s*(?:\[\s*\])?\s*$/.test(value)) return undefined;
  const empty = value.trim();
  if (empty !== "") return { kind: "empty", line: key, value: key.start + key.text.indexOf("[") };
  return itemsBelow(lines.slice(lines.indexOf(key) + 1), key);
};

const itemsBelow = (lines: readonly Line[], key: Line): List | undefined => {
  const outside = lines.findIndex(({ text }) => !isBlank(text) && /^[^ -]/.test(text));
  const below = outside < 0 ? lines : lines.slice(0, outside);
  const first = below.find(({ text }) => !isBlank(text));
  if (first === undefined) return { kind: "items", items: [], indent: "  ", key };
  const indent = indentOf(first.text);
  if (!isDash(first.text, indent)) return undefined;
  const groups: Line[][] = [];
  for (const line of below.slice(below.indexOf(first))) {
    if (isDash(line.text, indent)) groups.push([line]);
    else if (isBlank(line.text) || line.text.startsWith(`${indent} `)) groups.at(-1)?.push(line);
    else return undefined;
  }
  return { kind: "items", items: groups.map((group) => itemOf(trimmed(group))), indent, key };
};

const isDash = (line: string, indent: string): boolean =>
  /^-(?: |$)/.test(line.slice(indent.length)) && line.startsWith(indent);

/** Comments and blank lines behind an item belong to what follows. */
const trimmed = (lines: readonly Line[]): readonly Line[] =>
  lines.slice(0, lines.findLastIndex(({ text }) => !isBlank(text)) + 1);

const itemOf = (lines: readonly Line[]): Item => {
  const inner = lines.map(({ text }, index) => (index === 0 ? text.replace("-", " ") : text));
  const column = indentOf(inner.find((line) => !isBlank(line)) ?? "").length;
  const fields = new Map<string, string>();
  const args: (string | undefined)[] = [];
  let field = "";
  for (const line of inner.filter((each) => !isBlank(each))) {
    const own = line.slice(column);
    const [, name, value = ""] = /^(\w+): *(.*)$/.exec(own) ?? [];
    if (indentOf(line).length === column && name !== undefined) {
      field = name;
      fields.set(name, scalarOf(value) ?? "");
      if (name === "args" && value !== "") args.push(...flowOf(value));
    } else if (field === "args") args.push(scalarOf(/^ *- +(.*)$/.exec(own)?.[1] ?? "|"));
  }
  const known = args.filter((each) => each !== undefined);
  return { lines, fields, args: known.length === args.length ? known : undefined };
};

/** The text of a scalar on one line; undefined for one that goes on, or is of another kind. */
const scalarOf = (written: string): string | undefined => {
  const value = written.trim();
  if (/^'(?:[^']|'')*'$/.test(value)) return value.slice(1, -1).replaceAll("''", "'");
  if (value.startsWith('"')) {
    try {
      const read: unknown = JSON.parse(value);
      return typeof read === "string" ? read : undefined;
    } catch {
      return undefined;
    }
  }
  return /^[|>&*!%@`{[]/.test(value) ? undefined : value.replace(/\s+#.*$/, "");
};

const flowOf = (written: string): readonly (string | undefined)[] => {
  const [, inner] = /^\[(.*)\]\s*$/.exec(written) ?? [];
  if (inner === undefined) return [undefined];
  const items = inner.match(/"(?:\\.|[^"\\])*"|'(?:[^']|'')*'|[^,\s][^,]*/g) ?? [];
  return items.map(scalarOf);
};

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const written = (name: string, { command, args }: StartCommand, indent: string, eol: string): string =>
  [
    `${indent}- name: ${quoted(name)}`,
    `${indent}  command: ${quoted(command)}`,
    `${indent}  args:`,
    ...args.map((each) => `${indent}    - ${quoted(each)}`),
    "",
  ].join(eol);

/** What Continue wants of a file that it is to read at all. */
const head = ["name: Local", "version: 1.0.0", "schema: v1", ""].join("\n");

const itemsNamed = (list: List, name: string): readonly Item[] =>
  list.kind === "items" ? list.items.filter(({ fields }) => fields.get("name") === name) : [];

/** Continue's `config.yaml`: a list of servers with their names. */
export const yamlFormat: ClientFormat = {
  find: (text, name) => {
    const list = listIn(text);
    if (list === undefined) return "unclear";
    const [item] = itemsNamed(list, name);
    if (item === undefined) return "absent";
    const command = item.fields.get("command");
    return foundBy(
      command === undefined || item.args === undefined ? undefined : { command, args: item.args },
      name,
    );
  },
  add: (text, name, entry) => {
    const list = listIn(text);
    if (list === undefined) return { kind: "unclear" };
    if (itemsNamed(list, name).length > 0) return { kind: "there" };
    const eol = eolOf(text);
    if (list.kind === "none") {
      const start = text.trim() === "" ? head : lineEndFor(text);
      const content = `${start}mcpServers:${eol}${written(name, entry, "  ", eol)}`;
      return edits({ offset: text.length, length: 0, content });
    }
    if (list.kind === "empty") {
      const content = `${eol}${written(name, entry, "  ", eol)}`;
      const length = text.indexOf("]", list.value) + 1 - list.value;
      const rest = /^[^\n]*\r?\n?/.exec(text.slice(list.value + length))?.[0] ?? "";
      return rest.trim() === ""
        ? edits({ offset: list.value, length: length + rest.length, content })
        : { kind: "unclear" };
    }
    const last = list.items.at(-1)?.lines.at(-1) ?? list.key;
    const gap = last.end === text.length ? lineEndFor(text) : "";
    return edits({ offset: last.end, length: 0, content: `${gap}${written(name, entry, list.indent, eol)}` });
  },
  remove: (text, name) => {
    const list = listIn(text);
    if (list === undefined) return { kind: "unclear" };
    const found = itemsNamed(list, name);
    if (list.kind !== "items" || found.length === 0) return { kind: "absent" };
    const all = found.length === list.items.length;
    const parts = all
      ? [list.key, ...found.flatMap(({ lines }) => lines)]
      : found.flatMap(({ lines }) => lines);
    return edits(...parts.map(({ start, end }) => ({ offset: start, length: end - start, content: "" })));
  },
};
