import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pointerPattern, resolvePointer } from "../../../../../src/core/credentials/request/pointer.ts";

/** The examples of RFC 6901, section 5. */
const document = { foo: ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "m~n": 8, " ": 7 };

describe("a JSON pointer", () => {
  it.each([
    ["", document],
    ["/foo", ["bar", "baz"]],
    ["/foo/0", "bar"],
    ["/", 0],
    ["/a~1b", 1],
    ["/c%d", 2],
    ["/ ", 7],
    ["/m~0n", 8],
    ["/foo/2", undefined],
    ["/foo/-", undefined],
    ["/foo/00", undefined],
    ["/foo/length", undefined],
    ["/nothing/at/all", undefined],
  ])("%s", (pointer, value) => expect(resolvePointer(document, pointer)).toEqual(value));

  it.each(["/constructor", "/__proto__", "/toString", "/foo/constructor"])(
    "sees nothing inherited: %s",
    (pointer) => expect(resolvePointer(document, pointer)).toBeUndefined(),
  );

  it.each(["a", "/~", "/~2", "#/a"])("%s is none", (text) => expect(pointerPattern.test(text)).toBe(false));

  it("finds every member by its escaped name", () => {
    fc.assert(
      fc.property(fc.string(), fc.integer(), (name, value) => {
        const pointer = `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
        expect(pointerPattern.test(pointer)).toBe(true);
        expect(resolvePointer(Object.fromEntries([[name, value]]), pointer)).toBe(value);
      }),
    );
  }, 60_000);
});
