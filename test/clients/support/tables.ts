import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { inRoot } from "../../../scripts/support/paths.ts";

/** Where the tests leave what is printed once all are done. */
export const tableFolder = inRoot("artifacts/clients");

const line = z.object({ measured: z.string(), closed: z.boolean(), how: z.string() });
const tableSchema = z.object({ title: z.string(), lines: z.array(line) });

/** What was measured with one version: whether nothing went out without a credential, and by what that is so. */
export type Table = z.infer<typeof tableSchema>;

export const leaveTable = (name: string, table: Table): Promise<void> =>
  writeFile(join(tableFolder, `${name}.json`), JSON.stringify(table));

/** All that were left, as Markdown. */
export const readTables = async (): Promise<string> => {
  const names = (await readdir(tableFolder).catch(() => [])).toSorted();
  const tables = names.map(async (name) => inMarkdown(await readTable(name)));
  return (await Promise.all(tables)).join("\n\n");
};

const readTable = async (name: string): Promise<Table> =>
  tableSchema.parse(JSON.parse(await readFile(join(tableFolder, name), "utf8")));

const inMarkdown = ({ title, lines }: Table): string => {
  const cells = lines.map(({ measured, closed, how }) => [measured, closed ? "yes" : "NO", how] as const);
  const rows = [["measured", "closed", "how"] as const, ["---", "---", "---"] as const, ...cells];
  return [title, "", ...rows.map((row) => `| ${row.join(" | ")} |`)].join("\n");
};
