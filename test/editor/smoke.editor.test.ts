import { afterAll, beforeAll, expect, test } from "vitest";
import { startWorld, type World } from "./harness.ts";
import type { Workbench } from "./workbench.ts";

let world: World;
let workbench: Workbench;

beforeAll(async () => {
  world = await startWorld({ name: "smoke" });
  workbench = await world.openWorkbench();
});
afterAll(() => world[Symbol.asyncDispose]());

test("an untrusted folder is shown as such, and the person can trust it", async () => {
  await expect.poll(() => workbench.statusBar()).toContain("Restricted Mode");
  await workbench.trust();
  expect(await workbench.statusBar()).not.toContain("Restricted Mode");
});

test("the installed extension brings its view", async () => {
  await workbench.showLanyard();
  await workbench.screenshot("smoke-view");
  console.log(
    await workbench.tree(),
    await workbench.badge(),
    await workbench.welcome(),
    await workbench.statusBar(),
  );
});
