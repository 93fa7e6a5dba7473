/** The demo's folder in the real Claude Code for Windows, Sentry's batch file included. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { inRoot } from "../../scripts/support/paths.ts";
import { expectDemo, listDemo } from "../clients/support/demoList.ts";
import { openAcmeWindow } from "../support/acmeWindow.ts";
import { needs } from "../support/needs.ts";

const client = { version: "", program: process.env["LANYARD_CLAUDE_EXE"] ?? "" };

test("claude.exe lists the demo's eight connectors", needs("claudeForWindows"), async () => {
  await using acme = await openAcmeWindow();
  const list = await listDemo(acme, client, {
    // Wine has no access lists: a home outside of the profile would be refused.
    USERPROFILE: dirname(acme.home),
    PATH: [dirname(process.execPath), process.env["PATH"]].join(";"),
  });
  const rows = Object.entries(list.said).map(([name, said]) => `| ${name} | ${said.replaceAll("|", "")} |\n`);
  await mkdir(inRoot("artifacts"), { recursive: true });
  await writeFile(
    inRoot("artifacts/wine-demo.md"),
    [
      `| the demo in Claude Code for Windows (requests without a credential: ${list.bare}) | it says |\n`,
      ...["| --- | --- |\n", ...rows],
    ].join(""),
  );
  expectDemo(list);
  const [asked] = await acme.audit("sentry");
  expect(asked).toMatchObject({ connector: "sentry", outcome: "granted" });
});
