import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { delimiter, join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lookForClaudeCode, lookForCurl } from "../../../../src/ipc/doctor/programs.ts";

/** Programs of this test's own, on a PATH of its own. */
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lanyard-programs-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const program = async (name: string, script: string, mode = 0o755): Promise<string> => {
  const file = join(folder, name);
  await mkdir(join(file, ".."), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, mode);
  return file;
};

const asking = (path = folder): { variables: NodeJS.ProcessEnv; timeoutMs: number } => ({
  variables: { PATH: path },
  timeoutMs: 10_000,
});

describe.skipIf(process.platform === "win32")("curl", () => {
  test("is where the PATH says, and says its version", async () => {
    const file = await program("curl", 'echo "curl 8.5.0 (here) libcurl/8.5.0"');
    expect(await lookForCurl(asking())).toEqual({ needed: true, file, version: "8.5.0" });
  });

  test("is not there", async () => {
    expect(await lookForCurl(asking())).toEqual({ needed: true });
    expect(await lookForCurl(asking(""))).toEqual({ needed: true });
  });

  test("that cannot be run does not count", async () => {
    await program("curl", "echo no", 0o644);
    expect(await lookForCurl(asking())).toEqual({ needed: true });
  });

  test("is not needed on Windows", async () => {
    expect(await lookForCurl({ ...asking(), platform: "win32" })).toEqual({ needed: false });
  });
});

describe.skipIf(process.platform === "win32")("Claude Code", () => {
  test("says its version", async () => {
    await program("claude", 'echo "2.1.330 (Claude Code)"');
    expect(await lookForClaudeCode(asking())).toEqual({ kind: "found", version: "2.1.330" });
  });

  test("is asked for its version and nothing else, outside of every project", async () => {
    await program("claude", '[ "$*" = --version ] && [ "$PWD" = "$HERE" ] && echo 1.2.3');
    const variables = { PATH: folder, HERE: homedir() };
    expect(await lookForClaudeCode({ variables, timeoutMs: 10_000 })).toEqual({
      kind: "found",
      version: "1.2.3",
    });
  });

  test("is not there", async () => {
    expect(await lookForClaudeCode(asking())).toEqual({ kind: "notFound" });
  });

  test.each([
    ["fails", "echo 1.2.3; exit 1"],
    ["says no version", "echo hello"],
    ["says more than anybody reads", "while :; do echo 0123456789; done"],
  ])("that %s is silent", async (_what, script) => {
    await program("claude", script);
    expect(await lookForClaudeCode(asking())).toEqual({ kind: "silent" });
  });

  test("that hangs is not waited for", async () => {
    await program("claude", "exec sleep 600");
    expect(
      await lookForClaudeCode({ variables: { PATH: `${folder}:/bin:/usr/bin` }, timeoutMs: 200 }),
    ).toEqual({
      kind: "silent",
    });
  });

  test("in a folder that the PATH names relatively is left alone: a project could have put it there", async () => {
    await program("claude", "echo 6.6.6");
    const path = ["", ".", relative(process.cwd(), folder)].join(delimiter);
    expect(await lookForClaudeCode(asking(path))).toEqual({ kind: "notFound" });
  });
});
