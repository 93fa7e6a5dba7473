/** Writes media/mcp.schema.json from the zod schema of `.mcp.json`: `node scripts/schema.ts`. */
import { writeFile } from "node:fs/promises";
import prettier from "prettier";
import { mcpJsonSchema } from "../src/core/config/schema/jsonSchema.ts";
import { inRoot } from "./support/paths.ts";

export const schemaFile = inRoot("media/mcp.schema.json");

/** The text of the file, formatted as everything else is. */
export const schemaText = async (): Promise<string> => {
  const config = await prettier.resolveConfig(schemaFile);
  return prettier.format(JSON.stringify(mcpJsonSchema()), { ...config, filepath: schemaFile });
};

if (import.meta.main) await writeFile(schemaFile, await schemaText());
