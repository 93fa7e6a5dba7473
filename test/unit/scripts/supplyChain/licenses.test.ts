import { expect, test } from "vitest";
import type { Bundled } from "../../../../scripts/supplyChain/bundled.ts";
import { isAllowed, refuseLicenses } from "../../../../scripts/supplyChain/licenses.ts";

const pack = (name: string, license: string, texts = ["the text"]): Bundled => ({
  ...{ name, license, texts, version: "1.0.0", needs: [] },
});

test.each([
  ["MIT", true],
  ["Apache-2.0", true],
  ["(MIT OR GPL-3.0-only)", true],
  ["MIT AND ISC", true],
  ["MIT AND GPL-3.0-only", false],
  ["GPL-3.0-only", false],
  ["SEE LICENSE IN LICENSE.md", false],
  ["UNLICENSED", false],
  ["none", false],
  ["mit", false],
])("%s: %s", (expression, allowed) => {
  expect(isAllowed(expression)).toBe(allowed);
});

test("the build ends with the names of what may not ship, and says what to do", () => {
  const packages = [pack("fine", "MIT"), pack("copyleft", "GPL-3.0-only"), pack("textless", "MIT", [])];
  expect(() => refuseLicenses(packages)).toThrow(
    /copyleft@1\.0\.0 is under "GPL-3\.0-only"\n.*textless@1\.0\.0 has no file with its license's text\n.*scripts\/supplyChain\/licenses\.ts/,
  );
  expect(() => refuseLicenses(packages.slice(0, 1))).not.toThrow();
});
