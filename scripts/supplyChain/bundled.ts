import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Metafile } from "esbuild";
import * as z from "zod";

/** A package of which something is in what ships. */
export interface Bundled {
  readonly name: string;
  readonly version: string;
  /** As its manifest says it: an SPDX expression, if the authors keep to the rule. */
  readonly license: string;
  /** The texts that its authors want passed on. */
  readonly texts: readonly string[];
  /** Names of the packages that it asks for. */
  readonly needs: readonly string[];
}

const manifest = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string().default("none"),
  dependencies: z.record(z.string(), z.string()).default({}),
  peerDependencies: z.record(z.string(), z.string()).default({}),
});

/**
 * The packages in a bundle, by what esbuild says it put into each file: all of them, also those that only others ask
 * for, and also those of which esbuild kept but a constant. Sorted by name.
 */
export const bundledPackages = async (
  { outputs }: Pick<Metafile, "outputs">,
  root: string,
): Promise<readonly Bundled[]> => {
  const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
  const folders = new Set(inputs.map(packageFolder).filter((folder) => folder !== undefined));
  const all = await Promise.all([...folders].map((folder) => readPackage(resolve(root, folder))));
  const order = ({ name, version }: Bundled): string => `${name}@${version}`;
  return all.sort((a, b) => (order(a) < order(b) ? -1 : 1));
};

/** The folder of the package that a file belongs to; undefined for a source of ours. */
export const packageFolder = (input: string): string | undefined =>
  /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];

const readPackage = async (folder: string): Promise<Bundled> => {
  const { name, version, license, dependencies, peerDependencies } = manifest.parse(
    JSON.parse(await readFile(join(folder, "package.json"), "utf8")),
  );
  const needs = Object.keys({ ...dependencies, ...peerDependencies });
  const texts = await textsOf(folder);
  const ofRepository = textsOfRepositories.get(name);
  if (texts.length > 0 || ofRepository === undefined) return { name, version, license, needs, texts };
  const text = await readFile(join(import.meta.dirname, "texts", ofRepository), "utf8");
  return { name, version, license, needs, texts: [text.trim()] };
};

/** Of packages that are published without their license's text: it stands in their repository. */
const textsOfRepositories: ReadonlyMap<string, string> = new Map([["@redis/client", "redis-client.txt"]]);

const textsOf = async (folder: string): Promise<readonly string[]> => {
  const names = (await readdir(folder)).filter((name) => /^(?:licen[cs]e|copying|notice)\b/i.test(name));
  const texts = await Promise.all(names.sort().map((name) => readFile(join(folder, name), "utf8")));
  return texts.map((text) => text.replaceAll(/\r\n?/g, "\n").trim());
};
