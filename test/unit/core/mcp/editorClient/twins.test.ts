import { describe, expect, it } from "vitest";
import { readsMcpJson, twinsOf } from "../../../../../src/core/mcp/editorClient/twins.ts";
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
  const open = ["/work/acme"];
  const offer = { label: "github", connector: github };

  it("is an offer whose entry the editor reads from the folder's file, under the same name", () => {
    expect(twinsOf([offer], "1.139.1", open)).toEqual([offer]);
    expect(twinsOf([offer], "1.138.0", open)).toEqual([]);
  });

  it("has none from a file above or below the open folders", () => {
    expect(twinsOf([offer], "1.139.1", ["/work", "/work/acme/app"])).toEqual([]);
  });

  it("has none from the person's own file, and none under a label of ours", () => {
    const own = connectorNamed("linear", { origin: { kind: "user", file: "/home/me/.claude.json" } });
    expect(
      twinsOf(
        [
          { label: "linear", connector: own },
          { label: "github (two)", connector: github },
        ],
        "1.139.1",
        open,
      ),
    ).toEqual([]);
  });
});
