import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserContext } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { startWorld, type World } from "../harness.ts";
import { logIn, personOf } from "../people.ts";
import { Shell } from "../shell.ts";
import { Workbench } from "../workbench.ts";
import { approveAll, ReviewPage } from "../review.ts";

/** Somebody whose browser and editor are in Simplified Chinese. */
let world: World;
let context: BrowserContext;
let workbench: Workbench;

/**
 * What the installation of a language pack leaves in the editor's data. This pack translates nothing of the editor itself,
 * so that the suite finds its way there; extensions are asked for the language all the same.
 */
const haveLanguagePack = async (dataDir: string): Promise<void> => {
  const pack = join(dataDir, "language-pack");
  await mkdir(pack);
  const translations = join(pack, "main.i18n.json");
  await writeFile(translations, JSON.stringify({ version: "1.0.0", contents: {} }));
  const installed = {
    "zh-cn": {
      hash: "of-the-pack",
      extensions: [{ extensionIdentifier: { id: "test.language-pack-zh-hans" }, version: "1.0.0" }],
      translations: { vscode: translations },
      label: "中文(简体)",
    },
  };
  await writeFile(join(dataDir, "data/languagepacks.json"), JSON.stringify(installed));
  // What "Configure Display Language" writes.
  await writeFile(join(dataDir, "data/User/argv.json"), JSON.stringify({ locale: "zh-cn" }));
};

beforeAll(async () => {
  world = await startWorld({ name: "chinese" });
  return () => world[Symbol.asyncDispose]();
});

beforeAll(async () => {
  await haveLanguagePack(world.serverDataDir);
  context = await world.browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "zh-CN" });
  context.setDefaultTimeout(60_000);
  workbench = await Workbench.open(context, world.editor.url);
  await workbench.trust();
  await workbench.showLanyard();
});

const descriptionOf = async (label: string): Promise<string> =>
  (await workbench.tree()).find((row) => row.label === label)?.description ?? "";

test("the view and its rows are Chinese", async () => {
  await expect.poll(() => descriptionOf("github")).toContain("需要你的批准");
  await workbench.page.locator(".sidebar .title-label").getByText("连接器").waitFor();
  await workbench.screenshot("chinese-view");
});

test("the approval, the sign-in and its last page are Chinese", async () => {
  const page = await workbench.opens(async () => {
    await workbench.run("Lanyard: 登录");
    const text = await new ReviewPage(workbench).text();
    expect(text).toMatch(/^等待你批准 \(\d+\)$/m);
    expect(text).toContain("你的访问令牌发送到");
    expect(text).toContain("批准");
    await workbench.screenshot("chinese-approval");
    await approveAll(workbench);
    await workbench.answer("Allow");
  });
  await logIn(page, personOf(world, "alice"));
  await page.getByText("你已登录").waitFor();
  expect(await page.locator("html").getAttribute("lang")).toBe("zh-cn");
  expect(await page.locator("main").innerText()).toContain("可以关闭此页面并返回编辑器。");
  await page.close();
  await expect.poll(() => descriptionOf("github")).toContain("就绪");
  await workbench.screenshot("chinese-ready");
});

test("the helper's answers in the terminal are Chinese too, as they come from this window", async () => {
  const { stdout } = await new Shell(world).lanyard("status");
  expect(stdout).toMatch(/^已以 alice.* 的身份在 http.* 登录。/);
});
