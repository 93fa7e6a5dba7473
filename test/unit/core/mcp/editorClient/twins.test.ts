import { describe, expect, it } from "vitest";
import { isPassedOver, readsMcpJson, twinsOf } from "../../../../../src/core/mcp/editorClient/twins.ts";
import { connectorNamed } from "../../../../support/connectors.ts";

it.each([
  ["1.101.0", false],
  ["1.138.2", false],
  ["1.139.0", true],
  ["1.140.0-insider", true],
  ["2.0.0", true],
  ["", false],
])("VS Code %s reads .mcp.json by itself: %s", (version, reads) => {
  expect(readsMcpJson(version)).toBe(reads);
});

describe("a twin", () => {
  const github = connectorNamed("github");
  const here = { version: "1.139.1", folders: ["/work/acme"], passedOver: new Set<string>() };
  const offer = { label: "github", connector: github };

  it("is an offer whose entry the editor reads from the folder's file, under the same name", () => {
    expect(twinsOf([offer], here)).toEqual([offer]);
    expect(twinsOf([offer], { ...here, version: "1.138.0" })).toEqual([]);
  });

  it("has none from a file above or below the open folders", () => {
    expect(twinsOf([offer], { ...here, folders: ["/work", "/work/acme/app"] })).toEqual([]);
  });

  it("has none from the person's own file, and none under a label of ours", () => {
    const own = connectorNamed("linear", { origin: { kind: "user", file: "/home/me/.claude.json" } });
    expect(
      twinsOf(
        [
          { label: "linear", connector: own },
          { label: "github (two)", connector: github },
        ],
        here,
      ),
    ).toEqual([]);
  });

  it("has none where the editor passes over the whole file", () => {
    expect(twinsOf([offer], { ...here, passedOver: new Set([github.origin.file]) })).toEqual([]);
  });
});

describe("a file that the editor passes over", () => {
  const canRead = (url: string): boolean => !url.includes("{");
  const file = (...urls: readonly unknown[]): string =>
    JSON.stringify({ mcpServers: Object.fromEntries(urls.map((url, index) => [`s${index}`, { url }])) });

  it.each([
    ["has one url that it cannot read", file("https://a.example", "${X:-https://h}/mcp"), true],
    ["has it in a map without mcpServers", JSON.stringify({ a: { url: "{" } }), true],
    ["is no JSON", "{", true],
  ])("%s", (_what, text, isPassed) => expect(isPassedOver(text, canRead)).toBe(isPassed));

  it.each([
    ["urls that it can read", file("https://a.example")],
    [
      "servers that are started, and none with a url",
      JSON.stringify({ mcpServers: { a: { command: "x" } } }),
    ],
    ["a url that is no text", file(1, null)],
  ])("is none with %s", (_what, text) => expect(isPassedOver(text, canRead)).toBe(false));
});
