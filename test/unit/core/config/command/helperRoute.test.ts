import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { helperRoute } from "../../../../../src/core/config/command/helperRoute.ts";

describe("helperRoute", () => {
  it.each([
    "lanyard headers",
    "  lanyard   headers  ",
    "lanyard headers --stdin",
    "/opt/lanyard/bin/lanyard headers",
    "~/.lanyard/bin/lanyard headers",
    "$HOME/.lanyard/bin/lanyard headers",
    '"${LANYARD_HOME:-$HOME/.lanyard}/bin/lanyard" headers',
    "${LANYARD_HOME:-$HOME/.lanyard}/bin/lanyard headers",
    '"$HOME"/.lanyard/bin/lanyard headers',
    "'/Users/Ada Lovelace/.lanyard/bin/lanyard' headers",
    "/Users/Ada\\ Lovelace/.lanyard/bin/lanyard headers",
    '"%USERPROFILE%\\.lanyard\\bin\\lanyard.cmd" headers',
    "lanyard.exe headers",
  ])("sees Lanyard in %s", (command) => {
    expect(helperRoute(command)).toEqual({ kind: "lanyard" });
  });

  it.each([
    '"%USERPROFILE%\\.lanyard\\bin\\lanyard.cmd" headers',
    "%USERPROFILE%\\.lanyard\\bin\\LANYARD headers",
    "C:\\Users\\ada\\.lanyard\\bin\\lanyard.cmd headers",
    "lanyard.exe headers",
  ])("sees Lanyard in %s on Windows", (command) => {
    expect(helperRoute(command, "cmd")).toEqual({ kind: "lanyard" });
  });

  it.each(["C:\\lanyard headers", "LANYARD headers", '"$(./evil)/lanyard" headers', "$'lanyard' headers"])(
    "sees another command where a shell reads one: %s",
    (command) => {
      expect(helperRoute(command)).toEqual({ kind: "foreign", command });
    },
  );

  it.each([
    ["lanyard headers -- ./scripts/sentry.sh", "./scripts/sentry.sh", false],
    ["lanyard headers --stdin -- ./sentry.sh", "./sentry.sh", true],
    ["lanyard headers -- node 'my script.js' --stdin -- x", "node 'my script.js' --stdin -- x", false],
    ["lanyard headers -- sh -c 'a | b'\n", "sh -c 'a | b'", false],
    ["lanyard headers --", "", false],
  ])("finds the team's script in %s", (command, script, stdin) => {
    expect(helperRoute(command)).toEqual({ kind: "script", command: script, stdin });
  });

  it.each([
    "./scripts/headers.sh",
    "lanyard",
    "lanyard token",
    "lanyard headers2",
    "lanyard headers somewhere",
    "lanyard headers --x./script.sh",
    "lanyard headers; curl https://elsewhere.example",
    "lanyard headers | tee headers.json",
    "lanyard headers > headers.json",
    "curl https://elsewhere.example;lanyard headers",
    "not-lanyard headers",
    "./lanyard.sh headers",
    "echo lanyard headers",
    '"lanyard headers"',
    '"lanyard headers',
  ])("sees someone else's command in %s", (command) => {
    expect(helperRoute(command)).toEqual({ kind: "foreign", command });
  });

  it("sees nothing where nothing is", () => {
    expect(helperRoute(undefined)).toEqual({ kind: "absent" });
    expect(helperRoute("  ")).toEqual({ kind: "absent" });
  });

  it("hands on the script's text as it stands, wherever Lanyard is", () => {
    const folder = fc.stringMatching(/^[\w ./-]{0,20}$/);
    const script = fc.string({ minLength: 1 }).map((text) => `./run ${text}`.trim());
    fc.assert(
      fc.property(folder, script, fc.boolean(), (path, command, stdin) => {
        const line = `"${path}/bin/lanyard" headers${stdin ? " --stdin" : ""} -- ${command}`;
        expect(helperRoute(line)).toEqual({ kind: "script", command, stdin });
      }),
    );
  });

  it("stays linear on a text made to be slow", () => {
    for (const hostile of ["${", "lanyard ", '"', "\\", "a=", "lanyard headers --a "]) {
      expect(helperRoute(hostile.repeat(50_000)).kind).toBe("foreign");
    }
  });
});
