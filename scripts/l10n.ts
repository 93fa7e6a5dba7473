/**
 * Gathers what can be translated: `npm run l10n [-- --complete]`. Writes `l10n/bundle.l10n.json`, the English sentences
 * of src/, and brings each `l10n/bundle.l10n.LANGUAGE.json` into the same order, without what src/ says no more. Ends
 * with an error where it cannot be told what a translation is asked for. A sentence without its translation is named;
 * with `--complete`, as a release asks for it, it is an error too.
 */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import * as z from "zod";
import { findStrings } from "./l10n/strings.ts";
import { inRoot } from "./support/paths.ts";

const bundleSchema = z.record(z.string(), z.string());
export type Bundle = Readonly<Record<string, string>>;

/** A file of sentences or of the manifest's texts, by key. */
export const readBundle = async (path: string): Promise<Bundle> =>
  bundleSchema.parse(JSON.parse(await readFile(path, "utf8")));

/** As the files of sentences are written: what sits next to what does not change with the machine. */
export const bundleText = (entries: readonly (readonly [string, string])[]): string =>
  `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`;

interface Gathered {
  /** Calls whose sentence cannot be told; nothing is written then. */
  readonly unresolved: readonly string[];
  /** Which file lacks which sentence. */
  readonly missing: readonly string[];
}

const gather = async (): Promise<Gathered> => {
  const { strings, unresolved } = findStrings();
  if (unresolved.length > 0) return { unresolved, missing: [] };
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
  return { unresolved, missing };
};

if (import.meta.main) {
  const { values } = parseArgs({ options: { complete: { type: "boolean", default: false } } });
  const { unresolved, missing } = await gather();
  for (const place of unresolved) console.error(`Which sentence is this? ${place}`);
  for (const lack of missing) console.error(values.complete ? lack : `Warning: ${lack}`);
  process.exitCode = unresolved.length > 0 || (values.complete && missing.length > 0) ? 1 : 0;
}
