/** Bundles the facade into one file, with all that it needs: `node facade/build.ts`. It writes the JSON schema too. */
import { chmod, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import * as esbuild from "esbuild";
import prettier from "prettier";
import { facadeJsonSchema } from "./src/core/config/schema.ts";

const inFacade = (...parts: readonly string[]): string => resolve(import.meta.dirname, ...parts);

export const facadeBundle = inFacade("dist/lanyard-facade.mjs");
export const facadeSchemaFile = inFacade("facade.schema.json");

export const buildFacade = async (outfile: string = facadeBundle): Promise<void> => {
  await esbuild.build({
    entryPoints: [inFacade("src/node/main.ts")],
    outfile,
    ...{
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node22",
      minify: true,
      keepNames: true,
      legalComments: "none",
    },
  });
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
