/** `npm run start:windows`, from nothing to an editor that answers with the extension in it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import * as z from "zod";
import { inRoot } from "../../scripts/support/paths.ts";
import { isWindows } from "../process/support.ts";

const readyLine = z.looseObject({ editor: z.url(), lanyardHome: z.string(), admin: z.url() });

test.runIf(isWindows)("the demo and the editor start, with the extension installed", async () => {
  const child = spawn(process.execPath, [inRoot("scripts/start.ts"), "--no-open", "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([once(lines, "line"), ended.then(() => [""])]);
  const ready = readyLine.parse(JSON.parse(String(line)));
  try {
    const page = await fetch(ready.editor);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("workbench");
    expect((await fetch(ready.admin)).status).toBe(200);
    const extensions = await readdir(join(dirname(ready.lanyardHome), "editor/extensions"));
    expect(extensions.filter((name) => name.startsWith("lanyard.lanyard-"))).toHaveLength(1);
  } finally {
    child.kill();
    await ended;
  }
});
