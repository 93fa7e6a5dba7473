import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Admin } from "../admin.ts";
import { startWorld, type World } from "../harness.ts";
import { personOf, signInAs } from "../people.ts";
import { Shell } from "../shell.ts";
import type { Workbench } from "../workbench.ts";
import { awaitedLater } from "../../support/awaitedLater.ts";

/** What a person does for a connector, felt in its row. Told in order, in one window. */
let world: World;
let workbench: Workbench;
let shell: Shell;
let admin: Admin;

beforeAll(async () => {
  world = await startWorld({ name: "interactions", pushSeconds: 30 });
  [shell, admin] = [new Shell(world), new Admin(world)];
  workbench = await world.openWorkbench();
  await workbench.trust();
  await workbench.showLanyard();
  await signInAs(workbench, world, "alice");
});
afterAll(() => world[Symbol.asyncDispose]());

const row = async (name: string): Promise<string> =>
  (await workbench.tree()).find(({ label }) => label === name)?.description ?? "";

const turns = (name: string, expected: RegExp | string): Promise<void> =>
  expect.poll(() => row(name)).toMatch(expected);

/** Nothing goes on any more: no progress, no countdown, and nobody asks the vault. */
const isQuiet = async (): Promise<void> => {
  await expect.poll(() => workbench.isBusy()).toBe(false);
  await expect.poll(() => workbench.viewMessage()).toBe("");
  const before = await admin.exchanges();
  await workbench.page.waitForTimeout(2_500);
  expect(await admin.exchanges()).toBe(before);
};

/** Whether what the helper printed can be sent, and if not, what a person reads. */
const outcomeOf = (headers: Readonly<Record<string, string>>): string => {
  try {
    return new Headers(headers).has("authorization") ? "granted" : "no credential";
  } catch {
    return Object.keys(headers).join();
  }
};
const helper = async (name: string): Promise<string> => outcomeOf(await shell.helper(name));

test("one notification speaks of all that need the person, and the badge counts them", async () => {
  await turns("pagerduty", /^Step-up needed/);
  expect(await workbench.notification(/need you/)).toBe("Connectors that need you: notion, pagerduty.");
  await expect.poll(() => workbench.badge()).toBe("2");
  await workbench.dismissNotifications();
});

describe("authorizing Notion", () => {
  /** From the row to the vault's page, past the dialog that shows where it leads. */
  const authorize = (): Promise<Page> =>
    workbench.opens(async () => {
      await workbench.treeAction("notion", "Authorize");
      const { message, detail } = await workbench.dialog();
      const [url = ""] = /http:\S+$/.exec(detail) ?? [];
      expect(new URL(url).pathname).toMatch(/^\/requests\/[0-9a-f-]{36}$/);
      expect(message).toBe(`notion: continue at ${new URL(url).host}?`);
      await workbench.answer("Open in Browser");
    });

  test("nothing opens, and nobody waits, when the person declines the address", async () => {
    await workbench.treeAction("notion", "Authorize");
    await workbench.dialog();
    await workbench.answer("Cancel");
    await turns("notion", /^Needs connection/);
    await isQuiet();
  });

  test("waits in its row, and can be cancelled there", async () => {
    const page = await authorize();
    await turns("notion", "Waiting for you in the browser…");
    await expect.poll(() => workbench.isBusy()).toBe(true);
    const waiting = awaitedLater(helper("notion"));
    await workbench.treeAction("notion", "Cancel Waiting");
    await turns("notion", /^Needs connection/);
    expect(await waiting).toMatch(/authorized once.* Open http:/);
    await isQuiet();
    await page.close();
  });

  test("turns ready by itself, and so does the helper that came meanwhile", async () => {
    const page = await authorize();
    await turns("notion", "Waiting for you in the browser…");
    const waiting = awaitedLater(helper("notion"));
    await page.getByRole("button", { name: /^Connect/ }).click();
    expect(await waiting).toBe("granted");
    await turns("notion", /^Ready/);
    await isQuiet();
    await page.close();
  });
});

describe("signing in again, more strongly, for PagerDuty", () => {
  const stepUp = (): Promise<Page> => workbench.opens(() => workbench.treeAction("pagerduty", "Step Up"));

  test("can be cancelled in the row", async () => {
    const page = await stepUp();
    await turns("pagerduty", "Waiting for you in the browser…");
    await workbench.treeAction("pagerduty", "Cancel Waiting");
    await turns("pagerduty", /^Step-up needed/);
    await isQuiet();
    await page.close();
  });

  test("asks for the one-time code, and the connector is ready", async () => {
    const page = await stepUp();
    await page.fill("[name=otp]", personOf(world, "alice").otp);
    await page.click("[type=submit]");
    await page.getByText("You are signed in").waitFor();
    await turns("pagerduty", /^Ready/);
    expect(await helper("pagerduty")).toBe("granted");
    await isQuiet();
    await page.close();
  });
});

describe("a push that a helper caused, with nobody in the view", () => {
  const demandPush = (): Promise<void> => admin.setPolicy("linear", { state: "step-up", method: "push" });
  const waiting = /^Approve on your phone: Linear: allow for alice, code \d{4} · 0:[0-3]\d left$/;

  test("counts down in its row, and the approval on the phone answers every helper that waits", async () => {
    await demandPush();
    const helpers = awaitedLater(Promise.all([helper("linear"), helper("linear"), helper("linear")]));
    await turns("linear", waiting);
    const [first] = (await row("linear")).match(/\d+:\d+/) ?? [];
    await expect.poll(async () => (await row("linear")).match(/\d+:\d+/)?.[0]).not.toBe(first);
    expect(await workbench.viewMessage()).toMatch(waiting);
    const [push] = await admin.approvals();
    expect(await row("linear")).toContain(push?.bindingMessage);
    const phone = await world.context.newPage();
    await phone.goto(admin.phone);
    await phone.getByRole("button", { name: "Approve" }).click();
    await phone.getByText("Nothing to approve").waitFor();
    await phone.close();
    expect(await helpers).toEqual(["granted", "granted", "granted"]);
    await turns("linear", /^Ready/);
    const granted = (await admin.audit("linear")).filter(({ outcome }) => outcome === "granted");
    expect(granted.at(-1)?.policy).toBe("step-up");
    expect(granted.filter(({ policy }) => policy === "step-up")).toHaveLength(1);
    await isQuiet();
  });

  test("is denied once it is rejected", async () => {
    await demandPush();
    const waitingHelper = awaitedLater(helper("linear"));
    await turns("linear", waiting);
    await admin.decide("linear", "reject");
    expect(await waitingHelper).toContain("Not approved by the person who was asked");
    await turns("linear", /^Denied/);
    await isQuiet();
  });

  test("goes on after the helper's deadline, so that the next helper just works", async () => {
    await demandPush();
    expect(await helper("linear")).toMatch(/Approve the request on your device \(.*code \d{4}\)/);
    await turns("linear", waiting);
    await admin.decide("linear", "approve");
    await turns("linear", /^Ready/);
    expect(await helper("linear")).toBe("granted");
    await isQuiet();
  });

  test("can be cancelled, which the helper is told at once", async () => {
    await demandPush();
    const waitingHelper = awaitedLater(helper("linear"));
    await turns("linear", waiting);
    await workbench.treeAction("linear", "Cancel Waiting");
    expect(await waitingHelper).toContain("Approve the request on your device");
    await turns("linear", /^Step-up needed/);
    await isQuiet();
  });

  test("is denied when nobody approves in time", async () => {
    await demandPush();
    await workbench.treeAction("linear", "Check Now");
    await turns("linear", waiting);
    await expect.poll(() => row("linear"), { timeout: 45_000 }).toMatch(/^Denied.*in time/);
    await isQuiet();
  });
});
