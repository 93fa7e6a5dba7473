import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { inRoot } from "../../../scripts/support/paths.ts";

const pages = [
  ...(await readdir(inRoot("."))).filter((name) => name.endsWith(".md")),
  ...(await readdir(inRoot("docs"))).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`),
];

/** As GitHub makes them of headings. */
const anchorsOf = (page: string): ReadonlySet<string> =>
  new Set(
    [...page.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-"),
    ),
  );

test.each(pages)("the links of %s lead to what is there", async (page) => {
  const text = (await readFile(inRoot(page), "utf8")).replaceAll(/```[\s\S]*?```/g, "");
  for (const [, link = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(link)) continue;
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? page : join(dirname(page), path);
    expect(existsSync(inRoot(target)), `${page} → ${link}`).toBe(true);
    if (anchor === undefined || !target.endsWith(".md")) continue;
    expect([...anchorsOf(await readFile(inRoot(target), "utf8"))], `${page} → ${link}`).toContain(anchor);
  }
});
