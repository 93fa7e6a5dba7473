import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Admin } from "../admin.ts";
import { startWorld, type World } from "../harness.ts";
import { signInAs } from "../people.ts";
import { Shell } from "../shell.ts";
import { Workbench } from "../workbench.ts";

/** The first minutes of somebody who has never seen Lanyard. Told in order, in one window. */
let world: World;
let workbench: Workbench;

beforeAll(async () => {
  world = await startWorld({ name: "walkthrough" });
  workbench = await world.openWorkbench();
  // A narrow editor leaves the pictures out.
  await workbench.page.setViewportSize({ width: 1600, height: 900 });
});
afterAll(() => world[Symbol.asyncDispose]());

const titles = [
  "Open a folder with connectors",
  "Approve and sign in",
  "Give what a connector asks for",
  "Use them in Claude Code and in chat",
];

/** Shows what a step says, with its picture, and keeps the sight. */
const look = async (title: string, name: string): Promise<void> => {
  await workbench.walkthroughStep(title).click();
  await expect.poll(() => workbench.pictureColours()).toBeGreaterThan(3);
  await workbench.screenshot(name);
};

test("the editor lists the walkthrough; it has four steps, and none is done before the folder is trusted", async () => {
  await workbench.distrust();
  await workbench.run("Welcome: Open Walkthrough...");
  await workbench.pick("Get Started with Lanyard");
  await expect.poll(() => workbench.walkthrough()).toEqual(titles.map((title) => ({ title, isDone: false })));
  await look("Open a folder with connectors", "walkthrough-1-open");
});

const done = async (): Promise<readonly string[]> =>
  (await workbench.walkthrough()).filter(({ isDone }) => isDone).map(({ title }) => title);

test("to trust a folder with connectors is the first step", async () => {
  await workbench.trustAfterAll();
  await workbench.showLanyard();
  await workbench.run("Lanyard: Get Started");
  await expect.poll(done).toEqual(titles.slice(0, 1));
});

test("to approve and sign in is the second", async () => {
  await look("Approve and sign in", "walkthrough-2-sign-in");
  await signInAs(workbench, world, "alice");
  await expect.poll(done).toEqual(titles.slice(0, 2));
});

test("to have a connector served in Claude Code is the fourth, whatever others still ask for", async () => {
  await look("Use them in Claude Code and in chat", "walkthrough-4-use");
  await new Shell(world).helper("github");
  await expect.poll(done).toEqual([...titles.slice(0, 2), ...titles.slice(3)]);
});

test("the third is done when no connector asks for anything", async () => {
  await look("Give what a connector asks for", "walkthrough-3-give");
  const admin = new Admin(world);
  for (const name of ["notion", "pagerduty"]) await admin.setPolicy(name, { state: "allow" });
  await workbench.run("Lanyard: Check All Connectors");
  await expect.poll(done).toEqual(titles);
});

test("a view without connectors says what one is, and leads to the walkthrough", async () => {
  const folder = join(world.home, "empty");
  await mkdir(folder);
  const empty = await world.openWorkbench(folder);
  await empty.distrust();
  await empty.showLanyard();
  await expect.poll(() => empty.welcome()).toMatch(/this folder is not trusted/);
  await empty.screenshot("walkthrough-5-untrusted");
  await empty.trustAfterAll();
  await expect.poll(() => empty.welcome()).toMatch(/^No connector here uses Lanyard\./);
  await empty.welcomeButton("Get Started").click();
  await expect.poll(async () => (await empty.walkthrough()).map(({ title }) => title)).toEqual(titles);
  await empty.screenshot("walkthrough-6-empty");
});

test("a window without a folder says what to open", async () => {
  const { port, token } = world.editor;
  const bare = await Workbench.open(world.context, `http://127.0.0.1:${port}/?tkn=${token}&ew=true`);
  await bare.showLanyard();
  await expect.poll(() => bare.welcome()).toMatch(/No folder is open/);
  await bare.screenshot("walkthrough-7-no-folder");
});
