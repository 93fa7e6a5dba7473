import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Throttle } from "../../../src/editor/throttle.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const counted = (): { readonly soon: Throttle; readonly times: () => number } => {
  let times = 0;
  return { soon: new Throttle(() => (times += 1), 50), times: () => times };
};

test("what many ask for is done once", () => {
  const { soon, times } = counted();
  for (let asked = 0; asked < 500; asked += 1) soon.request();
  expect(times()).toBe(0);
  vi.advanceTimersByTime(50);
  expect(times()).toBe(1);
});

test("who goes on asking does not put it off", () => {
  const { soon, times } = counted();
  for (let elapsedMs = 0; elapsedMs < 1_000; elapsedMs += 10) {
    soon.request();
    vi.advanceTimersByTime(10);
  }
  expect(times()).toBe(20);
});

test("nothing is done once it is disposed of", () => {
  const { soon, times } = counted();
  soon.request();
  soon.dispose();
  vi.advanceTimersByTime(1_000);
  expect(times()).toBe(0);
});
