import { existsSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { setTimeout as delay } from "node:timers/promises";
import type { Page } from "playwright-core";
import type * as z from "zod";
import { build } from "../../scripts/build.ts";
import { installEditor } from "../../scripts/editor/install.ts";
import { packVsix } from "../../scripts/package.ts";
import { findChromium } from "../../test/editor/chromium.ts";
import { startWorld, type World } from "../../test/editor/harness.ts";
import { Workbench } from "../../test/editor/workbench.ts";
import { probed, writeProbe } from "../parts/probe.ts";
import { median, rounded, usualRuns } from "../parts/statistics.ts";
import type { Family, BenchRow } from "../row.ts";

const rival = "vscode.github-authentication";
const progress = (line: string): void => console.error(`  ${line}`);

/** The real editor with the VSIX as it ships, and GitHub's provider in the same extension host. */
const openWorld = async (): Promise<World> => {
  await build();
  await packVsix();
  await installEditor(progress);
  await findChromium(progress);
  return startWorld({
    name: "bench",
    settings: {
      "security.workspace.trust.enabled": false,
      "remote.extensionKind": { [rival]: ["workspace"] },
    },
    extensionDevelopment: true,
  });
};

interface Probe {
  readonly page: Page;
  /** Opens the window anew. @returns what the probe saw in it. */
  look(): Promise<z.infer<typeof probed>>;
}

const openProbe = async (world: World, folder: string): Promise<Probe> => {
  const [extension, result] = [join(world.home, "probe"), join(world.home, "probe.json")];
  await writeProbe(extension, result);
  const remote = `vscode-remote://127.0.0.1:${world.editor.port}${pathToFileURL(extension).pathname}`;
  const payload = encodeURIComponent(JSON.stringify([["extensionDevelopmentPath", remote]]));
  const page = await world.context.newPage();
  await page.setViewportSize({ width: 1280, height: 2400 });
  return {
    page,
    look: async () => {
      await rm(result, { force: true });
      await page.goto("about:blank");
      await page.goto(`${world.editor.urlOf(folder)}&payload=${payload}`);
      await new Workbench(page).loaded();
      const untilMs = performance.now() + 60_000;
      while (!existsSync(result)) {
        if (performance.now() > untilMs) throw new Error("The probe has seen nothing after a minute.");
        await delay(50);
      }
      return probed.parse(JSON.parse(await readFile(result, "utf8")));
    },
  };
};

/** Milliseconds, from the row of an extension in "Developer: Show Running Extensions". */
const activationOf = async (page: Page, name: string): Promise<number> => {
  const row = page.locator(".runtime-extensions-editor .monaco-list-row").filter({
    has: page.locator(".name").getByText(name, { exact: true }),
  });
  const text = await row.locator(".activation-time").filter({ hasText: /\d/ }).innerText();
  const shown = /Activation: (\d+)ms/.exec(text)?.[1];
  if (shown === undefined) throw new Error(`The row of ${name} says "${text}".`);
  return Number(shown);
};

const activationRow: BenchRow = {
  name: 'activation, as "Developer: Show Running Extensions" shows it',
  against: `\`${rival}\` in the same extension host`,
  reach: "≤ 1.0",
  measure: async () => {
    await using world = await openWorld();
    const probe = await openProbe(world, world.workspace);
    const seen: (readonly [number, number])[] = [];
    for (let turn = 0; turn < usualRuns + 1; turn += 1) {
      await probe.look();
      await new Workbench(probe.page).run("Developer: Show Running Extensions");
      seen.push([
        await activationOf(probe.page, "Lanyard: IdP sign-in for MCP connectors"),
        await activationOf(probe.page, "GitHub Authentication"),
      ]);
    }
    const counted = seen.slice(1);
    const [ours, theirs] = [median(counted.map(([a]) => a)), median(counted.map(([, b]) => b))];
    return {
      measured: `${rounded(ours / theirs)} (${ours} ms against ${theirs} ms)`,
      isMet: ours <= theirs,
      runs: usualRuns,
      figures: { ratio: ours / theirs, lanyardMs: ours, githubMs: theirs },
    };
  },
};

const limit = 60_000;

const loadedRow: BenchRow = {
  name: "JavaScript loaded by activation in a folder without connectors",
  against: "",
  reach: "≤ 60 kB",
  measure: async () => {
    await using world = await openWorld();
    const folder = join(world.home, "empty");
    await mkdir(folder);
    const { scripts } = await (await openProbe(world, folder)).look();
    const bytes = scripts.reduce((sum, script) => sum + script.bytes, 0);
    return {
      measured: `${(bytes / 1000).toFixed(1)} kB in ${scripts.length} files`,
      isMet: scripts.length > 0 && bytes <= limit,
      runs: 1,
      figures: { bytes, files: scripts.map(({ name }) => name).join(" ") },
    };
  },
};

export const editorFamily: Family = { key: "editor", rows: [activationRow, loadedRow] };
