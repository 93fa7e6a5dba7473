import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import * as z from "zod";
import { inRoot } from "../../../scripts/support/paths.ts";

const manifest = z.object({
  contributes: z.object({
    configuration: z.object({
      properties: z.record(z.string(), z.object({ scope: z.string().default("window") })),
    }),
  }),
});

const text = (path: string): Promise<string> => readFile(inRoot(path), "utf8");
const settings = Object.entries(
  manifest.parse(JSON.parse(await text("package.json"))).contributes.configuration.properties,
);

test.each(settings.filter(([, { scope }]) => scope.startsWith("machine")))(
  "administrators read of %s",
  async (name) => {
    expect(await text("docs/admin.md")).toMatch(new RegExp(`^\\| \`${name.replaceAll(".", "\\.")}\` `, "m"));
  },
);

test("administrators read of no setting that there is not", async () => {
  const named = (await text("docs/admin.md")).match(/`lanyard\.[\w.]+`/g) ?? [];
  const known = new Set([...settings.map(([name]) => `\`${name}\``), "`lanyard.lanyard`", "`lanyard.vsix`"]);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

test("no workspace can set what decides where tokens go", () => {
  const free = settings.filter(([, { scope }]) => !scope.startsWith("machine")).map(([name]) => name);
  expect(free).toEqual(["lanyard.restrictions"]);
});
