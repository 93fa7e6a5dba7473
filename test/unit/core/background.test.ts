import { expect, test } from "vitest";
import { inBackground, onBackgroundFailure } from "../../../src/core/background.ts";
import { LanyardError } from "../../../src/core/errors.ts";

const listening = (): {
  readonly failures: readonly (readonly [string, unknown])[];
  readonly stop: () => void;
} => {
  const failures: (readonly [string, unknown])[] = [];
  const listener = onBackgroundFailure((event, error) => failures.push([event, error]));
  return { failures, stop: () => listener.dispose() };
};

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("work begins at once", () => {
  const begun: string[] = [];
  inBackground("test.work", async () => {
    begun.push("work");
    await settled();
  });
  expect(begun).toEqual(["work"]);
});

test.each([
  ["rejects", () => Promise.reject(new Error("lost"))],
  [
    "throws at once",
    () => {
      throw new Error("lost");
    },
  ],
])("who listens hears of work that %s, by the name of the work", async (_how, work) => {
  const { failures, stop } = listening();
  inBackground("test.work", work);
  await settled();
  stop();
  expect(failures).toEqual([["test.work", new Error("lost")]]);
});

test("work that was cancelled has not failed", async () => {
  const { failures, stop } = listening();
  inBackground("test.work", () => Promise.reject(new LanyardError("cancelled", "Nobody waits.")));
  await settled();
  stop();
  expect(failures).toEqual([]);
});

test("one who no longer listens does not silence the one who came after", async () => {
  const first = listening();
  const second = listening();
  first.stop();
  inBackground("test.work", () => Promise.reject(new Error("lost")));
  await settled();
  second.stop();
  expect(first.failures).toEqual([]);
  expect(second.failures).toHaveLength(1);
});
