/**
 * Measures Lanyard: `npm run bench`. `--only KEY` picks families of rows (may be repeated), `--write` puts the table into
 * docs/performance.md. JSON goes to bench/results/.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { inRoot } from "../scripts/support/paths.ts";
import { machine, markdownTable, writeIntoDocs, type Result } from "./report.ts";
import { families } from "./rows/all.ts";

const { values } = parseArgs({
  options: { only: { type: "string", multiple: true }, write: { type: "boolean", default: false } },
});
const wanted = values.only;
const unknown = wanted?.filter((key) => !families.some((family) => family.key === key)) ?? [];
if (unknown.length > 0) {
  console.error(
    `There is no ${unknown.join(", ")}. There are: ${families.map(({ key }) => key).join(", ")}.`,
  );
  process.exit(2);
}

const about = machine();
const results: Result[] = [];
for (const { key, rows } of families) {
  if (wanted !== undefined && !wanted.includes(key)) continue;
  for (const row of rows) {
    const { name, against, reach } = row;
    console.error(`${key}: ${name}`);
    const result: Result = { key, name, against, reach, outcome: await row.measure() };
    console.error(`  ${result.outcome.measured}`);
    results.push(result);
  }
}
const text = markdownTable(results);
console.log(`${about}\n\n${text}`);
await mkdir(inRoot("bench/results"), { recursive: true });
const file = inRoot("bench/results", `${new Date().toISOString().replaceAll(":", "-")}.json`);
await writeFile(file, `${JSON.stringify({ machine: about, results }, undefined, 2)}\n`);
if (values.write) await writeIntoDocs(about, results);
