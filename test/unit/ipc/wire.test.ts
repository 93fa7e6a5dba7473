import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeFields } from "../../../src/ipc/wire.ts";
import { writeFields } from "../../support/fields.ts";

const value = fc.string({ unit: "binary" }).filter((text) => !text.includes("\n"));
const key = fc.string({ minLength: 1 }).filter((text) => !/[=\n]/.test(text));

describe("fields, as a shell writes them", () => {
  test("every value that stands on one line comes back as it was", () => {
    fc.assert(
      fc.property(fc.dictionary(key, value), (fields) => {
        expect(decodeFields(writeFields(fields))).toEqual(fields);
      }),
    );
  });

  test("a value holds equals signs, quotes and what else a line may", () => {
    expect(decodeFields('url=https://x/?a=b\nserver=a"b\r$c\\\n')).toEqual({
      url: "https://x/?a=b",
      server: 'a"b\r$c\\',
    });
  });

  test.each([
    ["one that does not end", "server=a"],
    ["what follows a line feed in a value", "server=a\nb\n"],
    ["one without an equals sign", "server\n"],
    ["one without a name", "=a\n"],
    ["one that is named twice", "server=a\nserver=b\n"],
  ])("refused: %s", (_what, text) => {
    expect(decodeFields(text)).toBeUndefined();
  });

  test("anything at all is either fields or refused", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const fields = decodeFields(text);
        if (fields !== undefined) expect(writeFields(fields)).toHaveLength(text.length);
      }),
    );
  });
});
