import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lookForClaudeCode, lookForCurl } from "../../../../src/ipc/doctor/programs.ts";
import { isWindows, needs } from "../../../support/needs.ts";

/** Programs of this test's own, on a PATH of its own. */
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lanyard-programs-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Its body is Node's, and its start as npm makes it on each system. */
const program = async (name: string, body: string, mode = 0o755): Promise<string> => {
  const file = join(folder, isWindows ? `${name}.cmd` : name);
  const script = join(folder, `${name}.cjs`);
  await writeFile(script, body);
  const posix = `#!/bin/sh\nexec '${process.execPath}' '${script}' "$@"\n`;
  await writeFile(file, isWindows ? `@"${process.execPath}" "%~dp0${name}.cjs" %*\r\n` : posix);
  await chmod(file, mode);
  return file;
};

const asking = (path = folder): { variables: NodeJS.ProcessEnv; timeoutMs: number } => ({
  variables: { PATH: path },
  timeoutMs: 10_000,
});

describe("curl", () => {
  test("is where the PATH says, and says its version", needs("posixShell"), async () => {
    const file = await program("curl", 'console.log("curl 8.5.0 (here) libcurl/8.5.0");');
    expect(await lookForCurl(asking())).toEqual({ needed: true, file, version: "8.5.0" });
  });

  test("is not there", needs("posixShell"), async () => {
    expect(await lookForCurl(asking())).toEqual({ needed: true });
    expect(await lookForCurl(asking(""))).toEqual({ needed: true });
  });

  test("that cannot be run does not count", needs("modes"), async () => {
    await program("curl", "", 0o644);
    expect(await lookForCurl(asking())).toEqual({ needed: true });
  });

  test("is not needed on Windows", async () => {
    expect(await lookForCurl({ ...asking(), platform: "win32" })).toEqual({ needed: false });
  });
});

describe("Claude Code", () => {
  test("says its version", async () => {
    await program("claude", 'console.log("2.1.330 (Claude Code)");');
    expect(await lookForClaudeCode(asking())).toEqual({ kind: "found", version: "2.1.330" });
  });

  test("is asked for its version and nothing else, outside of every project", async () => {
    await program(
      "claude",
      `const { argv, env } = process;
       if (argv.slice(2).join() === "--version" && process.cwd() === env.HERE) console.log("1.2.3");`,
    );
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
    ["fails", "console.log('1.2.3'); process.exitCode = 1;"],
    ["says no version", "console.log('hello');"],
    ["says more than anybody reads", "for (;;) require('node:fs').writeSync(1, '0123456789\\n');"],
  ])("that %s is silent", async (_what, script) => {
    await program("claude", script);
    expect(await lookForClaudeCode(asking())).toEqual({ kind: "silent" });
  });

  test("that hangs is not waited for", async () => {
    await program("claude", "setTimeout(() => console.log('1.2.3'), 5_000);");
    expect(await lookForClaudeCode({ ...asking(), timeoutMs: 200 })).toEqual({ kind: "silent" });
  });

  test("in a folder that the PATH names relatively is left alone: a project could have put it there", async () => {
    await program("claude", "console.log('6.6.6');");
    const before = process.cwd();
    process.chdir(folder);
    try {
      const path = ["", ".", join("..", basename(folder))].join(delimiter);
      expect(await lookForClaudeCode(asking(path))).toEqual({ kind: "notFound" });
    } finally {
      process.chdir(before);
    }
  });
});
