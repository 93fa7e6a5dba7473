import { describe, expect, it } from "vitest";
import { Changes } from "../../../../demo/vault/changes.ts";

const forever = 2 ** 31 - 1;

describe("waiting for a change", () => {
  it("ends for everyone who waits for the key, and for nobody else", async () => {
    const changes = new Changes();
    const { signal } = new AbortController();
    const ended: string[] = [];
    const waits = ["a", "a", "b"].map((key) =>
      changes.wait(key, forever, signal).then(() => ended.push(key)),
    );
    changes.notify("a");
    await Promise.all(waits.slice(0, 2));
    expect(ended).toEqual(["a", "a"]);
    changes.wakeAll();
    await Promise.all(waits);
    expect(ended).toEqual(["a", "a", "b"]);
  });

  it("ends at its time and when the caller hangs up", async () => {
    const changes = new Changes();
    const caller = new AbortController();
    await changes.wait("a", 1, caller.signal);
    const held = changes.wait("a", forever, caller.signal);
    caller.abort();
    await held;
    await changes.wait("a", forever, caller.signal);
  });

  it("wakes those who wait again from within a wake", async () => {
    const changes = new Changes();
    const { signal } = new AbortController();
    const twice = changes.wait("a", forever, signal).then(() => changes.wait("a", forever, signal));
    changes.notify("a");
    await Promise.resolve();
    await Promise.resolve();
    changes.notify("a");
    await twice;
  });
});
