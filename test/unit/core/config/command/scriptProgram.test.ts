import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scriptProblem, scriptProgram } from "../../../../../src/core/config/command/scriptProgram.ts";
import { user, workspace } from "../support.ts";

describe("what a script's command starts", () => {
  it.each([
    ["./scripts/get.sh --team a", { kind: "path", path: "./scripts/get.sh" }],
    ["'my scripts/get.sh'", { kind: "path", path: "my scripts/get.sh" }],
    [String.raw`'d\1/get.sh'`, { kind: "path", path: String.raw`d\1/get.sh` }],
    [String.raw`./g\et.sh`, { kind: "path", path: "./get.sh" }],
    [String.raw`"./g\et\$.sh"`, { kind: "path", path: String.raw`./g\et$.sh` }],
    [String.raw`.\./get.sh`, { kind: "path", path: "../get.sh" }],
    ["node ./get.js", { kind: "command" }],
    ["corp-token", { kind: "command" }],
    ["$HOME/get.sh", { kind: "unclear" }],
    ["./get.sh; ./more.sh", { kind: "unclear" }],
    ["A=1 ../evil.sh", { kind: "unclear" }],
    ["PATH=../bin get", { kind: "unclear" }],
    ["_A9=../evil get", { kind: "unclear" }],
    ["./a=b", { kind: "path", path: "./a=b" }],
  ])("%s", (command, program) => {
    expect(scriptProgram(command)).toEqual(program);
  });

  it.each([
    [String.raw`scripts\get.cmd`, { kind: "path", path: String.raw`scripts\get.cmd` }],
    ['"my scripts/get.cmd" --team a', { kind: "path", path: "my scripts/get.cmd" }],
    ["get", { kind: "command" }],
    [String.raw`..^\evil.cmd`, { kind: "unclear" }],
    [String.raw`,..\evil.cmd`, { kind: "unclear" }],
    [String.raw`@..\evil.cmd`, { kind: "unclear" }],
    [String.raw`%CD%\..\evil.cmd`, { kind: "unclear" }],
    [String.raw`a"b"\get.cmd`, { kind: "unclear" }],
    ["get.cmd & evil.cmd", { kind: "unclear" }],
  ])("%s on Windows", (command, program) => {
    expect(scriptProgram(command, "cmd")).toEqual(program);
  });
});

describe("where a script of a workspace may lie", () => {
  it.each(["./a.sh", "a/../b.sh", "a/b/../../c.sh", "/work/acme/a.sh", "node ../a.js", "./..a.sh"])(
    "within the folder, or anywhere on PATH: %s",
    (command) => {
      expect(scriptProblem(command, workspace)).toBeUndefined();
    },
  );

  it.each(["../a.sh", "a/../../b.sh", "/work/acme-2/a.sh", "/a.sh", String.raw`..\a.cmd`, "C:/a.cmd"])(
    "not outside of it: %s",
    (command) => {
      expect(scriptProblem(command, workspace)).toBe("outside");
    },
  );

  it("is the user's affair in the user's own file", () => {
    expect(scriptProblem("/opt/corp/get.sh", user)).toBeUndefined();
  });

  it("is outside as soon as more steps lead up than down", () => {
    const steps = fc.array(fc.constantFrom("..", "a", "."), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(steps, (given) => {
        const down = given.reduce((depth, step) => depth + (step === ".." ? -1 : step === "." ? 0 : 1), 0);
        const problem = scriptProblem(`./${given.join("/")}`, workspace);
        if (down < 0) expect(problem).toBe("outside");
        if (!given.includes("..")) expect(problem).toBeUndefined();
      }),
    );
  });
});

describe("where a script of a workspace may lie on Windows", () => {
  const problemIn = (folder: string, command: string): ReturnType<typeof scriptProblem> =>
    scriptProblem(command, { kind: "workspace", file: ".mcp.json", folder }, "cmd");
  const team = String.raw`c:\work\team`;
  const share = String.raw`\\server\work\team`;

  it.each([
    [team, String.raw`scripts\get.cmd`],
    [team, String.raw`.\..a\.get.cmd`],
    [team, String.raw`.\scripts\..\get.ps1`],
    [team, String.raw`C:\Work\TEAM\get.cmd`],
    [String.raw`C:\Work\Team`, "c:/work/team/get.sh"],
    [share, String.raw`scripts\get.exe`],
    [share, String.raw`\\SERVER\Work\team\get.exe`],
    [team, "node get.mjs"],
  ])("in %s: %s", (folder, command) => {
    expect(problemIn(folder, command)).toBeUndefined();
  });

  it.each([
    [team, String.raw`..\evil.cmd`, "outside"],
    [team, String.raw`a\..\..\evil.cmd`, "outside"],
    [team, String.raw`C:\work\team2\evil.cmd`, "outside"],
    [team, String.raw`D:\work\team\evil.cmd`, "outside"],
    [team, String.raw`c:evil.cmd`, "outside"],
    [team, String.raw`\work\team\evil.cmd`, "outside"],
    [team, String.raw`\\server\work\evil.cmd`, "outside"],
    [team, "//server/work/evil.cmd", "outside"],
    [team, String.raw`\\.\C:\work\team\evil.cmd`, "outside"],
    [share, String.raw`..\evil.cmd`, "outside"],
    [share, String.raw`\\server\other\evil.cmd`, "outside"],
    [share, String.raw`\\other\work\team\evil.cmd`, "outside"],
    [share, String.raw`C:\evil.cmd`, "outside"],
    [team, String.raw`..^\evil.cmd`, "unclear"],
    [team, String.raw`.^.\evil.cmd`, "unclear"],
    [team, String.raw`^..\evil.cmd`, "unclear"],
    [team, String.raw`,..\evil.cmd`, "unclear"],
    [team, String.raw`;..\evil.cmd`, "unclear"],
    [team, String.raw`=..\evil.cmd`, "unclear"],
    [team, String.raw`@..\evil.cmd`, "unclear"],
    [team, String.raw`@,..\evil.cmd`, "unclear"],
    [team, String.raw`"."".\evil.cmd"`, "unclear"],
    [team, String.raw`(..\evil.cmd`, "unclear"],
    [team, String.raw`scripts\get.cmd&..\evil.cmd`, "unclear"],
    [team, String.raw`scripts\get.cmd|..\evil.cmd`, "unclear"],
    [team, String.raw`>x ..\evil.cmd`, "unclear"],
    [team, String.raw`%CD:~0,2%\evil.cmd`, "unclear"],
    [team, String.raw`!CD!\..\evil.cmd`, "unclear"],
    [team, String.raw`\\?\C:\evil.cmd`, "unclear"],
    [team, String.raw`...\evil.cmd`, "unclear"],
    [team, String.raw`a\....\evil.cmd`, "unclear"],
    [team, String.raw`".. \evil.cmd"`, "unclear"],
    [team, String.raw`" ..\evil.cmd"`, "unclear"],
    [team, "scripts\\get.cmd\n..\\evil.cmd", "unclear"],
    [team, "\u00a0..\\evil.cmd", "unclear"],
    [team, "\u3000..\\evil.cmd", "unclear"],
  ])("not in %s: %s (%s)", (folder, command, problem) => {
    expect(problemIn(folder, command)).toBe(problem);
  });
});
