import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { inRoot } from "../../../scripts/support/paths.ts";

const folder = inRoot(".github/workflows");
const names = (await readdir(folder)).filter((name) => /\.ya?ml$/.test(name));

describe.each(names)("%s", async (name) => {
  const lines = (await readFile(join(folder, name), "utf8")).split("\n");

  test("pins every action by its whole commit, and says which version that is", () => {
    const uses = lines.filter((line) => /^\s*(?:- )?uses:/.test(line));
    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses) expect(line).toMatch(/uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test("starts without a permission that all jobs would share, but to read", () => {
    const at = lines.findIndex((line) => line.startsWith("permissions:"));
    const granted = lines.slice(
      at + 1,
      lines.findIndex((line, index) => index > at && /^\S/.test(line)),
    );
    expect(lines[at]).toMatch(/^permissions:(?: \{\})?$/);
    for (const line of granted) expect(line).toMatch(/: read$/);
  });

  test("puts nothing of an event into a script by text", () => {
    const scripts = lines.join("\n").match(/^\s*(?:- )?run: .*(?:\n\s{8,}.*)*/gm) ?? [];
    expect(scripts.length).toBeGreaterThan(0);
    for (const script of scripts) expect(script).not.toMatch(/\$\{\{\s*(?:github|secrets|inputs)\./);
  });
});

test("one action has one pin", async () => {
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")));
  const pins = new Set(texts.join("\n").match(/[\w-]+\/[\w-]+@[0-9a-f]{40}/g));
  expect(new Set([...pins].map((pin) => pin.split("@")[0])).size).toBe(pins.size);
});
