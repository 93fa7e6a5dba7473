import { readFile, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, loadavg } from "node:os";
import { format, resolveConfig } from "prettier";
import { inRoot } from "../scripts/support/paths.ts";
import type { Measurement, BenchRow } from "./row.ts";

export interface Result extends Pick<BenchRow, "name" | "against" | "reach"> {
  readonly key: string;
  readonly outcome: Measurement;
}

/** The machine, without its name. The load, asked for before anything is measured, tells whether others use it. */
export const machine = (): string => {
  const model = cpus()[0]?.model.trim() ?? "unknown CPU";
  const [, fiveMinutes = 0] = loadavg();
  const system = process.platform === "linux" ? "Linux" : process.platform;
  return `${availableParallelism()} vCPU (${model}), ${system} ${process.arch}, Node ${process.versions.node}, load ${fiveMinutes.toFixed(1)} over the five minutes before`;
};

/** One line a row, in Markdown. */
export const markdownTable = (results: readonly Result[]): string =>
  [
    "| what | against | reach | measured | runs | |",
    "| --- | --- | --- | --- | --- | --- |",
    ...results.map(
      ({ name, against, reach, outcome: { measured, runs, isMet } }) =>
        `| ${name} | ${against} | ${reach} | ${measured} | ${runs} | ${isMet ? "met" : "**missed**"} |`,
    ),
  ].join("\n");

const page = inRoot("docs/performance.md");
const between = /(<!-- bench -->\n)[^]*?(\n<!-- end of bench -->)/;

/** Puts the table between the markers of docs/performance.md. @throws when they are not there. */
export const writeIntoDocs = async (about: string, results: readonly Result[]): Promise<void> => {
  const text = await readFile(page, "utf8");
  if (!between.test(text)) throw new Error("docs/performance.md lacks the markers of the table.");
  const filled = text.replace(
    between,
    (_, start: string, end: string) => `${start}\n${about}.\n\n${markdownTable(results)}\n${end}`,
  );
  await writeFile(page, await format(filled, { ...(await resolveConfig(page)), filepath: page }));
};
