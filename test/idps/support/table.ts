import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { inRoot } from "../../../scripts/support/paths.ts";

/** What was seen, feature by feature, at one identity provider. */
const sightings = z.object({ name: z.string(), seen: z.record(z.string(), z.string()) });

const folder = inRoot("artifacts/idps");

export const clearSightings = async (): Promise<void> => {
  await rm(folder, { recursive: true, force: true });
  await rm(answersFile, { force: true });
  await mkdir(folder, { recursive: true });
};

/** One question to a vault, what came over the wire, and what the person reads. */
const answered = z.object({ row: z.string(), answer: z.string(), seen: z.string() });
export type Answered = z.infer<typeof answered>;

const answersFile = inRoot("artifacts/idps-answers.json");

export const keepAnswers = (answers: readonly Answered[]): Promise<void> =>
  writeFile(answersFile, JSON.stringify(answers));

/** What a vault answered, row by row, as text; empty where none was asked. */
export const answersTable = async (): Promise<string> => {
  const text = await readFile(answersFile, "utf8").catch(() => "[]");
  const rows = z.array(answered).parse(JSON.parse(text));
  if (rows.length === 0) return "";
  const cells = rows.map(({ row, answer, seen }) => [row, answer, seen]);
  return inColumns([["Keycloak as a vault", "answers", "the person sees"], ...cells]);
};

export const keepSightings = async (name: string, seen: ReadonlyMap<string, string>): Promise<void> => {
  const text = JSON.stringify({ name, seen: Object.fromEntries(seen) });
  await writeFile(join(folder, `${name.replaceAll(/\W+/g, "-")}.json`), text);
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
