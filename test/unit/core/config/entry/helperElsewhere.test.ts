import { describe, expect, test } from "vitest";
import { fixTitle } from "../../../../../src/core/config/edits/fix.ts";
import { fixesFor } from "../../../../../src/core/config/edits/fixes.ts";
import { parseFile } from "../../../../../src/core/config/parse.ts";
import type { Shell } from "../../../../../src/core/config/command/shell.ts";
import { judgeGuards } from "../../../../../src/core/doctor/guard.ts";
import { english } from "../../../../../src/core/text.ts";
import { catalogueOf } from "../../../../support/connectors.ts";
import { applied, valueOf } from "../edits/support.ts";
import { file, github, lanyard, lanyardInShell, lanyardWith, workspace } from "../support.ts";

const windows = String.raw`"%USERPROFILE%\.lanyard\bin\lanyard" headers`;
const posix = lanyardInShell("x").replace(" -- x", "");

const readIn = (shell: Shell, headersHelper: string): ReturnType<typeof parseFile> =>
  parseFile({
    text: file({ it: { ...github, headersHelper } }),
    ...{ origin: workspace, env: () => undefined, shell },
  });

describe("an entry whose helper another system's shell starts", () => {
  test.each<[shell: Shell, headersHelper: string, mended: string]>([
    ["cmd", posix, lanyard],
    ["cmd", lanyardInShell("./get.sh"), lanyardWith("./get.sh")],
    ["sh", windows, lanyard],
    ["sh", `${windows} -- ./get.cmd`, lanyardWith("./get.cmd")],
  ])("is told in %s, by the doctor too: %s", (shell, headersHelper, mended) => {
    const { issues, ...reading } = readIn(shell, headersHelper);
    expect(issues.map(({ code, severity }) => [code, severity])).toEqual([["helperElsewhere", "warning"]]);
    const catalogue = { ...catalogueOf(reading.kind === "read" ? reading.connectors : []), issues };
    expect(judgeGuards(catalogue, english)).toMatchObject([
      { verdict: "failed", finding: "Entries whose helper this system's shell cannot start: it." },
    ]);
    const text = file({ it: { ...github, headersHelper } });
    const at = text.indexOf('"headersHelper"');
    const [fix] = fixesFor(text, { code: "helperElsewhere", offset: at, length: 1 }, () => undefined);
    expect(fix && fixTitle(fix, english)).toBe('Write the helper of "it" for every system');
    expect(valueOf(applied(text, fix?.edits ?? []))).toEqual({
      mcpServers: { it: { ...github, headersHelper: mended } },
    });
  });

  test.each<Shell>(["sh", "cmd"])("says nothing in %s of one that both start", (shell) => {
    for (const each of [lanyard, lanyardWith("./get.sh"), "lanyard headers"])
      expect(readIn(shell, each).issues).toEqual([]);
  });
});
