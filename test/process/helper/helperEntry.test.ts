import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { helperCommand } from "../../../src/core/config/command/helperCommand.ts";
import { claude, unsendable, withCurl } from "../contract.ts";
import { asSh, buildHelper, install, isWindows, oddFolder, run, shells } from "../support.ts";

/** `headersHelper` as entries have it, in every shell that reads it on Linux and macOS; cmd.exe does in test/wine. */

let folder: Awaited<ReturnType<typeof oddFolder>>;
beforeAll(async () => {
  folder = await oddFolder();
  await install(join(folder.path, ".lanyard"), await buildHelper(folder.path));
});
afterAll(() => folder.remove());

describe.skipIf(isWindows).each(shells)("%s", (shell) => {
  const start = (env: Readonly<Record<string, string>>): ReturnType<typeof run> =>
    run([...asSh(shell), "-c", helperCommand], {
      env: { PATH: withCurl, ...claude("ready"), ...env },
      cwd: folder.path,
    });

  test("starts the command of the home, and of LANYARD_HOME", async () => {
    const elsewhere = { HOME: "/nonexistent", LANYARD_HOME: join(folder.path, ".lanyard") };
    for (const env of [{ HOME: folder.path }, elsewhere])
      expect(unsendable(await start(env))).toContain("Lanyard is not running");
  });

  test("says nothing where there is none, and starts nothing of the project's", async () => {
    const planted = join(folder.path, String.raw`%USERPROFILE%\.lanyard\bin\lanyard`);
    await mkdir(join(folder.path, "%USERPROFILE%/.lanyard/bin"), { recursive: true });
    for (const path of [planted, join(folder.path, "%USERPROFILE%/.lanyard/bin/lanyard")])
      await writeFile(path, "#!/bin/sh\necho planted\n", { mode: 0o755 });
    const ran = await start({ HOME: "/nonexistent" });
    expect(ran.stdout).toBe("");
    expect(ran.exitCode).not.toBe(0);
  });
});
