import { describe, expect, it, test } from "vitest";
import { disposable, DisposableStore } from "../../../src/core/disposable.ts";
import { fakeClock } from "../../support/ports.ts";

describe("a disposable", () => {
  it("lets go once, however often it is told", () => {
    let times = 0;
    const item = disposable(() => (times += 1));
    item.dispose();
    item.dispose();
    expect(times).toBe(1);
  });
});

describe("a store of disposables", () => {
  it("lets go of all, last in first out, and once", () => {
    const store = new DisposableStore();
    const gone: string[] = [];
    for (const name of ["a", "b", "c"]) store.add({ dispose: () => gone.push(name) });
    expect(store.size).toBe(3);
    store.dispose();
    store.dispose();
    expect([gone, store.size]).toEqual([["c", "b", "a"], 0]);
  });

  it("lets go at once of what comes after the end", () => {
    const store = new DisposableStore();
    store.dispose();
    let gone = false;
    const item = store.add({ dispose: () => (gone = true) });
    expect([gone, store.size]).toEqual([true, 0]);
    expect(item).toBeDefined();
  });

  it("lets go of the others when one fails, and says so", () => {
    const store = new DisposableStore();
    let gone = false;
    store.add({ dispose: () => (gone = true) });
    store.add({
      dispose: () => {
        throw new Error("no");
      },
    });
    expect(() => store.dispose()).toThrow("no");
    expect([gone, store.size]).toEqual([true, 0]);
  });
});

test("a timer leaves its owner when it has fired, and when it is disposed of", () => {
  const clock = fakeClock();
  const store = new DisposableStore();
  let fired = 0;
  for (let count = 0; count < 1000; count += 1) store.after(clock, count, () => (fired += 1));
  const gone = store.after(clock, 5000, () => (fired += 1));
  expect(store.size).toBe(1001);
  gone.dispose();
  expect(store.size).toBe(1000);
  clock.advance(1000);
  expect(fired).toBe(1000);
  expect(store.size).toBe(0);
});

test("a timer ends with its owner, and one that comes later never starts", () => {
  const clock = fakeClock();
  const store = new DisposableStore();
  let fired = 0;
  store.after(clock, 10, () => (fired += 1));
  store.dispose();
  store.after(clock, 10, () => (fired += 1));
  clock.advance(100);
  expect(fired).toBe(0);
  expect(store.size).toBe(0);
});
