/** Bundles the facade into one file, with all that it needs: `node facade/build.ts`. It writes the JSON schema too. */
import { chmod, copyFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import * as esbuild from "esbuild";
import prettier from "prettier";
import { bundledPackages } from "../scripts/supplyChain/bundled.ts";
import { refuseLicenses } from "../scripts/supplyChain/licenses.ts";
import { noticesOf } from "../scripts/supplyChain/notices.ts";
import { root } from "../scripts/support/paths.ts";
import { facadeJsonSchema } from "./src/core/config/schema.ts";

const inFacade = (...parts: readonly string[]): string => resolve(import.meta.dirname, ...parts);

export const facadeBundle = inFacade("dist/lanyard-facade.mjs");
export const facadeSchemaFile = inFacade("facade.schema.json");

/** The bundle, and beside it its license and whose work is in it. @throws where a license forbids that */
export const buildFacade = async (outfile: string = facadeBundle): Promise<void> => {
  const { metafile } = await esbuild.build({
    ...{ absWorkingDir: root, metafile: true },
    entryPoints: [inFacade("src/node/main.ts")],
    outfile,
    ...{ bundle: true, format: "esm", platform: "node", target: "node22" },
    ...{ minify: true, keepNames: true, legalComments: "none" },
    // The driver of the store is of the older kind, which asks for Node's own modules while it runs.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
  const packages = await bundledPackages(metafile, root);
  refuseLicenses(packages);
  await writeFile(join(dirname(outfile), "third-party-notices.txt"), noticesOf(packages));
  await copyFile(join(root, "LICENSE"), join(dirname(outfile), "LICENSE"));
  await chmod(outfile, 0o755);
};

/** The text of the schema, formatted as everything else is. */
export const facadeSchemaText = async (): Promise<string> => {
  const config = await prettier.resolveConfig(facadeSchemaFile);
  return prettier.format(JSON.stringify(facadeJsonSchema()), { ...config, filepath: facadeSchemaFile });
};

if (import.meta.main) {
  await buildFacade();
  await writeFile(facadeSchemaFile, await facadeSchemaText());
}
