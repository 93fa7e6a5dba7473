import { beforeAll, expect, test } from "vitest";
import { startWorld, type World } from "../harness.ts";
import type { Workbench } from "../workbench.ts";

let world: World;
let workbench: Workbench;

beforeAll(async () => {
  world = await startWorld({ name: "smoke" });
  return () => world[Symbol.asyncDispose]();
});

beforeAll(async () => {
  workbench = await world.openWorkbench();
});

test("an untrusted folder is shown as such, and the person can trust it", async () => {
  await expect.poll(() => workbench.statusBar()).toContain("Restricted Mode");
  await workbench.trust();
  expect(await workbench.statusBar()).not.toContain("Restricted Mode");
});

test("the installed extension brings its view, with a row for each connector", async () => {
  await workbench.showLanyard();
  await expect
    .poll(async () => (await workbench.tree()).map((row) => row.label.toLowerCase()))
    .toEqual(expect.arrayContaining(["salesforce", "github"]));
  await workbench.screenshot("smoke-view");
});
