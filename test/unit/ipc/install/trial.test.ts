import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tryLauncher } from "../../../../src/ipc/install/trial.ts";
import { needs } from "../../../support/needs.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "lanyard-trial $HOME-"));
  await mkdir(join(home, "bin"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

describe("the launcher, run once", needs("posixShell"), () => {
  test.each([
    ["says its version", "#!/bin/sh\necho lanyard 1.2.3\n", 0o755, "runs"],
    ["says something else", "#!/bin/sh\necho hello\n", 0o755, "failed"],
    ["fails", "#!/bin/sh\nexit 1\n", 0o755, "failed"],
    ["may not be run", "#!/bin/sh\n", 0o644, "forbidden"],
  ] as const)("%s", async (_what, text, mode, kind) => {
    await writeFile(join(home, "bin/lanyard"), text);
    await chmod(join(home, "bin/lanyard"), mode);
    expect(await tryLauncher(home)).toEqual({ kind });
  });

  test("is not there", async () => {
    expect(await tryLauncher(home)).toEqual({ kind: "failed" });
  });

  test("is given up with the window", async () => {
    await writeFile(join(home, "bin/lanyard"), "#!/bin/sh\nsleep 30\n", { mode: 0o755 });
    const end = new AbortController();
    const trial = tryLauncher(home, end.signal);
    end.abort();
    expect(await trial).toEqual({ kind: "unknown" });
  });
});
