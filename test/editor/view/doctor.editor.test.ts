import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { shortTmp } from "../../../scripts/support/paths.ts";
import { startWorld, type World } from "../harness.ts";
import { signInAs } from "../people.ts";
import { Shell } from "../shell.ts";
import { TextEditor } from "../textEditor.ts";
import type { Workbench } from "../workbench.ts";

/** A person runs the doctor: in a folder that is not trusted, before they have agreed to anything, and signed in. */
let world: World;
let window: Workbench;
/** Programs of this test's own, first on the person's PATH. */
let bin: string;

/** A Claude Code that says its version, and hangs while there is a file `hang` beside it. */
const claudeCode = `#!/bin/sh
[ ! -e "$(dirname "$0")/hang" ] || exec sleep 600
echo "2.1.330 (Claude Code)"
`;

beforeAll(async () => {
  bin = await mkdtemp(join(shortTmp, "lanyard-bin-"));
  await writeFile(join(bin, "claude"), claudeCode, { mode: 0o755 });
  world = await startWorld({ name: "doctor", machineSettings: { "lanyard.tokenCommand": "allow" } });
  // The editor takes the PATH from the person's login shell.
  for (const profile of [".profile", ".zprofile"])
    await writeFile(join(world.home, profile), `export PATH='${bin}':"$PATH"\n`);
  await world.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  window = await world.openWorkbench();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await rm(bin, { recursive: true, force: true });
});

const heading = /^Lanyard doctor\. Failed: 0, warnings: \d+, ok: \d+\.$/;

const report = async (): Promise<readonly string[]> => {
  await window.page.locator(".tab.active").filter({ hasText: "Lanyard Doctor.txt" }).waitFor();
  return new TextEditor(window).lines();
};

/** Runs the doctor, and waits for a report that says this. */
const examined = async (words: RegExp): Promise<string> => {
  await window.run("Lanyard: Run Doctor");
  // One reading has to satisfy both: while the editor lays its lines out anew, two readings differ.
  return vi.waitFor(
    async () => {
      const lines = await report();
      expect(lines.join("\n")).toMatch(words);
      expect(lines[0]).toMatch(heading);
      return lines.join("\n");
    },
    { timeout: 30_000, interval: 100 },
  );
};

test("in a folder that is not trusted, nothing is fetched, and the report says so", async () => {
  await window.distrust();
  const told = await examined(
    /^warning {2}identity provider: .* the folder that names it is not trusted\.$/m,
  );
  expect(told).toMatch(/^ok {7}secret storage: It keeps what it is given, in this browser\.$/m);
  expect(told).toMatch(/^ok {7}sign-in: It comes back by a port of this machine/m);
  expect(told).not.toMatch(/clock|certificate/);
});

test("before anything is approved, no identity provider is asked", async () => {
  await window.trustAfterAll();
  const told = await examined(/^warning {2}identity provider: .* none of its connectors is approved yet\.$/m);
  expect(told).toMatch(/^warning {2}approvals: Connectors that wait for your approval: \d+\.$/m);
  expect(told).not.toMatch(/clock|certificate/);
});

test("signed in, it finds what it needs", async () => {
  await signInAs(window, world, "alice");
  const told = await examined(/^ok {7}identity provider: .* answers with valid metadata, in \d+ ms\.$/m);
  for (const check of [
    "clock",
    "certificate",
    "proxy",
    "sign-in",
    "approvals",
    "agent",
    "launcher",
    "Claude Code",
  ])
    expect(told).toMatch(new RegExp(`^ok {7}${check}: `, "m"));
  expect(told).toMatch(/^ok {7}agent: This window answers helpers: version \d/m);
  await window.notificationGone("Lanyard looks at what it needs");
  await window.screenshot("doctor-report");
});

test("it can be cancelled while it waits, and then shows nothing", async () => {
  await window.run("View: Close All Editors");
  await writeFile(join(bin, "hang"), "");
  await window.run("Lanyard: Run Doctor");
  await window.answerNotification("Lanyard looks at what it needs", "Cancel");
  await window.notificationGone("Lanyard looks at what it needs");
  expect(await window.page.locator(".tab").filter({ hasText: "Lanyard Doctor.txt" }).count()).toBe(0);
  await rm(join(bin, "hang"));
  await examined(/^ok {7}Claude Code: Version 2\.1\.330/m);
});

test("the copy for a ticket names hosts, and neither the person nor their folders nor anything secret", async () => {
  await window.page.locator('.editor-actions .action-label[aria-label^="Copy Doctor Report"]').click();
  const clipboard = (): Promise<string> => window.page.evaluate(() => navigator.clipboard.readText());
  await expect.poll(clipboard).toMatch(/^Lanyard doctor\. /);
  const copied = await clipboard();
  expect(copied).toContain(new URL(world.demo.idp).host);
  expect(copied).toMatch(/^ok {7}launcher: /m);
  const endpoint = await readFile(join(world.lanyardHome, "run/endpoint"), "utf8");
  const key = /Bearer ([\w-]+)/.exec(endpoint)?.[1] ?? "";
  const { stdout: token } = await new Shell(world).lanyard(`token --issuer ${world.demo.idp}`);
  expect(token.length).toBeGreaterThan(20);
  for (const secret of [key, token.trim(), world.home, "alice"]) expect(copied).not.toContain(secret);
});

test("what a policy forbids is not asked, whoever is signed in there", async () => {
  const folder = join(world.serverDataDir, "data/Machine");
  const settings = { "lanyard.policy.allowedIssuers": ["https://idp.other.example"] };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "settings.json"), JSON.stringify(settings));
  const shown = async (): Promise<string> => (await window.statusBar()).join();
  await expect.poll(shown).toContain("0/8");
  const told = await examined(/^warning {2}approvals: Connectors that a policy forbids: 8\. /m);
  expect(told).not.toMatch(/clock|certificate/);
  expect(told).toMatch(/^ok {7}identity provider: No connector here names one\.$/m);
  await writeFile(join(folder, "settings.json"), "{}");
  await expect.poll(shown).toMatch(/[1-8]\/8/);
});

test("lanyard doctor in the shell says the same of what only the window sees", async () => {
  const { stdout, stderr } = await new Shell(world).lanyard("doctor");
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^ok {7}identity provider: .* answers with valid metadata/m);
  expect(stdout).toMatch(/^ok {7}secret storage: /m);
  expect(stdout).toMatch(/^ok {7}agent: version .* answers/m);
});
