import { readFile, writeFile } from "node:fs/promises";
import * as prettier from "prettier";
import { inRoot } from "../../../scripts/support/paths.ts";
import type { Point } from "./stories.ts";

/** The version that docs/step-up.md quotes. A newer one may find other words for the same. */
export const quotedVersion = "2.1.280";

/** Set by `npm run test:clients -- --write`: the page is written anew instead of compared. */
export const isWriting = process.env["LANYARD_WRITE_QUOTES"] === "true";

const page = inRoot("docs/step-up.md");
const block = /(<!-- claude code -->\n)[\s\S]*?(\n<!-- end of claude code -->)/;

/** What was read in each story, as the page shows it. */
export const quotesOf = async (
  told: readonly { readonly title: string; readonly points: readonly Point[] }[],
): Promise<string> => {
  const rows = told.flatMap(({ title, points }) =>
    points.map(({ what, claude, row }, index) => [
      index === 0 ? `**${title}**` : "",
      what,
      quoted(claude),
      row,
    ]),
  );
  const head = ["", "what happens", `Claude Code ${quotedVersion} says`, "Lanyard's row"];
  const lines = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return (await prettier.format(lines.join("\n"), { parser: "markdown" })).trim();
};

export const readQuotes = async (): Promise<string> =>
  (block.exec(await readFile(page, "utf8"))?.[0] ?? "").split("\n").slice(1, -1).join("\n").trim();

export const writeQuotes = async (quotes: string): Promise<void> => {
  const text = await readFile(page, "utf8");
  await writeFile(
    page,
    text.replace(block, (_whole, start: string, end: string) => `${start}\n${quotes}\n${end}`),
  );
};

const quoted = (text: string): string =>
  text
    .split("\n")
    .map((line) => `\`${line.replaceAll("|", "\\|")}\``)
    .join("<br>");
