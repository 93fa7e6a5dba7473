import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { namesIn } from "../../../../../src/core/mcp/editorClient/taken.ts";

describe("the names that .vscode/mcp.json defines", () => {
  it("are those under servers, in lower case", () => {
    const text = `{
      // The team's own.
      "inputs": [{ "id": "x" }],
      "servers": { "GitHub": { "url": "https://github.example" }, "local": { "command": "x" }, },
    }`;
    expect(namesIn(text)).toEqual(new Set(["github", "local"]));
  });

  it("are read in the middle of an edit", () => {
    expect(namesIn('{ "servers": { "github": { "url": "https:')).toEqual(new Set(["github"]));
  });

  it.each(["", "[]", "null", '{"mcpServers":{"a":{}}}', '{"servers":["a"]}', '{"servers":{"a":7}}', "{{{{"])(
    "are none in %j",
    (text) => {
      expect(namesIn(text).size).toBe(0);
    },
  );

  it("are none in a text beyond all measure", () => {
    expect(namesIn("[".repeat(900_000)).size).toBe(0);
    expect(namesIn(`{"servers":{"a":{}}}${" ".repeat(1_000_000)}`).size).toBe(0);
  });

  it("are the object's own, whatever they are", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 8 }), (names) => {
        const servers = Object.fromEntries(names.map((name) => [name, { url: "https://a.example" }]));
        const own = Object.keys(servers).map((name) => name.toLowerCase());
        expect(namesIn(JSON.stringify({ servers }))).toEqual(new Set(own));
      }),
    );
  });
});
