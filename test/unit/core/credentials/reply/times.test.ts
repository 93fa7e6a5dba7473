import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { momentAfter, momentAt } from "../../../../../src/core/credentials/reply/times.ts";

const atMs = 1_700_000_000_000;
const zone = process.env["TZ"];

afterEach(() => {
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;
});

const moments: readonly (readonly [unknown, number | "never" | undefined])[] = [
  [1_700_000_000, atMs],
  ["1700000000", atMs],
  [1_700_000_000_000, atMs],
  [1_700_000_000_000_000, atMs],
  ["1700000000000000000", atMs],
  [1_700_000_000.5, atMs + 500],
  ["2023-11-14T22:13:20Z", atMs],
  ["2023-11-14T22:13:20z", atMs],
  ["2023-11-14T22:13:20", atMs],
  ["2023-11-14T22:13:20.000000", atMs],
  ["2023-11-14T22:13:20.123456789", atMs + 123],
  ["2023-11-14 22:13:20", atMs],
  ["2023-11-14 22:13:20 UTC", atMs],
  ["2023-11-14 22:13:20 GMT", atMs],
  ["2023-11-14 22:13:20.5 +0000 UTC", atMs + 500],
  ["2023-11-14T23:13:20+01:00", atMs],
  ["2023-11-14T23:13:20+0100", atMs],
  ["2023-11-14T23:13:20+01", atMs],
  ["2023-11-14T22:13", atMs - 20_000],
  ["2023-11-14T22:13:20,5Z", atMs + 500],
  ["Tue, 14 Nov 2023 22:13:20 GMT", atMs],
  [0, "never"],
  ["0", "never"],
  [-62_135_596_800, "never"],
  ["0001-01-01T00:00:00Z", "never"],
  ["0001-01-01T00:00:00", "never"],
  ["0001-01-01T00:00:00+00:00", "never"],
  ["0001-01-01 00:00:00 +0000 UTC", "never"],
  ["9999-12-31T23:59:59.9999999", "never"],
  ["9999-12-31T23:59:59.9999999Z", "never"],
  [253_402_300_799, "never"],
  ["253402300799", "never"],
  [Number.MAX_VALUE, "never"],
  ["1970-01-01T00:00:00Z", "never"],
  ["tomorrow", undefined],
  ["Tue, 14 Nov 2023", undefined],
  ["2023-13-45T99:99:99Z", undefined],
  [-1, undefined],
  [NaN, undefined],
  [{}, undefined],
  [true, undefined],
];

describe.each(["UTC", "America/Los_Angeles", "Asia/Tokyo", "Asia/Kathmandu"])(
  "a moment, read in %s",
  (here) => {
    it.each(moments)("%s", (value, expected) => {
      process.env["TZ"] = here;
      expect(momentAt(value)).toBe(expected);
    });
  },
);

describe("whatever is said to be a time", () => {
  it("is a date that can be shown, or none", () => {
    const anything = fc.oneof(
      fc.double(),
      fc.maxSafeInteger(),
      fc.string(),
      fc.date().map(String),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(anything, (value) => {
        const moment = momentAt(value);
        if (typeof moment === "number") expect(() => new Date(moment).toISOString()).not.toThrow();
      }),
    );
  });

  it("and so is what comes so many seconds from now", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, noNaN: true }), (seconds) => {
        const moment = momentAfter(seconds, atMs);
        if (typeof moment === "number") expect(() => new Date(moment).toISOString()).not.toThrow();
      }),
    );
  });
});
