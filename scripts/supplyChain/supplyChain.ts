import { readFile } from "node:fs/promises";
import type { Metafile } from "esbuild";
import * as z from "zod";
import { inRoot, root } from "../support/paths.ts";
import { bundledPackages } from "./bundled.ts";
import { refuseLicenses } from "./licenses.ts";
import { noticesOf } from "./notices.ts";
import { sbomOf } from "./sbom.ts";

const product = z
  .object({
    name: z.string(),
    version: z.string(),
    license: z.string(),
    dependencies: z.record(z.string(), z.string()),
  })
  .transform(({ dependencies, ...rest }) => ({ ...rest, needs: Object.keys(dependencies) }));

export const sbomPath = inRoot("dist", "sbom.cdx.json");
export const noticesPath = inRoot("dist", "third-party-notices.txt");

/**
 * What says whose work is in the bundles: path → content.
 * @throws when something may not be shipped.
 */
export const supplyChainOf = async (
  metafile: Pick<Metafile, "outputs">,
): Promise<ReadonlyMap<string, string>> => {
  const packages = await bundledPackages(metafile, root);
  refuseLicenses(packages);
  const sbom = sbomOf({
    product: product.parse(JSON.parse(await readFile(inRoot("package.json"), "utf8"))),
    packages,
    lock: await readFile(inRoot("package-lock.json"), "utf8"),
  });
  return new Map([
    [sbomPath, `${JSON.stringify(sbom, null, 1)}\n`],
    [noticesPath, noticesOf(packages)],
  ]);
};
