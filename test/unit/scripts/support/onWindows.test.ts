import { expect, test } from "vitest";
import { npmCommand } from "../../../../scripts/support/processes.ts";
import { welcome } from "../../../../scripts/support/welcome.ts";

const cli = String.raw`C:\nodejs\node_modules\npm\bin\npm-cli.js`;

test.each<[string, NodeJS.Platform, NodeJS.ProcessEnv, readonly string[]]>([
  ["by npm itself", "win32", { npm_execpath: cli }, [process.execPath, cli]],
  ["by hand on Windows", "win32", { ComSpec: "C:\\cmd.exe" }, ["C:\\cmd.exe", "/d", "/c", "npm"]],
  ["from another program's script", "win32", { npm_execpath: "C:\\yarn.js" }, ["cmd.exe", "/d", "/c", "npm"]],
  ["by hand elsewhere", "linux", {}, ["npm"]],
])("npm is started as it can be: %s", (_how, platform, variables, command) => {
  expect(npmCommand(platform, variables)).toEqual(command);
});

test("what a newcomer is to type is typed in the shell of their system", () => {
  const ready = {
    ...{ editor: "http://127.0.0.1:1", idp: "http://127.0.0.1:2", admin: "http://127.0.0.1:3", users: [] },
    ...{
      workspace: String.raw`C:\lanyard\.demo\1\workspace`,
      lanyardHome: String.raw`C:\lanyard\.demo\1\home`,
    },
  };
  const inWindows = welcome(ready, "win32");
  expect(inWindows).toContain(String.raw`set "LANYARD_HOME=C:\lanyard\.demo\1\home"`);
  expect(inWindows).toContain(String.raw`"%LANYARD_HOME%\bin\lanyard" status`);
  expect(inWindows).toContain(String.raw`"%LANYARD_HOME%\bin\lanyard" bridge platform`);
  expect(inWindows).not.toMatch(/export|\$[{A-Z]|echo '|command {2}sh/);
  expect(welcome(ready, "linux")).toContain('"$LANYARD_HOME/bin/lanyard" status');
});
