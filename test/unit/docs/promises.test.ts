import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { inRoot } from "../../../scripts/support/paths.ts";

/** The cells of each row of a page's table that begins with `promise`. */
const rowsOf = async (page: string): Promise<readonly (readonly string[])[]> => {
  const lines = (await readFile(inRoot(page), "utf8")).split("\n");
  const start = lines.findIndex((line) => /^\| promise +\|/.test(line));
  const rest = lines.slice(start + 2);
  const end = rest.findIndex((line) => !line.startsWith("|"));
  return rest.slice(0, end).map((line) =>
    line
      .slice(2, -2)
      .split(" | ")
      .map((cell) => cell.trim()),
  );
};

const promises = (await rowsOf("SECURITY.md")).map(([promise = ""]) => promise);
const rows = await rowsOf("docs/promises.md");

test("every promise has its row, in the same words and order", () => {
  expect(promises.length).toBeGreaterThan(20);
  expect(rows.map(([promise]) => promise)).toEqual(promises);
});

test.each(rows)("there is a test for: %s", async (_promise, tests = "") => {
  const files = tests.split("<br>");
  for (const each of files) {
    const [, path = "", titles = ""] = /^`([^`]+)`: (".+")$/.exec(each) ?? [];
    const source = await readFile(inRoot(path), "utf8");
    for (const title of titles.slice(1, -1).split('", "')) {
      const called = [`("${title}"`, `(\`${title}\``, `\n  "${title}"`, `\n    "${title}"`];
      expect(
        called.some((written) => source.includes(written)),
        `${path}: "${title}"`,
      ).toBe(true);
    }
  }
});
