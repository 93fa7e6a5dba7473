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
