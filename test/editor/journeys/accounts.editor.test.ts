import { afterAll, beforeAll, expect, test } from "vitest";
import { startWorld, type World } from "../harness.ts";
import { logIn, personOf, signInAs } from "../people.ts";
import { approveWhatWaits } from "../review.ts";
import type { Workbench } from "../workbench.ts";

/** Two accounts at one identity provider, and the editor's own menu of accounts. */
let world: World;
let workbench: Workbench;

beforeAll(async () => {
  world = await startWorld({ name: "accounts" });
  workbench = await world.openWorkbench();
  await workbench.trust();
  await workbench.showLanyard();
});
afterAll(() => world[Symbol.asyncDispose]());

const rows = async (): Promise<string> =>
  (await workbench.tree()).map(({ label, description }) => `${label}: ${description}`).join("\n");

/** What the Accounts menu offers; it is closed again. */
const accountsMenu = async (): Promise<string> => {
  const { page } = workbench;
  await page.locator('.activitybar [aria-label^="Accounts"]').first().click();
  const menu = page.locator(".monaco-menu").first();
  await menu.waitFor();
  const text = await menu.innerText();
  await page.keyboard.press("Escape");
  return text;
};

test("the Accounts menu offers the sign-in before anybody has signed in, and no more afterwards", async () => {
  const page = await workbench.opens(async () => {
    await workbench.run("Lanyard: Sign In");
    await approveWhatWaits(workbench);
    await workbench.answer("Allow");
  });
  await page.close();
  await workbench.run("Lanyard: Cancel Sign-In");
  await expect.poll(accountsMenu).toContain("Sign in with Lanyard");
  await signInAs(workbench, world, "alice");
  await expect.poll(rows).toContain("alice:");
  await expect.poll(accountsMenu).not.toContain("Sign in with Lanyard");
});

test("another account signs in beside the first, and the folder uses it alone", async () => {
  const page = await workbench.opens(async () => {
    await workbench.run("Lanyard: Switch Account…");
    await workbench.pick("Sign In with Another Account…");
  });
  await logIn(page, personOf(world, "bob"));
  await page.getByText("You are signed in").waitFor();
  await page.close();
  await expect.poll(rows).toMatch(/alice:[^]*bob:|bob:[^]*alice:/);
  await workbench.run("Lanyard: Switch Account…");
  await expect.poll(() => workbench.picks()).toContain("Sign In with Another Account…");
  await workbench.page.keyboard.press("Escape");
  await workbench.treeAction("bob", "Sign Out");
  await expect.poll(rows, { timeout: 20_000 }).not.toContain("bob:");
  await expect.poll(rows, { timeout: 20_000 }).not.toMatch(/: Ready/);
  expect(await rows()).toContain("alice:");
});

test("a sign-out offers to end the browser's session too, says where, and opens it on the person's word alone", async () => {
  await workbench.dismissNotifications();
  await workbench.page.setViewportSize({ width: 1000, height: 700 });
  const before = world.context.pages().length;
  await workbench.treeAction("alice", "Sign Out");
  const { host, origin } = new URL(world.demo.idp);
  const offer = "Your browser may still be signed in";
  expect(await workbench.notification(offer)).toContain(`signed in at ${host}`);
  expect(world.context.pages()).toHaveLength(before);
  await workbench.screenshot("end-browser-session-offer");
  await workbench.answerNotification(offer, "End It in the Browser…");
  const dialog = await workbench.dialog();
  expect(dialog.message).toBe(`End your browser's session at ${host}?`);
  expect(dialog.detail).toContain(`This address is opened:\n\n${origin}/`);
  expect(dialog.detail).toContain("With it goes the ID token of the session that has ended");
  await workbench.screenshot("end-browser-session-question");
  const page = await workbench.opens(() => workbench.answer("Open in Browser"));
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByText("You are signed out").waitFor();
  await page.close();
  // Who signs in now types the password again.
  await signInAs(workbench, world, "alice");
});
