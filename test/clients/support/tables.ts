import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { inRoot } from "../../../scripts/support/paths.ts";
import { columns, type Column } from "./others/driver.ts";

/** Where the tests leave what is printed once all are done. */
export const tableFolder = inRoot("artifacts/clients");

/** Where the tests in the real editor leave what they saw its own MCP client do: they run by themselves. */
export const editorFolder = inRoot("artifacts/clients-editor");

const line = z.object({ measured: z.string(), closed: z.boolean(), how: z.string() });
const tableSchema = z.object({ title: z.string(), lines: z.array(line) });

/** What was measured with one version: whether nothing went out without a credential, and by what that is so. */
export type Table = z.infer<typeof tableSchema>;

export const leaveTable = (name: string, table: Table): Promise<void> =>
  writeFile(join(tableFolder, `${name}.json`), JSON.stringify(table));

const cellsSchema = z.record(z.string(), z.string());

/** What was measured with one client, by column; several tests may measure parts of a row. */
export const leaveCells = async (
  client: string,
  part: string,
  cells: Readonly<Partial<Record<Column, string>>>,
  folder = tableFolder,
): Promise<void> => {
  const name = `${rowMark}${client} · ${part}.json`;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), JSON.stringify(cells));
};

const rowMark = "row-";

/** All that were left, as Markdown; the editor's row stands last, and says who fills it where nobody has. */
export const readTables = async (folder = tableFolder, editor = editorFolder): Promise<string> => {
  const [names, seen] = await Promise.all([namesIn(folder), namesIn(editor)]);
  const isRow = (name: string): boolean => name.startsWith(rowMark);
  const tables = names
    .filter((name) => !isRow(name))
    .map(async (name) => inMarkdown(await readTable(join(folder, name))));
  const rows = await readRows(folder, names.filter(isRow));
  const ofEditor = await readRows(editor, seen.filter(isRow));
  const all = new Map([...rows, ...(ofEditor.size === 0 ? unseenEditor : ofEditor)]);
  return [...(await Promise.all(tables)), ...(rows.size === 0 ? [] : [rowsInMarkdown(all)])].join("\n\n");
};

const namesIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder).catch(() => [])).toSorted();

type Rows = ReadonlyMap<string, Readonly<Record<string, string>>>;

const unseenEditor: Rows = new Map([["VS Code (seen by `npm run test:editor`)", {}]]);

const readRows = async (folder: string, names: readonly string[]): Promise<Rows> => {
  const rows = new Map<string, Readonly<Record<string, string>>>();
  for (const name of names) {
    const [client = ""] = name.slice(rowMark.length).split(" · ");
    const cells = cellsSchema.parse(JSON.parse(await readFile(join(folder, name), "utf8")));
    rows.set(client, { ...rows.get(client), ...cells });
  }
  return rows;
};

const rowsInMarkdown = (rows: Rows): string => {
  const cells = [...rows].map(([client, row]) => [client, ...columns.map((column) => row[column] ?? "–")]);
  const all = [["client", ...columns], ["---", ...columns.map(() => "---")], ...cells];
  return ["Through lanyard bridge", "", ...all.map((row) => `| ${row.join(" | ")} |`)].join("\n");
};

const readTable = async (path: string): Promise<Table> =>
  tableSchema.parse(JSON.parse(await readFile(path, "utf8")));

const inMarkdown = ({ title, lines }: Table): string => {
  const cells = lines.map(({ measured, closed, how }) => [measured, closed ? "yes" : "NO", how] as const);
  const rows = [["measured", "closed", "how"] as const, ["---", "---", "---"] as const, ...cells];
  return [title, "", ...rows.map((row) => `| ${row.join(" | ")} |`)].join("\n");
};
