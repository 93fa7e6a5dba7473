import { describe, expect, it } from "vitest";
import { Emitter } from "../../../src/core/emitter.ts";

describe("an event", () => {
  it("reaches every listener, in order, until each lets go", () => {
    const emitter = new Emitter<number>();
    const heard: string[] = [];
    const first = emitter.event((value) => heard.push(`first ${value}`));
    emitter.event((value) => heard.push(`second ${value}`));
    emitter.fire(1);
    first.dispose();
    first.dispose();
    emitter.fire(2);
    expect(heard).toEqual(["first 1", "second 1", "second 2"]);
    expect(emitter.listenerCount).toBe(1);
  });

  it("reaches one function as often as it listens", () => {
    const emitter = new Emitter<number>();
    let heard = 0;
    const listener = (): number => (heard += 1);
    const once = emitter.event(listener);
    emitter.event(listener);
    emitter.fire(1);
    once.dispose();
    emitter.fire(2);
    expect(heard).toBe(3);
  });

  it("reaches the others when a listener throws, and the error is reported", () => {
    const errors: unknown[] = [];
    const emitter = new Emitter<number>((error) => errors.push(error));
    const failure = new Error("no");
    const heard: number[] = [];
    emitter.event(() => {
      throw failure;
    });
    emitter.event((value) => heard.push(value));
    emitter.fire(1);
    expect([heard, errors]).toEqual([[1], [failure]]);
  });

  it("does not reach a listener that another one let go of meanwhile, nor one that has just come", () => {
    const emitter = new Emitter<number>();
    const heard: string[] = [];
    emitter.event(() => {
      second.dispose();
      emitter.event(() => heard.push("third"));
    });
    const second = emitter.event(() => heard.push("second"));
    emitter.fire(1);
    expect(heard).toEqual([]);
  });

  it("reaches nobody after the end", () => {
    const emitter = new Emitter<number>();
    const heard: number[] = [];
    emitter.event((value) => heard.push(value));
    emitter.dispose();
    emitter.fire(1);
    expect([heard, emitter.listenerCount]).toEqual([[], 0]);
  });
});
