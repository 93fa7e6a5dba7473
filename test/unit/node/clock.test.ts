import { describe, expect, it } from "vitest";
import { systemClock } from "../../../src/node/clock.ts";

describe("the machine's clock", () => {
  it("runs what is due, and not what was called off", async () => {
    const ran: string[] = [];
    systemClock.after(1, () => ran.push("called off")).dispose();
    await new Promise<void>((resolve) => systemClock.after(5, resolve));
    expect(ran).toEqual([]);
  });

  it("does not run at once what is due in a month, as Node's own timers would", async () => {
    let ran = false;
    const timer = systemClock.after(40 * 24 * 3600 * 1000, () => (ran = true));
    await new Promise<void>((resolve) => systemClock.after(20, resolve));
    timer.dispose();
    expect(ran).toBe(false);
  });
});
