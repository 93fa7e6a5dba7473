import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import axe, { type AxeResults } from "axe-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { startWorld, type World } from "../harness.ts";
import { signInAs } from "../people.ts";
import { Shell, type Said } from "../shell.ts";
import { TextEditor } from "../textEditor.ts";
import type { Workbench } from "../workbench.ts";
import { awaitedLater } from "../../support/awaitedLater.ts";

/** What was done, as a person reads it again, and the question before a program gets the person's own token. */
let world: World;
let window: Workbench;
let shell: Shell;

const hostile = "https://evil.example/[x](command:workbench.action.quit)";

beforeAll(async () => {
  world = await startWorld({ name: "history", settings: { "window.autoDetectColorScheme": true } });
  shell = new Shell(world);
  window = await world.openWorkbench();
  await window.trust();
  await window.page.setViewportSize({ width: 1000, height: 700 });
  await window.showLanyard();
  await signInAs(window, world, "alice");
  await vi.waitFor(async () => expect(await rowOf("github")).toMatch(/^Ready/), { timeout: 30_000 });
});
afterAll(() => world[Symbol.asyncDispose]());

const rowOf = async (name: string): Promise<string> =>
  (await window.tree()).find(({ label }) => label === name)?.description ?? "";

/** What axe finds wrong in a part of the window. */
const violations = async (part: string): Promise<readonly string[]> => {
  await window.page.evaluate(axe.source);
  const run = `axe.run(${JSON.stringify(part)})`;
  const { violations: wrong, passes } = await window.page.evaluate<AxeResults>(run);
  expect(passes.length).toBeGreaterThan(3);
  return wrong.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
};

const inTheme = async (scheme: "dark" | "light"): Promise<void> => {
  await window.page.emulateMedia({ colorScheme: scheme });
  const base = scheme === "dark" ? "vs-dark" : "vs";
  await window.page.locator(`.monaco-workbench.${base}`).waitFor();
};

const tabNamed = (name: string): Promise<void> =>
  window.page.locator(".tab.active").filter({ hasText: name }).waitFor();

const asks = /asks for your own access token/;
const ask = (): Promise<Said> => shell.lanyard(`token --issuer ${world.demo.idp}`);

/** All that shows, without blanks: the editor breaks its lines. */
const shown = async (): Promise<string> => (await new TextEditor(window).lines()).join("").replace(/\s/g, "");

describe.each(["dark", "light"] as const)("in the %s theme", (scheme) => {
  test("the history tells who asked, who answered and what left, newest first, and has no link", async () => {
    await inTheme(scheme);
    await shell.helper("github");
    const folder = join(world.lanyardHome, "history");
    await mkdir(folder, { recursive: true });
    const line = { atMs: Date.now(), kind: "answer", connector: hostile, policy: hostile };
    await appendFile(join(folder, "history.jsonl"), `${JSON.stringify(line)}\n`);
    await window.run("Lanyard: Show History");
    await tabNamed("Lanyard History.txt");
    await expect.poll(shown).toContain("connector=https://evil.example/");
    const text = await shown();
    expect(text).toMatch(/handOutconnector=github.*asker=helper.*until=20/);
    expect(text.indexOf("evil.example")).toBeLessThan(text.indexOf("handOut"));
    await window.page.locator(".editor-group-container.active .view-line").first().hover();
    expect(await window.page.locator(".detected-link, .detected-link-active").count()).toBe(0);
    await window.screenshot(`history-${scheme}`);
    expect(await violations(".editor-group-container.active .monaco-editor")).toEqual([]);
    await window.run("View: Close All Editors");
  });

  test("a row's menu shows what happened to that connector alone, by keyboard", async () => {
    await inTheme(scheme);
    await window.focusTree();
    const { keyboard } = window.page;
    await keyboard.press("Home");
    for (let n = 0; n < 20 && !/^github,/.test(await window.spokenRow()); n += 1)
      await keyboard.press("ArrowDown");
    await keyboard.press("Shift+F10");
    const menu = await window.menu();
    expect(menu).toContain("Show History");
    await window.screenshot(`history-menu-${scheme}`);
    await keyboard.press("End");
    await keyboard.press("Enter");
    await tabNamed("Lanyard History - github.txt");
    await expect.poll(shown).toContain("connector=github");
    expect(await shown()).not.toMatch(/connector=(?!github)/);
    await window.screenshot(`history-github-${scheme}`);
    await window.run("View: Close All Editors");
  });

  test("the question before a token names the program, and is answered by keyboard", async () => {
    await inTheme(scheme);
    await window.dismissNotifications();
    const given = awaitedLater(ask());
    const message = await window.notification(asks);
    expect(message).toContain(`at ${new URL(world.demo.idp).host}. Who has it can act as you.`);
    if (process.platform === "linux") expect(message).toMatch(/\bnode \(\d+\) > sh \(\d+\)/);
    await window.screenshot(`token-question-${scheme}`);
    expect(await violations(".notification-toast .notification-list-item")).toEqual([]);
    await window.run("Notifications: Focus Notification Toast");
    const focused = (): Promise<string> => window.page.locator(":focus").innerText();
    for (let n = 0; n < 10 && (await focused()) !== "Once"; n += 1) await window.page.keyboard.press("Tab");
    expect(await focused()).toBe("Once");
    await window.page.keyboard.press("Enter");
    expect((await given).stdout.trim().length).toBeGreaterThan(20);
    await window.notificationGone(asks);
  });
});

test("closing the question gives nothing, and the same program is not asked about again at once", async () => {
  const refused = awaitedLater(ask());
  await window.notification(asks);
  await window.dismissNotifications();
  expect(await refused).toMatchObject({ stdout: "" });
  expect(await ask()).toMatchObject({ stdout: "" });
  expect(await window.notifications()).toEqual([]);
});
