import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  membersAt,
  offsetsInString,
  syntaxProblem,
  valueAt,
  type JsonValue,
} from "../../../../../src/core/config/text/json.ts";

const whole = (text: string): { offset: number; length: number } => ({ offset: 0, length: text.length });

const plain = (value: JsonValue | undefined): unknown => {
  switch (value?.kind) {
    case undefined:
      return undefined;
    case "string":
      return value.text;
    case "other":
      return value.value;
    case "array":
      return value.items.map(plain);
    case "object":
      return Object.fromEntries(value.members.map((member) => [member.name, plain(member.value)]));
  }
};

describe("syntaxProblem", () => {
  it.each([
    ["", "ValueExpected", ""],
    ['{ "a": 1, }', "PropertyNameExpected", "}"],
    ['{ "a" 1 }', "ColonExpected", "1"],
    ['{ "a": 1 "b": 2 }', "CommaExpected", '"b"'],
    ['{ "a": ', "ValueExpected", ""],
    ['{ "a": "b', "UnexpectedEndOfString", '"b'],
    ['{ "a": 1 } // why', "InvalidCommentToken", "// why"],
    ["{} {}", "EndOfFileExpected", "{"],
    ["{ a: 1 }", "InvalidSymbol", "a"],
  ])("finds in %j the place of %s", (text, code, at) => {
    const problem = syntaxProblem(text);
    expect(problem?.code).toBe(code);
    expect(text.slice(problem?.offset, (problem?.offset ?? 0) + (problem?.length ?? 0))).toBe(at);
  });

  it("calls every text a problem that JSON.parse refuses, and no other", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((text) => text.slice(0, -1)),
        ),
        (text) => {
          let valid = true;
          try {
            JSON.parse(text);
          } catch {
            valid = false;
          }
          expect(syntaxProblem(text) === undefined).toBe(valid);
        },
      ),
    );
  });

  it("says so when a text is too deep to be looked into", () => {
    expect(syntaxProblem("[".repeat(200_000))?.code).toBe("TooDeep");
  });
});

describe("membersAt", () => {
  it("outlines an object without losing a member, as it does for JSON.parse", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 2), (object, indent) => {
        const text = ` ${JSON.stringify(object, null, indent)} `;
        const members = membersAt(text, whole(text)) ?? [];
        const outlined = members.map(({ name, value }): [string, unknown] => [
          name,
          JSON.parse(text.slice(value.offset, value.offset + value.length)),
        ]);
        expect(outlined).toEqual(Object.entries(JSON.parse(text) as object));
      }),
    );
  });

  it("keeps names that stand twice", () => {
    const text = '{"a":1,"a":"}"}';
    expect(membersAt(text, whole(text))?.map(({ name }) => name)).toEqual(["a", "a"]);
  });

  it("knows an object from other values", () => {
    for (const text of ["[]", "1", '"{}"', "null"]) expect(membersAt(text, whole(text))).toBeUndefined();
  });

  it("steps over megabytes it has no use for", () => {
    const text = JSON.stringify({
      history: "x[{".repeat(2_000_000),
      list: Array.from({ length: 200_000 }, () => ({})),
    });
    expect(membersAt(text, whole(text))?.map(({ name }) => name)).toEqual(["history", "list"]);
  });
});

describe("valueAt", () => {
  it("reads what JSON.parse reads", () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const text = `  ${json}`;
        expect(plain(valueAt(text, { offset: 2, length: json.length }))).toEqual(JSON.parse(json));
      }),
    );
  });

  it("gives up on a value that is too deep", () => {
    const text = "[".repeat(100_000) + "]".repeat(100_000);
    expect(valueAt(text, whole(text))).toBeUndefined();
  });
});

describe("offsetsInString", () => {
  it("finds a unit behind escapes of every length", () => {
    const text = String.raw`  "\n\u00e9\"é${"X"}\\Y"`;
    const string = { offset: 2, length: text.length - 2 };
    const read = String(JSON.parse(text));
    const at = offsetsInString(text, string, [read.indexOf("X"), read.indexOf("Y")]);
    expect(at.map((offset) => text[offset])).toEqual(["X", "Y"]);
  });
});
