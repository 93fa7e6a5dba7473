import { describe, expect, it } from "vitest";
import { Places } from "../../../../../src/core/config/text/places.ts";

describe("Places", () => {
  it("counts lines as editors do, whatever ends them", () => {
    const places = new Places("f", "a\nb\r\nc\rd");
    expect(["a", "b", "c", "d"].map((letter) => places.at("a\nb\r\nc\rd".indexOf(letter), 1).line)).toEqual([
      0, 1, 2, 3,
    ]);
  });

  it("counts columns in UTF-16 units", () => {
    expect(new Places("f", "\n🔑 x").at(4, 1)).toEqual({
      file: "f",
      line: 1,
      column: 3,
      endLine: 1,
      endColumn: 4,
    });
  });

  it("never leaves the file", () => {
    expect(new Places("f", "ab\nc").at(3, 99)).toMatchObject({
      line: 1,
      column: 0,
      endLine: 1,
      endColumn: 1,
    });
    expect(new Places("f", "").at(7, 7)).toMatchObject({ line: 0, column: 0, endLine: 0, endColumn: 0 });
  });
});
