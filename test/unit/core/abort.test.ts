import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { orAfter, sleep, untilAborted } from "../../../src/core/abort.ts";
import { hasCode, LanyardError } from "../../../src/core/errors.ts";
import { fakeClock } from "../../support/ports.ts";

const listenersOf = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;
const forever = (): Promise<never> => new Promise(() => undefined);
const cancelled = new LanyardError("cancelled", "Cancelled.");

describe("waiting for work or a signal", () => {
  it("gives the work's outcome and leaves no listener", async () => {
    const { signal } = new AbortController();
    expect(await untilAborted(Promise.resolve(1), signal)).toBe(1);
    await expect(untilAborted(Promise.reject(cancelled), signal)).rejects.toBe(cancelled);
    expect(listenersOf(signal)).toBe(0);
  });

  it("rejects with the signal's reason and leaves no listener", async () => {
    const end = new AbortController();
    const waiting = untilAborted(forever(), end.signal);
    expect(listenersOf(end.signal)).toBe(1);
    end.abort(cancelled);
    await expect(waiting).rejects.toBe(cancelled);
    expect(listenersOf(end.signal)).toBe(0);
  });

  it.each(["why", undefined])("turns the reason %s, which is no error of ours, into one", async (reason) => {
    const waiting = untilAborted(forever(), AbortSignal.abort(reason));
    await expect(waiting).rejects.toSatisfy((error) => hasCode(error, "cancelled"));
  });

  it("does not let work that fails later go unhandled", async () => {
    const end = new AbortController();
    let fail = (_error: Error): void => undefined;
    const work = new Promise<never>((_resolve, reject) => (fail = reject));
    const unhandled: unknown[] = [];
    const listen = (error: unknown): void => void unhandled.push(error);
    process.on("unhandledRejection", listen);
    const waiting = untilAborted(work, end.signal);
    const late = untilAborted(work, AbortSignal.abort(cancelled));
    end.abort(cancelled);
    await expect(waiting).rejects.toBe(cancelled);
    await expect(late).rejects.toBe(cancelled);
    fail(new Error("too late"));
    await new Promise((resolve) => setImmediate(resolve));
    process.off("unhandledRejection", listen);
    expect(unhandled).toEqual([]);
  });
});

describe("sleeping", () => {
  it("ends when the time is up", async () => {
    const clock = fakeClock();
    const { signal } = new AbortController();
    const sleeping = sleep(clock, 1_000, signal);
    clock.advance(1_000);
    await sleeping;
    expect([clock.pending, listenersOf(signal)]).toEqual([0, 0]);
  });

  it.each([true, false])("ends with the signal and leaves no timer (fired before: %s)", async (before) => {
    const clock = fakeClock();
    const end = new AbortController();
    if (before) end.abort(cancelled);
    const sleeping = sleep(clock, 1_000, end.signal);
    end.abort(cancelled);
    await expect(sleeping).rejects.toBe(cancelled);
    expect([clock.pending, listenersOf(end.signal)]).toEqual([0, 0]);
  });
});

describe("work with something instead, after a time", () => {
  it("gives what the work gives in time, and leaves no timer", async () => {
    const clock = fakeClock();
    expect(await orAfter(Promise.resolve("work"), clock, 1_000, () => "instead")).toBe("work");
    await expect(orAfter(Promise.reject(cancelled), clock, 1_000, () => 0)).rejects.toBe(cancelled);
    expect(clock.pending).toBe(0);
  });

  it("gives the other thing when the time is up", async () => {
    const clock = fakeClock();
    const waiting = orAfter<string>(forever(), clock, 1_000, () => "instead");
    clock.advance(1_000);
    expect(await waiting).toBe("instead");
  });
});
