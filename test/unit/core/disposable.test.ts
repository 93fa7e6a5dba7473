import { describe, expect, it } from "vitest";
import { disposable, DisposableStore } from "../../../src/core/disposable.ts";

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
