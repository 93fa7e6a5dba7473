import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startWorld, type World } from "../harness.ts";
import { logIn, personOf } from "../people.ts";
import { approveWhatWaits } from "../review.ts";
import type { Workbench } from "../workbench.ts";

/** The browser does not come back: what a person sees of the waiting sign-in, and the ways on. */
let world: World;
let workbench: Workbench;

beforeAll(async () => {
  world = await startWorld({ name: "ways-on" });
  workbench = await world.openWorkbench();
  await workbench.trust();
  await workbench.showLanyard();
});
afterAll(() => world[Symbol.asyncDispose]());

const waiting = /Continue in your browser|Enter the code/;

const rows = async (): Promise<string> =>
  (await workbench.tree()).map(({ label, description }) => `${label}: ${description}`).join("\n");

/** Begins a sign-in whose page is closed again, as if the browser had been lost. */
const begin = async (): Promise<void> => {
  const page = await workbench.opens(async () => {
    await workbench.run("Lanyard: Sign In");
    await approveWhatWaits(workbench);
    await workbench.answer("Allow");
  });
  await page.close();
  await workbench.notification(waiting);
};

/** What shows beside the reminder that nobody is signed in. */
const complaints = async (): Promise<readonly string[]> =>
  (await workbench.notifications()).filter((text) => !text.includes("need you to sign in"));

const link = (name: string): Locator =>
  workbench.page
    .locator(".notification-toast")
    .getByRole("link", { name })
    .or(workbench.page.locator(".notification-toast a", { hasText: name }));

/** Whatever the identity provider asks, in whatever order. */
const throughEveryPage = async (page: Page): Promise<void> => {
  for (let pages = 0; pages < 4; pages += 1) {
    await page.waitForLoadState();
    if ((await page.locator("[type=submit]").count()) === 0) return;
    if (await page.locator("[name=username]").isVisible()) await logIn(page, personOf(world, "alice"));
    else await page.locator("[type=submit]").first().click();
  }
};

const theme = async (name: string): Promise<void> => {
  await workbench.run("Preferences: Color Theme");
  await workbench.page.getByPlaceholder(/Color Theme/).fill(name);
  await workbench.pick(name);
};

test("it stays in sight with its ways on, in the notification and in a row", async () => {
  await theme("Dark Modern");
  await begin();
  await expect.poll(rows).toMatch(/Signing in at .*: Continue in your browser\./);
  for (const way of ["Open Page Again", "Copy Link", "Use a Code", "Paste the Address…"])
    await expect.poll(() => link(way).first().isVisible()).toBe(true);
  await workbench.screenshot("ways-on-dark");
});

test("a second Sign In brings the first to the front, by keyboard to its end", async () => {
  await workbench.run("Lanyard: Sign In");
  await expect
    .poll(() => workbench.picks())
    .toEqual(["Open Page Again", "Copy Link", "Use a Code", "Paste the Address…", "Cancel"]);
  await workbench.screenshot("ways-on-keyboard");
  await workbench.type("Cancel");
  await workbench.notificationGone(waiting);
  await expect.poll(rows).not.toContain("Signing in at");
  expect(await complaints()).toEqual([]);
});

test("cancelling is no error, whichever way", async () => {
  await begin();
  await workbench.treeAction((await workbench.tree())[0]?.label ?? "", "Cancel Sign-In");
  await workbench.notificationGone(waiting);
  await begin();
  await workbench.answerNotification(waiting, "Cancel");
  await workbench.notificationGone(waiting);
  expect(await complaints()).toEqual([]);
});

test("the page can be opened again, at the same sign-in", async () => {
  await begin();
  const page = await workbench.opens(() => link("Open Page Again").first().click());
  await page.locator("[name=username]").waitFor();
  await page.close();
  await workbench.run("Lanyard: Cancel Sign-In");
  await workbench.notificationGone(waiting);
});

test("the code stays in sight until it is used, in the row as well", async () => {
  await theme("Light Modern");
  await begin();
  await workbench.screenshot("ways-on-light");
  await link("Use a Code").first().click();
  await workbench.notification("Enter the code");
  await expect.poll(rows).toMatch(/Code: \S+: Enter the code \S+ at http/);
  await workbench.screenshot("ways-on-code-light");
  await theme("Dark Modern");
  await workbench.notification("Enter the code");
  await workbench.screenshot("ways-on-code-dark");
  const page = await workbench.opens(() => link("Copy Code and Open Page").first().click());
  await throughEveryPage(page);
  await expect.poll(rows).toContain("alice:");
  await workbench.notificationGone(waiting);
});
