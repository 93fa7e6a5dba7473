import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { startEditor, type Editor } from "../../../scripts/editor/server.ts";
import { vsixPath } from "../../../scripts/package.ts";
import { readZip, writeZip } from "../../../scripts/support/zip.ts";
import { startWorld, type World } from "../harness.ts";
import { signInAs } from "../people.ts";
import { Shell } from "../shell.ts";
import type { Workbench } from "../workbench.ts";
import { approveAll } from "../review.ts";

/** The life of the VSIX in one editor, in this order: installed, updated, emptied by hand, uninstalled. */
let world: World;
let editor: Editor;
let shell: Shell;
let workbench: Workbench;

const nextVersion = "99.0.0";

/** The same VSIX under another version, as the next release would be. */
const packNext = async (folder: string): Promise<string> => {
  const files = new Map(readZip(await readFile(vsixPath)));
  const edit = (name: string, change: (text: string) => string): void => {
    const before = files.get(name)?.toString("utf8") ?? "";
    expect(change(before)).not.toBe(before);
    files.set(name, Buffer.from(change(before)));
  };
  edit("extension/package.json", (text) => text.replace(/"version": ?"[^"]+"/, `"version":"${nextVersion}"`));
  edit("extension.vsixmanifest", (text) => text.replace(/ Version="\d[^"]*"/, ` Version="${nextVersion}"`));
  const path = join(folder, "next.vsix");
  await writeFile(path, writeZip(files));
  return path;
};

beforeAll(async () => {
  world = await startWorld({ name: "vsix" });
  editor = world.editor;
  shell = new Shell(world);
  workbench = await world.openWorkbench();
  await workbench.trust();
  await workbench.showLanyard();
});
afterAll(async () => {
  await editor.dispose();
  await world[Symbol.asyncDispose]();
});

const shows = (expected: RegExp): Promise<void> =>
  expect
    .poll(async () => (await workbench.tree()).find((row) => row.label === "github")?.description ?? "")
    .toMatch(expected);

const launcher = (): string => join(world.lanyardHome, "bin/lanyard");
const launcherVersion = async (): Promise<string | undefined> =>
  / version (\S+)\. The Lanyard extension/.exec(await readFile(launcher(), "utf8"))?.[1];
const headerNames = async (): Promise<readonly string[]> => Object.keys(await shell.helper("github"));
const installed = async (): Promise<readonly string[]> =>
  (await readdir(join(world.serverDataDir, "extensions"))).filter((name) => name.startsWith("lanyard."));

test("installed, it signs in and gives headers", async () => {
  await signInAs(workbench, world, "alice");
  await shows(/^Ready/);
  expect(await headerNames()).toEqual(["Authorization"]);
});

test("updated, it keeps the session and the approvals, and brings its own command", async () => {
  const before = await launcherVersion();
  await editor.cli(["--install-extension", await packNext(dirname(world.serverDataDir))]);
  await workbench.reload();
  await workbench.showLanyard();
  await shows(/^Ready/);
  await expect.poll(launcherVersion).toBe(nextVersion);
  expect(before).not.toBe(nextVersion);
  expect(await headerNames()).toEqual(["Authorization"]);
});

test("asked to remove everything, it ends the session at the identity provider and keeps nothing", async () => {
  await workbench.run("Lanyard: Sign Out and Remove Everything…");
  const { message, detail } = await workbench.dialog();
  expect(message).toContain("remove everything that Lanyard keeps");
  expect(detail).toContain(world.lanyardHome);
  await workbench.screenshot("remove-everything");
  await workbench.answer("Sign Out and Remove");
  expect(await workbench.notification("keeps nothing of you")).not.toContain("could not be told");
  expect(existsSync(world.lanyardHome)).toBe(false);
  await workbench.answerNotification("keeps nothing of you", "Reload Window");
  await workbench.loaded();
  await workbench.showLanyard();
  await shows(/^Needs your approval/);
  const admin = await fetch(`${world.demo.admin}/api/stats`);
  const stats = z.object({ revocations: z.number() }).parse(await admin.json());
  expect(stats.revocations).toBeGreaterThan(0);
});

/** Ends the editor with all its windows, and starts it on the same data. */
const restart = async (): Promise<void> => {
  for (const page of world.context.pages()) await page.close();
  await editor.dispose();
  const { workspace: folder, lanyardHome, serverDataDir, home } = world;
  editor = await startEditor({ folder, lanyardHome, serverDataDir, env: { HOME: home } });
};

test("a restart that clears the old version away leaves the command alone", async () => {
  // The browser still is signed in at the identity provider: nobody has to type anything.
  const page = await workbench.opens(async () => {
    await workbench.run("Lanyard: Sign In");
    await approveAll(workbench);
    await workbench.answer("Allow");
  });
  await page.getByText("You are signed in").waitFor();
  await shows(/^Ready/);
  await restart();
  await expect.poll(installed).toEqual([expect.stringContaining(nextVersion)]);
  expect(await launcherVersion()).toBe(nextVersion);
});

test("uninstalled, it leaves nothing behind once the editor has started again", async () => {
  await editor.cli(["--uninstall-extension", "lanyard.lanyard"]);
  expect(existsSync(launcher())).toBe(true);
  await restart();
  await expect.poll(() => existsSync(world.lanyardHome)).toBe(false);
  await expect.poll(installed).toEqual([]);
  const storage = await readdir(join(world.serverDataDir, "data/User/globalStorage"));
  expect(storage.filter((name) => name.includes("lanyard"))).toEqual([]);
  expect((await readdir(world.home)).filter((name) => name.includes("lanyard"))).toEqual([]);
});
