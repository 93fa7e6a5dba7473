import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startWorld, type World } from "../harness.ts";
import type { Workbench } from "../workbench.ts";

/** An installation that broke: what loads with the first connector is not there whole. */
let world: World;
let window: Workbench;

beforeAll(async () => {
  world = await startWorld({ name: "failed-start" });
  const files = await readdir(world.serverDataDir, { recursive: true });
  const found = files.find((file) => /dist[\\/]composition-[^\\/]*\.cjs$/.test(file));
  if (found === undefined) throw new Error("The installed extension has no part that loads later.");
  await writeFile(join(world.serverDataDir, found), `throw new Error("half a file");`);
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

test("its doctor looks at all that does not need the rest", async () => {
  await window.welcomeButton("Run Doctor").click();
  await window.page.locator(".tab.active").filter({ hasText: "Lanyard Doctor.txt" }).waitFor();
  await window.screenshot("failed-start-doctor");
});
