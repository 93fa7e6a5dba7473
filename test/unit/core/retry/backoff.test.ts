import fc from "fast-check";
import { expect, test } from "vitest";
import { pauseAfter } from "../../../../src/core/retry/backoff.ts";

const terms = { firstMs: 1000, longestMs: 30_000 };

test.each([
  [1, 1000],
  [2, 2000],
  [5, 16_000],
  [6, 30_000],
  [2000, 30_000],
])("after %i failures the pause is %i ms", (failures, pauseMs) => {
  expect(pauseAfter(failures, terms)).toBe(pauseMs);
});

test.each([
  [0, 500],
  [0.5, 750],
  [1, 1000],
])("chance (%f) makes of a second, spread from a half to the whole, %i ms", (chance, pauseMs) => {
  expect(pauseAfter(1, { ...terms, spread: [0.5, 1] }, () => chance)).toBe(pauseMs);
});

test("a pause stays within its spread, and chance is asked once", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (failures, chance) => {
        let asked = 0;
        const random = (): number => {
          asked += 1;
          return chance;
        };
        const calmMs = pauseAfter(failures, terms);
        const pauseMs = pauseAfter(failures, { ...terms, spread: [0.9, 1.1] }, random);
        expect(pauseMs).toBeGreaterThanOrEqual(calmMs * 0.9 - 1e-6);
        expect(pauseMs).toBeLessThanOrEqual(calmMs * 1.1 + 1e-6);
        expect(asked).toBe(1);
      },
    ),
  );
});
