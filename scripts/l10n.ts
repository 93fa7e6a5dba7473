/**
 * Gathers what can be translated: `npm run l10n`. Writes `l10n/bundle.l10n.json`, the English sentences of src/, and
 * brings each `l10n/bundle.l10n.LANGUAGE.json` into the same order, without what src/ says no more. Ends with an error
 * where a sentence has no translation, or where it cannot be told what a translation is asked for.
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import * as z from "zod";
import { findStrings } from "./l10n/strings.ts";
import { inRoot } from "./paths.ts";

const bundleSchema = z.record(z.string(), z.string());
export type Bundle = Readonly<Record<string, string>>;

/** A file of sentences or of the manifest's texts, by key. */
export const readBundle = async (path: string): Promise<Bundle> =>
  bundleSchema.parse(JSON.parse(await readFile(path, "utf8")));

/** As the files of sentences are written: what sits next to what does not change with the machine. */
export const bundleText = (entries: readonly (readonly [string, string])[]): string =>
  `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`;

const gather = async (): Promise<readonly string[]> => {
  const { strings, unresolved } = findStrings();
  if (unresolved.length > 0) return unresolved.map((place) => `Which sentence is this? ${place}`);
  const folder = inRoot("l10n");
  await writeFile(inRoot("l10n/bundle.l10n.json"), bundleText(strings.map((english) => [english, english])));
  const missing: string[] = [];
  for (const file of await readdir(folder)) {
    if (!/^bundle\.l10n\..+\.json$/.test(file)) continue;
    const before = await readBundle(inRoot("l10n", file));
    const after = strings.flatMap((english) => {
      const translation = before[english];
      if (translation === undefined) missing.push(`${file} lacks ${JSON.stringify(english)}`);
      return translation === undefined ? [] : [[english, translation] as const];
    });
    await writeFile(inRoot("l10n", file), bundleText(after));
  }
  return missing;
};

if (import.meta.main) {
  const faults = await gather();
  for (const fault of faults) console.error(fault);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
