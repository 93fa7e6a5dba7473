import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startWorld, type World } from "../harness.ts";
import { TextEditor } from "../textEditor.ts";
import type { Workbench } from "../workbench.ts";

/** An installation that broke: what loads with the first connector is not there whole. */
let world: World;
let window: Workbench;
let broken: string;
let whole: string;

beforeAll(async () => {
  world = await startWorld({ name: "failed-start" });
  const files = await readdir(world.serverDataDir, { recursive: true });
  const found = files.find((file) => /dist[\\/]composition-[^\\/]*\.cjs$/.test(file));
  if (found === undefined) throw new Error("The installed extension has no part that loads later.");
  broken = join(world.serverDataDir, found);
  whole = await readFile(broken, "utf8");
  await writeFile(broken, `throw new Error("half a file");`);
  window = await world.openWorkbench();
  await window.page.setViewportSize({ width: 1000, height: 900 });
});
afterAll(() => world[Symbol.asyncDispose]());

test("the view says that the start failed, and what to do, never that no connector is here", async () => {
  await window.trust();
  // Nobody sees the view yet.
  const message = "Lanyard could not start in this window. The log says why; then reload the window.";
  expect(await window.notification(/could not start/)).toBe(message);
  await window.showLanyard();
  await expect.poll(() => window.welcome()).toMatch(/^Lanyard could not start in this window/);
  expect(await window.welcome()).not.toMatch(/No connector here|is looking/);
  expect(await window.tree()).toEqual([]);
  expect(await window.notifications()).toEqual([message]);
  await window.screenshot("failed-start");
});

test("the log that it leads to says why", async () => {
  await window.welcomeButton("Show Log").click();
  const lines = window.page.locator(".panel .output-view .view-line");
  await expect.poll(async () => (await lines.allInnerTexts()).join("\n")).toMatch(/half\sa\sfile/);
});

test("its doctor looks at all that does not need the rest", async () => {
  await window.welcomeButton("Run Doctor").click();
  await window.page.locator(".tab.active").filter({ hasText: "Lanyard Doctor.txt" }).waitFor();
  await window.screenshot("failed-start-doctor");
  // The report is longer than the window: what failed stands first.
  const report = async (): Promise<string> => (await new TextEditor(window).lines()).join("\n");
  await expect.poll(report).toContain("Reload the window. If it stays so, the log says why.");
  expect(await report()).not.toContain("Open the folder");
});

test("once the cause is mended, the window that it reloads has its connectors", async () => {
  await writeFile(broken, whole);
  await window.showLanyard();
  await window.welcomeButton("Reload Window").click();
  await expect
    .poll(async () => (await window.tree()).map(({ label }) => label), { timeout: 60_000 })
    .toContain("github");
});
