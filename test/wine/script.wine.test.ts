/** Team scripts as they are run on Windows. */
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { scriptProblem } from "../../src/core/config/command/scriptProgram.ts";
import { runTeamScript } from "../../src/node/script/teamScript.ts";
import type { ScriptResult } from "../../src/core/credentials/source.ts";
import { needs } from "../support/needs.ts";

let folder: string;
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "lanyard-script-")), "Müller & Söhne (2)");
  await mkdir(folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }));

const ran = async (
  name: string,
  text: string,
  args: readonly string[] = [],
  signal = new AbortController().signal,
): Promise<ScriptResult> => {
  await writeFile(join(folder, name), text);
  return runTeamScript(
    { kind: "argv", argv: [join(folder, name), ...args], folder },
    {
      ...{ server: "sentry", url: "https://mcp.example.com", issuer: "https://idp.example.com" },
      ...{ token: "token-canary", by: "environment", variables: process.env },
    },
    { signal, passStderr: false },
  );
};

describe("a team script on Windows", needs("windows"), () => {
  test("a batch file gets the token and its arguments, in a folder that is odd", async () => {
    const text = "@echo off\r\necho %CLAUDE_CODE_MCP_USER_TOKEN% %1 %2\r\n";
    expect(await ran("get it.cmd", text, ["a & b", "c"])).toMatchObject({
      exitCode: 0,
      stdout: 'token-canary "a & b" "c"\r\n',
    });
  });

  test("a batch file's exit code and stderr are its own", async () => {
    const result = await ran("get.cmd", "@echo off\r\n>&2 echo no\r\nexit /b 7\r\n");
    expect(result).toMatchObject({ exitCode: 7, stdout: "", stderr: "no\r\n" });
  });

  test("a time-out ends all that a batch file started", async () => {
    const beat = "setInterval(() => require('fs').appendFileSync('beats', '.'), 50)";
    await writeFile(join(folder, "beat.cjs"), beat);
    const abort = new AbortController();
    const running = ran("get.cmd", `@"${process.execPath}" beat.cjs\r\n`, [], abort.signal);
    const beats = (): Promise<string> => readFile(join(folder, "beats"), "utf8").catch(() => "");
    await expect.poll(beats, { timeout: 30_000 }).toMatch(/\.\./);
    abort.abort();
    expect(await running).toMatchObject({ exitCode: "timedOut" });
    const then = await beats();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(await beats()).toBe(then);
  });

  test("what needs a shell that is not there says so", async () => {
    expect(await ran("get.sh", "echo x")).toMatchObject({ exitCode: "notStarted", obstacle: "noShell" });
  });
});

describe("a command of a project's file", needs("windows"), () => {
  const marks = ["", ..."^,;=@&|<>()%!'~+-.:$#".split(""), ".^", "^^", "@,", '"" ', "a&", "a|", ".\\"];
  const spellings = marks.flatMap((mark) => [
    `${mark}..\\evil.cmd`,
    `"${mark}..\\evil.cmd"`,
    `${mark}../evil.cmd`,
  ]);

  test("never passes the check where cmd.exe starts what lies outside of the folder", async () => {
    const outside = join(folder, "..");
    const evil = join(outside, "evil.cmd");
    await writeFile(evil, `@echo evil>"${join(outside, "ran")}"\r\n`);
    const origin = { kind: "workspace", file: join(folder, ".mcp.json"), folder } as const;
    const starts: string[] = [];
    for (const command of spellings) {
      await rm(join(outside, "ran"), { force: true });
      spawnSync(command, { shell: true, cwd: folder, timeout: 20_000 });
      const hasRun = (await readFile(join(outside, "ran"), "utf8").catch(() => "")) !== "";
      if (hasRun) starts.push(command);
    }
    expect(starts.filter((command) => scriptProblem(command, origin, "cmd") === undefined)).toEqual([]);
    // Else nothing was compared.
    expect(starts).toEqual(expect.arrayContaining(["..\\evil.cmd", "^..\\evil.cmd"]));
  });

  test("that is a bare name is not looked up in the project, whatever its arguments hold", async () => {
    await writeFile(join(folder, "corp-token.cmd"), "@echo {}\r\n");
    const limits = { signal: new AbortController().signal, passStderr: false };
    const handover = {
      ...{ server: "sentry", url: "https://mcp.example.com", issuer: "https://idp.example.com" },
      ...({ token: "token-canary", by: "environment", variables: process.env } as const),
    };
    for (const rest of ["", " %USERNAME%"]) {
      const command = { kind: "line", program: "corp-token", rest, folder } as const;
      expect(await runTeamScript(command, handover, limits)).toMatchObject({
        ...{ exitCode: "notStarted", obstacle: "notOnPath" },
      });
    }
  });
});
