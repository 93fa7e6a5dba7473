import { expect, test } from "vitest";
import { boxed } from "../../../../scripts/support/boxed.ts";

test("what is told stands in a box", () => {
  expect(boxed("It has failed", ["a", "b"])).toMatch(
    /^\n!{100}\n!! It has failed:\n!! {3}a\n!! {3}b\n!{100}\n$/,
  );
});
