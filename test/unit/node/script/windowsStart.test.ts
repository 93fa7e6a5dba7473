import { describe, expect, test } from "vitest";
import {
  windowsLine,
  windowsStart,
  type Surroundings,
  type WindowsStarting,
} from "../../../../src/node/script/windowsStart.ts";

const git = String.raw`C:\Program Files\Git\bin\sh.exe`;
const onDisk = new Set([git, String.raw`C:\nodejs\node.exe`, String.raw`C:\nodejs\npx.cmd`]);

const around = (folder = String.raw`C:\work\team`, has = onDisk): Surroundings => ({
  variables: {
    ProgramFiles: String.raw`C:\Program Files`,
    PATH: String.raw`.;C:\nodejs`,
    ComSpec: String.raw`.\cmd.exe`,
    SystemRoot: String.raw`D:\Windows`,
  },
  folder,
  exists: (path) => has.has(path),
});
const starting = (argv: readonly string[], folder?: string, has?: Set<string>): WindowsStarting =>
  windowsStart(argv, around(folder, has));

const powershell = String.raw`D:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`;

const started = (program: string, args: readonly string[], isVerbatim = false): WindowsStarting => ({
  kind: "start",
  start: { program, args, isVerbatim },
});
const byCmd = (line: string): WindowsStarting =>
  started(String.raw`D:\Windows\System32\cmd.exe`, ["/d", "/s", "/c", `"${line}"`], true);

describe("what starts a script on Windows", () => {
  test.each<[what: string, argv: readonly string[], start: WindowsStarting]>([
    ["a program", [String.raw`C:\t\get.exe`, "a b"], started(String.raw`C:\t\get.exe`, ["a b"])],
    ["a program of the PATH", ["node", "get.mjs"], started(String.raw`C:\nodejs\node.exe`, ["get.mjs"])],
    ["a batch file of the PATH", ["npx", "get"], byCmd(String.raw`"C:\nodejs\npx.cmd" "get"`)],
    [
      "a batch file",
      [String.raw`C:\t & (u)\get.cmd`, "a & b"],
      byCmd(String.raw`"C:\t & (u)\get.cmd" "a & b"`),
    ],
    [
      "PowerShell",
      [String.raw`C:\t\get.ps1`, "a"],
      started(powershell, ["-NoProfile", "-NonInteractive", "-File", String.raw`C:\t\get.ps1`, "a"]),
    ],
    ["Git's shell", [String.raw`C:\t\get.sh`, "a b"], started(git, ["C:/t/get.sh", "a b"])],
  ])("%s", (_what, argv, start) => {
    expect(starting(argv)).toEqual(start);
  });

  test.each<[obstacle: string, argv: readonly string[], folder?: string | undefined, has?: Set<string>]>([
    ["notOnPath", ["curl"]],
    ["notOnPath", ["get.cmd"]],
    ["noShell", [String.raw`C:\t\get.sh`], undefined, new Set()],
    ["argument", [String.raw`C:\t\get.cmd`, '"&calc&"']],
    ["argument", [String.raw`C:\t\get.cmd`, "%PATH%"]],
    ["argument", [String.raw`C:\t\get.cmd`, "a\nb"]],
    ["argument", [String.raw`C:\100%\get.cmd`]],
    ["networkFolder", [String.raw`\\server\t\get.cmd`], String.raw`\\server\t`],
  ])("says why not: %s", (obstacle, argv, folder, has) => {
    expect(starting(argv, folder, has)).toEqual({ kind: "cannot", obstacle });
  });
});

describe("arguments that cmd.exe is to expand", () => {
  test.each<[what: string, named: string, start: WindowsStarting]>([
    ["a batch file", String.raw`C:\t\get.cmd`, byCmd(String.raw`"C:\t\get.cmd" %USERNAME%`)],
    ["a program of the PATH, never of the folder", "npx", byCmd(String.raw`"C:\nodejs\npx.cmd" %USERNAME%`)],
    ["Git's shell", String.raw`C:\t\get.sh`, byCmd(`"${git}" "C:/t/get.sh" %USERNAME%`)],
    ["a name that is not on the PATH", "get", { kind: "cannot", obstacle: "notOnPath" }],
    ["a path that would be expanded", String.raw`C:\%t%\get.cmd`, { kind: "cannot", obstacle: "argument" }],
  ])("%s", (_what, named, start) => {
    expect(windowsLine(named, " %USERNAME%", around())).toEqual(start);
  });

  test("are refused where cmd.exe cannot work", () => {
    expect(windowsLine("npx", " %A%", around(String.raw`\\server\team`))).toEqual({
      ...{ kind: "cannot", obstacle: "networkFolder" },
    });
  });
});
