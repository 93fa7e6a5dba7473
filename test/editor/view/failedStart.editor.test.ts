import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startWorld, type World } from "../harness.ts";
import type { Workbench } from "../workbench.ts";

/** An installation that broke: what loads with the first connector is not there whole. */
let world: World;
let window: Workbench;
let broken: string;
let whole: string;

beforeAll(async () => {
  world = await startWorld({ name: "failed-start" });
  const files = await readdir(world.serverDataDir, { recursive: true });
  const found = files.find((file) => /dist[\\/]extension-composition[^\\/]*\.cjs$/.test(file));
  if (found === undefined) throw new Error("The installed extension has no part that loads later.");
  broken = join(world.serverDataDir, found);
  whole = await readFile(broken, "utf8");
  await writeFile(broken, `throw new Error("half a file");`);
  window = await world.openWorkbench();
  await window.page.setViewportSize({ width: 1000, height: 700 });
});
afterAll(() => world[Symbol.asyncDispose]());

test("the view says that the start failed, and what to do, never that no connector is here", async () => {
  await window.trust();
  await window.showLanyard();
  await expect.poll(() => window.welcome()).toMatch(/^Lanyard could not start in this window/);
  expect(await window.welcome()).not.toMatch(/No connector here|is looking/);
  expect(await window.tree()).toEqual([]);
  await window.screenshot("failed-start");
});

test("its doctor looks at all that does not need the rest, and its log opens", async () => {
  await window.welcomeButton("Run Doctor").click();
  await window.page.locator(".tab.active").filter({ hasText: "Lanyard Doctor.txt" }).waitFor();
  await window.screenshot("failed-start-doctor");
  await window.run("View: Close All Editors");
  await window.welcomeButton("Show Log").click();
  await window.page.locator(".panel .output-view, .output .view-lines").first().waitFor();
  await window.run("View: Hide Panel");
});

test("once it is mended, its own button reloads the window, and the connectors are there", async () => {
  await writeFile(broken, whole);
  await window.welcomeButton("Reload Window").click();
  await window.loaded();
  await window.showLanyard();
  await expect
    .poll(async () => (await window.tree()).map(({ label }) => label), { timeout: 30_000 })
    .toContain("github");
  expect(await window.welcome()).toBe("");
});
