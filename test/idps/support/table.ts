import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { inRoot } from "../../../scripts/support/paths.ts";

/** What was seen, feature by feature, at one identity provider. */
const sightings = z.object({ name: z.string(), seen: z.record(z.string(), z.string()) });

const folder = inRoot("artifacts/idps");
const answersFolder = inRoot("artifacts/idps-answers");

export const clearSightings = async (): Promise<void> => {
  for (const each of [folder, answersFolder]) {
    await rm(each, { recursive: true, force: true });
    await mkdir(each, { recursive: true });
  }
};

/** One question to a vault, what came over the wire, and what the person reads. */
const answered = z.object({ row: z.string(), answer: z.string(), seen: z.string() });
export type Answered = z.infer<typeof answered>;

const answersOf = z.object({ title: z.string(), answers: z.array(answered) });

/** @param title what asked whom, such as "Keycloak as a vault" */
export const keepAnswers = async (title: string, answers: readonly Answered[]): Promise<void> =>
  writeFile(join(answersFolder, `${fileName(title)}.json`), JSON.stringify({ title, answers }));

/** What the vaults answered, row by row, as text; empty where none was asked. */
export const answersTables = async (): Promise<string> => {
  const files = await readdir(answersFolder).catch(() => []);
  const tables = files.sort().map(async (file) => {
    const text = await readFile(join(answersFolder, file), "utf8");
    const { title, answers } = answersOf.parse(JSON.parse(text));
    const cells = answers.map(({ row, answer, seen }) => [row, answer, seen]);
    return inColumns([[title, "answers", "the person sees"], ...cells]);
  });
  return (await Promise.all(tables)).join("\n\n");
};

const fileName = (title: string): string => title.replaceAll(/\W+/g, "-");

export const keepSightings = async (name: string, seen: ReadonlyMap<string, string>): Promise<void> => {
  const text = JSON.stringify({ name, seen: Object.fromEntries(seen) });
  await writeFile(join(folder, `${fileName(name)}.json`), text);
};

/** Feature by provider, as text; empty where nothing was seen. */
export const sightingsTable = async (): Promise<string> => {
  const files = await readdir(folder).catch(() => []);
  const all = await Promise.all(
    files.sort().map(async (file) => sightings.parse(JSON.parse(await readFile(join(folder, file), "utf8")))),
  );
  if (all.length === 0) return "";
  const features = [...new Set(all.flatMap(({ seen }) => Object.keys(seen)))];
  const rows = [
    ["", ...all.map(({ name }) => name)],
    ...features.map((feature) => [feature, ...all.map(({ seen }) => seen[feature] ?? "–")]),
  ];
  return inColumns(rows);
};

const inColumns = (rows: readonly (readonly string[])[]): string => {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
};
