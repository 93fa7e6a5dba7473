import { describe, expect, test } from "vitest";
import { ownPlaceOf, type ClientMachine } from "../../../../src/node/clients/clientsHere.ts";
import type { ClientId } from "../../../../src/core/clients/clients.ts";
import { systemProgram } from "../../../../src/node/systemProgram.ts";

const homes: Readonly<Record<string, string>> = {
  linux: "/home/ada",
  darwin: "/Users/ada",
  win32: "C:/Users/ada",
};
const systems = ["linux", "darwin", "win32"] as const;

const placeOf = (id: ClientId, platform: NodeJS.Platform, env: ClientMachine["env"]): readonly string[] => {
  const { folder, file } = ownPlaceOf(id, { home: homes[platform] ?? "", env, platform });
  return [folder, ...(file === undefined ? [] : [file])].map((path) => path.replaceAll("\\", "/"));
};

describe.each(systems)("on %s a client keeps what is its own", (platform) => {
  const home = homes[platform] ?? "";
  test.each<[ClientId, readonly string[]]>([
    ["claude-code", [".claude"]],
    ["vscode", [".vscode"]],
    ["copilot", [".copilot"]],
    ["qwen", [".qwen"]],
    ["codex", [".codex", ".codex/config.toml"]],
    ["gemini", [".gemini", ".gemini/settings.json"]],
    ["opencode", [".config/opencode", ".config/opencode/opencode.json"]],
    ["cline", [".cline", ".cline/data/settings/cline_mcp_settings.json"]],
    ["continue", [".continue", ".continue/config.yaml"]],
  ])("below the home: %s", (id, places) => {
    expect(placeOf(id, platform, {})).toEqual(places.map((place) => `${home}/${place}`));
  });

  test.each<[string, ClientId, readonly string[]]>([
    ["CLAUDE_CONFIG_DIR", "claude-code", [""]],
    ["COPILOT_HOME", "copilot", [""]],
    ["CODEX_HOME", "codex", ["", "/config.toml"]],
  ])("where %s says: %s", (name, id, places) => {
    expect(placeOf(id, platform, { [name]: "/else/where" })).toEqual(places.map((at) => `/else/where${at}`));
    expect(placeOf(id, platform, { [name]: "" })[0]).toContain(home);
  });

  test("where XDG_CONFIG_HOME says, but on Windows", () => {
    const [folder] = placeOf("opencode", platform, { XDG_CONFIG_HOME: "/else" });
    expect(folder).toBe(platform === "win32" ? `${home}/.config/opencode` : "/else/opencode");
  });
});

test.each([
  [{ SystemRoot: String.raw`D:\Win` }, String.raw`D:\Win\System32\icacls.exe`],
  [{}, String.raw`C:\Windows\System32\icacls.exe`],
  [{ PATH: String.raw`C:\work` }, String.raw`C:\Windows\System32\icacls.exe`],
])("Windows' own program, with %j, is %s", (variables, file) => {
  expect(systemProgram("icacls.exe", variables)).toBe(file);
});
