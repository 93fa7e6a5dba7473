import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isLiteralCredential } from "../../../../../src/core/config/entry/headerValue.ts";
import { dummy, unsendableHeader } from "../../../../../src/core/connectors/wording/unsendable.ts";

const readBack = (text: string): [string, unknown][] => Object.entries(JSON.parse(text) as object);

describe("the header that nobody can send", () => {
  test("says in its name what there is to say, a URL whole", () => {
    const sentence = "Lanyard sends nothing. Open https://vault.example.com/connect?x=1&y=2";
    expect(readBack(unsendableHeader(sentence))).toEqual([
      [sentence, ""],
      ["Authorization", "nothing-to-send"],
    ]);
  });

  test("stands in for the guard of every name, with what can be sent and is no credential", () => {
    const [, ...dummies] = readBack(unsendableHeader("a b", ["Authorization", "X-API-Key", "no name"]));
    expect(dummies).toEqual([
      ["Authorization", "nothing-to-send"],
      ["X-API-Key", "nothing-to-send"],
    ]);
    const merged = new Headers(dummies as [string, string][]);
    expect(merged.get("authorization")).toBe(dummy);
    expect(isLiteralCredential(dummy) && /^(?:bearer|basic|dpop|token)/i.test(dummy)).toBe(false);
  });

  test("a name that is itself the sentence is not overwritten by a dummy", () => {
    expect(readBack(unsendableHeader("Authorization"))[0]?.[0]).toContain(" ");
  });

  test.each(["", " ", "\n", "token", "Authorization", "__proto__", "\u202e", "1"])(
    "from %j alone it is unsendable all the same",
    (sentence) => {
      const [[name] = [""]] = readBack(unsendableHeader(sentence));
      expect(name).toContain(" ");
    },
  );

  test("whatever the sentence, it is one line of JSON, one header, and no HTTP client takes it", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: "binary" }),
          fc.string(),
          fc.string({ minLength: 1 }).map((text) => text.repeat(4001)),
        ),
        (sentence) => {
          const text = unsendableHeader(sentence);
          expect(text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/);
          const headers = readBack(text);
          expect(headers.map(([name]) => name).slice(1)).toEqual(["Authorization"]);
          expect(headers[0]?.[1]).toBe("");
          expect(() => new Headers(JSON.parse(text) as Record<string, string>)).toThrow(TypeError);
        },
      ),
      { numRuns: 500 },
    );
  });
});
