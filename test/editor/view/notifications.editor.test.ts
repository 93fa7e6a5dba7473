import { cp } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Admin } from "../admin.ts";
import { startWorld, type World } from "../harness.ts";
import { signInAs } from "../people.ts";
import { Shell } from "../shell.ts";
import type { Workbench } from "../workbench.ts";

/** What Lanyard says by itself: little. Told in order, in one window. */
let world: World;
let workbench: Workbench;
let shell: Shell;
let admin: Admin;

beforeAll(async () => {
  world = await startWorld({ name: "notifications" });
  [shell, admin] = [new Shell(world), new Admin(world)];
  workbench = await world.openWorkbench();
});
afterAll(() => world[Symbol.asyncDispose]());

const row = async (name: string): Promise<string> =>
  (await workbench.tree()).find(({ label }) => label === name)?.description ?? "";
const turns = (name: string, expected: RegExp): Promise<void> =>
  expect.poll(() => row(name)).toMatch(expected);

/** Lanyard's own, at this moment. */
const said = async (): Promise<readonly string[]> =>
  (await workbench.notifications()).filter((text) => /connector|need|waits for/i.test(text));

/** Long enough for whatever would be said to be said. */
const aWhile = (): Promise<void> => workbench.page.waitForTimeout(2_500);

test("in a folder that is not trusted, nothing is said", async () => {
  await expect.poll(() => workbench.statusBar()).toContain("Restricted Mode");
  await aWhile();
  expect(await said()).toEqual([]);
});

test("once it is trusted, one notification offers to review what it names", async () => {
  await workbench.trust();
  expect(await workbench.notification(/reviewed/)).toBe(
    "8 connectors can get their credentials through Lanyard once you have reviewed them.",
  );
  await workbench.screenshot("notifications-review");
  await workbench.dismissNotifications();
});

test("the review is offered once in a workspace", async () => {
  await workbench.reload();
  await workbench.showLanyard();
  await turns("github", /^Needs your approval/);
  await aWhile();
  expect(await said()).toEqual([]);
});

test("while the person signs in nothing is said; after it, one notification for all", async () => {
  await signInAs(workbench, world, "alice");
  await turns("pagerduty", /^Step-up needed/);
  await workbench.notification(/need you/);
  expect(await said()).toEqual(["Connectors that need you: notion, pagerduty."]);
  await workbench.dismissNotifications();
});

test("the same causes are not said again, however often they are checked", async () => {
  await workbench.run("Lanyard: Check All Connectors");
  await turns("notion", /^Needs connection/);
  await aWhile();
  expect(await said()).toEqual([]);
});

test("a push is said with what the person compares on their phone, unless they want to hear nothing of it", async () => {
  const askLinear = async (): Promise<void> => {
    await admin.setPolicy("linear", { state: "step-up", method: "push" });
    await Promise.all([shell.helper("linear"), turns("linear", /^Approve on your phone/)]);
  };
  await askLinear();
  const [push] = await admin.approvals();
  expect(await workbench.notification(/on your phone/)).toBe(
    `linear waits for your approval on your phone: ${push?.bindingMessage ?? ""}`,
  );
  await workbench.answerNotification(/on your phone/, "Don't Ask Again for This Connector");
  await askLinear();
  await aWhile();
  expect(await said()).toEqual([]);
  expect(await workbench.badge()).toBeDefined();
});

test("one connector has its own button, which leads to where the person acts", async () => {
  await admin.setPolicy("github", { state: "needs-connection" });
  await workbench.treeAction("github", "Check Now");
  expect(await workbench.notification(/connected once/)).toBe(
    "github needs your account to be connected once.",
  );
  await workbench.answerNotification(/connected once/, "Authorize");
  expect((await workbench.dialog()).message).toMatch(/^github: continue at 127\.0\.0\.1:\d+\?$/);
  await workbench.answer("Cancel");
});

test("who has the connectors before them is not offered the review in a notification beside", async () => {
  const folder = join(world.home, "other");
  await cp(world.workspace, folder, { recursive: true });
  const other = await world.openWorkbench(folder);
  await other.distrust();
  await other.showLanyard();
  await other.trustAfterAll();
  const github = async (): Promise<string> =>
    (await other.tree()).find(({ label }) => label === "github")?.description ?? "";
  await expect.poll(github).toMatch(/^Needs your approval/);
  await other.page.waitForTimeout(2_500);
  expect(await other.notifications()).toEqual([]);
  await other.page.close();
});

test("a sign-out of the person's own is no news", async () => {
  await workbench.run("Lanyard: Sign Out");
  await turns("github", /^Signed out/);
  await aWhile();
  expect(await said()).toEqual([]);
});
