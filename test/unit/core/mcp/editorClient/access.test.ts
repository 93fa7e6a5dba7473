import { describe, expect, it } from "vitest";
import {
  closedBy,
  refusedOf,
  type AccessSettings,
  type Server,
} from "../../../../../src/core/mcp/editorClient/access.ts";

/** The settings of an editor that nobody restricts. */
const open: AccessSettings = {
  access: "all",
  allowedServers: null,
  deniedServers: null,
  pluginsOnly: undefined,
};
const isRefused = (server: Server, settings: AccessSettings): boolean =>
  refusedOf([server], settings).length > 0;
const github = { name: "github", url: "https://mcp.github.example/mcp?x=1#part" };

describe("the editor runs no server of an extension", () => {
  it("when its access is off, or for those of a registry only", () => {
    expect(closedBy({ ...open, access: "none" })).toEqual({ setting: "chat.mcp.access", value: "none" });
    expect(closedBy({ ...open, access: "registry" })?.value).toBe("registry");
  });

  it("when only plugins may bring some", () => {
    expect(closedBy({ ...open, pluginsOnly: true })?.setting).toContain("strictPluginOnly");
  });

  it.each([open, { ...open, access: undefined }, { ...open, access: 7 }])(
    "and otherwise it does",
    (settings) => {
      expect(closedBy(settings)).toBeUndefined();
    },
  );
});

describe("a server is refused", () => {
  it("when a list denies its name or its URL", () => {
    expect(isRefused(github, { ...open, deniedServers: [{ serverName: "github" }] })).toBe(true);
    expect(isRefused(github, { ...open, deniedServers: [{ serverUrl: "https://*.github.example/*" }] })).toBe(
      true,
    );
    expect(isRefused(github, { ...open, deniedServers: [{ serverName: "linear" }] })).toBe(false);
  });

  it("when there is a list of the allowed, and it is not on it", () => {
    expect(isRefused(github, { ...open, allowedServers: [] })).toBe(true);
    expect(isRefused(github, { ...open, allowedServers: [{ serverName: "github" }] })).toBe(false);
    const whole = [{ serverUrl: "HTTPS://mcp.github.example/mcp?x=1" }];
    expect(isRefused(github, { ...open, allowedServers: whole })).toBe(false);
  });

  it("when it is allowed and denied", () => {
    const both = [{ serverName: "github" }];
    expect(isRefused(github, { ...open, allowedServers: both, deniedServers: both })).toBe(true);
  });

  it("by no matcher that says nothing, and by dots only as dots", () => {
    const odd = [{}, 7, null, { serverName: "" }, { serverName: "github", serverUrl: "*" }];
    expect(isRefused(github, { ...open, deniedServers: odd })).toBe(false);
    expect(isRefused(github, { ...open, deniedServers: [{ serverUrl: "*mcpXgithub*" }] })).toBe(false);
    expect(isRefused(github, { ...open, deniedServers: [{ serverUrl: "*mcp.github*" }] })).toBe(true);
  });
});
