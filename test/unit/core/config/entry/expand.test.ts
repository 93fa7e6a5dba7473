import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expand } from "../../../../../src/core/config/entry/expand.ts";

const env = (name: string): string | undefined => ({ IDP: "https://idp.example.com", EMPTY: "" })[name];

describe("expand", () => {
  it.each([
    ["no variable", "https://idp.example.com", "https://idp.example.com"],
    ["a variable", "${IDP}/tenant", "https://idp.example.com/tenant"],
    ["several", "${IDP} ${IDP}", "https://idp.example.com https://idp.example.com"],
    ["a default that is not needed", "${IDP:-other}", "https://idp.example.com"],
    ["a default that is needed", "${NONE:-lanyard}", "lanyard"],
    ["a default with the mark in it", "${NONE:-a:-b}", "a:-b"],
    ["a default of nothing, which the file asks for", "a${NONE:-}b", "ab"],
    ["a variable that is set to nothing", "a${EMPTY:-x}b", "ab"],
    ["a dollar and braces of other kinds", "$IDP {IDP} $(IDP) ${}", "$IDP {IDP} $(IDP) ${}"],
    ["a reference without an end", "${IDP", "${IDP"],
  ])("expands %s", (_case, text, expanded) => {
    expect(expand(text, env)).toEqual({ text: expanded, unresolved: [] });
  });

  it("leaves an unset variable as it is written and says where it stands", () => {
    expect(expand("${IDP}/${TENANT}", env)).toEqual({
      text: "https://idp.example.com/${TENANT}",
      unresolved: [{ kind: "unset", name: "TENANT", offset: 7, length: 9 }],
    });
  });

  it("does not expand what came out of a variable", () => {
    expect(expand("${A}", () => "${B}")).toEqual({ text: "${B}", unresolved: [] });
  });

  it("says so when a default holds another variable, which Claude Code leaves as text", () => {
    expect(expand("${A:-${IDP}}", env)).toEqual({
      text: "${A:-${IDP}}",
      unresolved: [{ kind: "nested", name: "A", offset: 0, length: 11 }],
    });
  });

  it("keeps every unset variable, whatever surrounds it", () => {
    const name = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,8}$/);
    const around = fc.string().filter((text) => !text.includes("$"));
    fc.assert(
      fc.property(name, around, around, (variable, before, after) => {
        const text = `${before}\${${variable}}${after}`;
        const { text: expanded, unresolved } = expand(text, () => undefined);
        expect(expanded).toBe(text);
        expect(unresolved.map(({ offset, length }) => text.slice(offset, offset + length))).toEqual([
          `\${${variable}}`,
        ]);
      }),
    );
  });

  it("stays linear on a text made to be slow", () => {
    const hostile = "${".repeat(500_000);
    expect(expand(hostile, env).text).toBe(hostile);
  });
});
