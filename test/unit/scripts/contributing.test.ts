import { readFile } from "node:fs/promises";
import { parse } from "jsonc-parser";
import { expect, test } from "vitest";
import * as z from "zod";
import { inRoot } from "../../../scripts/support/paths.ts";

const read = async <T>(file: string, schema: z.ZodType<T>): Promise<T> =>
  schema.parse(parse(await readFile(inRoot(file), "utf8")));

const manifest = await read("package.json", z.object({ scripts: z.record(z.string(), z.string()) }));
const { tasks } = await read(
  ".vscode/tasks.json",
  z.object({ tasks: z.array(z.object({ label: z.string(), script: z.string() })) }),
);
const { configurations } = await read(
  ".vscode/launch.json",
  z.object({
    configurations: z.array(z.object({ name: z.string(), preLaunchTask: z.string().optional() })),
  }),
);

test("every task starts a script that there is", () => {
  for (const { label, script } of tasks) expect(manifest.scripts, label).toHaveProperty([script]);
});

test("every way to debug begins with a task that there is", () => {
  const labels = tasks.map(({ label }) => label);
  const wanted = configurations.flatMap(({ preLaunchTask }) => preLaunchTask ?? []);
  expect(wanted.length).toBeGreaterThan(0);
  for (const label of wanted) expect(labels).toContain(label);
});

test("every command that CONTRIBUTING.md names is one", async () => {
  const text = await readFile(inRoot("CONTRIBUTING.md"), "utf8");
  const named = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name = ""]) => name);
  expect(named.length).toBeGreaterThan(5);
  for (const name of named) expect(manifest.scripts).toHaveProperty([name]);
});
