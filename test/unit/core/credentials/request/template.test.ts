import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  encodedPath,
  fillTemplate,
  literal,
  parseTemplate,
} from "../../../../../src/core/credentials/request/template.ts";

const fill = (text: string, values: Record<string, string>): string | undefined => {
  const template = parseTemplate(text);
  return (
    template && fillTemplate(template, (part) => values[part.kind === "variable" ? part.name : part.pointer])
  );
};

describe("a template", () => {
  it.each([
    ["Bearer {token}", "Bearer t"],
    ["{token}{token}", "tt"],
    ["{/data/key}", "k"],
    ["{{token}}", "{token}"],
    ["a }} b", "a } b"],
    ["${{token}}", "${token}"],
    ["", ""],
  ])("%s becomes %s", (text, filled) => {
    expect(fill(text, { token: "t", "/data/key": "k" })).toBe(filled);
  });

  it.each(["{", "}", "{}", "{a b}", "{token", "token}", "{{token}", "{/a~2}", "{a{b}}"])(
    "%s is none",
    (text) => expect(parseTemplate(text)).toBeUndefined(),
  );

  it("is left out as a whole when one of its places has no value", () => {
    expect(fill("Bearer {token}:{tenant}", { token: "t" })).toBeUndefined();
  });

  it("never reads a value as a template", () => {
    expect(fill("{token}", { token: "{secret}", secret: "s" })).toBe("{secret}");
  });

  it("says any text as it stands", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(fill(literal(text), {})).toBe(text);
      }),
    );
  }, 60_000);

  it("reads or refuses any text, and never throws", () => {
    const text = fc.string({ unit: fc.constantFrom("{", "}", "/", "~", "0", "a", " ", "$") });
    fc.assert(
      fc.property(text, (given) => {
        expect(() => parseTemplate(given)).not.toThrow();
      }),
    );
  }, 60_000);
});

it("encodes the text of a path by segment and leaves its variables for later", () => {
  expect(encodedPath("team a/{subject}/x?y#z")).toBe("team%20a/{subject}/x%3Fy%23z");
});
