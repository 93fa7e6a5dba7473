import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { inRoot } from "../../scripts/support/paths.ts";
import { needs } from "../../test/support/needs.ts";

const run = promisify(execFile);

test("the service's unit is one that systemd takes", needs("systemd"), async () => {
  const folder = await mkdtemp(join(tmpdir(), "lanyard-unit-"));
  try {
    const text = await readFile(inRoot("facade/lanyard-facade.service"), "utf8");
    const unit = join(folder, "lanyard-facade.service");
    // It looks whether the program is there.
    await writeFile(unit, text.replace("/usr/bin/node", process.execPath));
    const { stdout, stderr } = await run("systemd-analyze", ["verify", "--man=no", unit]);
    expect(`${stdout}${stderr}`).toBe("");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
