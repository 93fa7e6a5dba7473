import { describe, expect, test } from "vitest";
import { windowsStart, type WindowsStarting } from "../../../../src/node/script/windowsStart.ts";

const git = String.raw`C:\Program Files\Git\bin\sh.exe`;
const onDisk = new Set([git, String.raw`C:\nodejs\node.exe`, String.raw`C:\nodejs\npx.cmd`]);

const starting = (
  argv: readonly string[],
  folder = String.raw`C:\work\team`,
  has = onDisk,
): WindowsStarting =>
  windowsStart(argv, {
    variables: {
      ProgramFiles: String.raw`C:\Program Files`,
      PATH: String.raw`.;C:\nodejs`,
      ComSpec: "cmd.exe",
    },
    folder,
    exists: (path) => has.has(path),
  });

const started = (program: string, args: readonly string[], isVerbatim = false): WindowsStarting => ({
  kind: "start",
  start: { program, args, isVerbatim },
});
test("cmd.exe is Windows' own where the environment does not name it: a PATH may have another", () => {
  const around = { variables: { SystemRoot: String.raw`D:\Windows` }, folder: undefined };
  expect(windowsStart([String.raw`C:\t\get.cmd`], around)).toMatchObject({
    start: { program: String.raw`D:\Windows\System32\cmd.exe` },
  });
});

const byCmd = (line: string): WindowsStarting => started("cmd.exe", ["/d", "/s", "/c", `"${line}"`], true);

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
      started("powershell.exe", ["-NoProfile", "-NonInteractive", "-File", String.raw`C:\t\get.ps1`, "a"]),
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
