import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeFields, encodeFields } from "../../../src/ipc/wire.ts";

const value = fc.string({ unit: "binary" }).filter((text) => !text.includes("\0"));
const key = fc.string({ minLength: 1 }).filter((text) => !/[=\0]/.test(text));

describe("fields, as a shell writes them", () => {
  test("every value without a NUL comes back as it was", () => {
    fc.assert(
      fc.property(fc.dictionary(key, value), (fields) => {
        expect(decodeFields(encodeFields(fields))).toEqual(fields);
      }),
    );
  });

  test("a value holds equals signs, quotes and line feeds", () => {
    expect(decodeFields('url=https://x/?a=b\0server=a"b\nc\0')).toEqual({
      url: "https://x/?a=b",
      server: 'a"b\nc',
    });
  });

  test.each([
    ["one that does not end", "server=a"],
    ["one without an equals sign", "server\0"],
    ["one without a name", "=a\0"],
    ["one that is named twice", "server=a\0server=b\0"],
  ])("refused: %s", (_what, text) => {
    expect(decodeFields(text)).toBeUndefined();
  });

  test("anything at all is either fields or refused", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const fields = decodeFields(text);
        if (fields !== undefined) expect(encodeFields(fields)).toHaveLength(text.length);
      }),
    );
  });
});
