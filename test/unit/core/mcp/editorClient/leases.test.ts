import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Leases, marginMs } from "../../../../../src/core/mcp/editorClient/leases.ts";
import { fakeClock, type FakeClock } from "../../../../support/ports.ts";

const made = (): { leases: Leases; clock: FakeClock; expired: (readonly string[])[] } => {
  const clock = fakeClock();
  const leases = new Leases({ clock });
  const expired: (readonly string[])[] = [];
  leases.onDidExpire((ids) => expired.push(ids));
  return { leases, clock, expired };
};

describe("a credential inside a connection", () => {
  it("is given up half a minute before it expires: the version goes up", () => {
    const { leases, clock, expired } = made();
    const before = leases.version("github");
    leases.handOut("github", clock.now() + 600_000);
    clock.advance(569_999);
    expect([leases.version("github"), expired]).toEqual([before, []]);
    clock.advance(1);
    expect(leases.version("github")).not.toBe(before);
    expect(expired).toEqual([["github"]]);
  });

  it("of a short life is given up a quarter of it before", () => {
    const { leases, clock, expired } = made();
    leases.handOut("github", clock.now() + 20_000);
    clock.advance(14_999);
    expect(expired).toEqual([]);
    clock.advance(1);
    expect(expired).toEqual([["github"]]);
  });

  it("is given up once, however long nobody starts the server again", () => {
    const { leases, clock, expired } = made();
    leases.handOut("github", clock.now() + 20_000);
    clock.advance(3_600_000);
    expect(expired).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it.each([0, 1_000, -1_000])(
    "that comes again with the same end (%i ms off) is used to its end",
    (offMs) => {
      const { leases, clock, expired } = made();
      const endMs = clock.now() + 600_000;
      leases.handOut("github", endMs);
      clock.advance(570_000);
      leases.handOut("github", endMs + offMs);
      clock.advance(28_000);
      expect(expired).toHaveLength(1);
      clock.advance(3_000);
      expect(expired).toHaveLength(2);
    },
  );

  it.each([
    [60, 0],
    [60, 5],
    [3_600, 0],
    [3_600, 300],
    [3_600, 3_000],
    [86_400, 0],
  ])(
    "of %i s that a vault keeps until %i s before its end starts a server at most twice",
    (lifeSeconds, renewedSeconds) => {
      const { leases, clock } = made();
      const [lifeMs, renewedMs, lives] = [lifeSeconds * 1_000, renewedSeconds * 1_000, 10];
      let endMs = clock.now() + lifeMs;
      let starts = 0;
      const start = (): void => {
        starts += 1;
        if (clock.now() >= endMs - renewedMs) endMs = clock.now() + lifeMs;
        leases.handOut("github", endMs);
      };
      leases.onDidExpire(start);
      start();
      clock.advance(lives * lifeMs);
      // What is given up early lives a part of its life, so there are some more lives.
      expect(starts).toBeLessThanOrEqual(2 * lives * (lifeMs / Math.max(lifeMs - renewedMs, lifeMs / 6)) + 2);
    },
  );

  it("that replaces another counts alone", () => {
    const { leases, clock, expired } = made();
    leases.handOut("github", clock.now() + 60_000);
    clock.advance(10_000);
    leases.handOut("github", clock.now() + 3_600_000);
    clock.advance(3_500_000);
    expect(expired).toEqual([]);
  });

  it("without an expiry is never given up by time, and by an end it is", () => {
    const { leases, clock, expired } = made();
    const before = leases.version("github");
    leases.handOut("github", undefined);
    expect(clock.pending).toBe(0);
    clock.advance(365 * 86_400_000);
    expect([leases.version("github"), expired]).toEqual([before, []]);
    expect(leases.end("github")).toBe(true);
    expect(leases.version("github")).not.toBe(before);
  });

  it("that has expired when the machine wakes is given up within half a minute", () => {
    const { leases, clock, expired } = made();
    leases.handOut("github", clock.now() + 3_600_000);
    clock.advance(60_000);
    clock.jumpTo(clock.now() + 8 * 3_600_000);
    clock.advance(30_000);
    expect(expired).toEqual([["github"]]);
  });
});

it("several connectors have one timer, and each its own moment", () => {
  const { leases, clock, expired } = made();
  leases.handOut("github", clock.now() + 100_000);
  leases.handOut("linear", clock.now() + 200_000);
  leases.handOut("sentry", clock.now() + 100_000);
  expect(clock.pending).toBe(1);
  clock.advance(100_000);
  expect(expired).toEqual([["github", "sentry"]]);
  clock.advance(100_000);
  expect(expired).toEqual([["github", "sentry"], ["linear"]]);
});

it("what nobody has taken cannot end: its version stays", () => {
  const { leases } = made();
  expect(leases.end("github")).toBe(false);
  expect(leases.version("github")).toBe(new Leases({ clock: fakeClock() }).version("github"));
});

it("leaves no timer behind", () => {
  const { leases, clock } = made();
  leases.handOut("github", clock.now() + 60_000);
  leases.dispose();
  expect(clock.pending).toBe(0);
});

it("no credential is in a connection when it expires, whatever its life, as long as the machine is awake", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 86_400_000 }), (lifeMs) => {
      const { leases, clock, expired } = made();
      leases.handOut("github", clock.now() + lifeMs);
      clock.advance(lifeMs);
      expect(expired).toEqual([["github"]]);
      expect(marginMs(lifeMs)).toBeLessThanOrEqual(30_000);
      expect(marginMs(lifeMs)).toBeGreaterThan(0);
    }),
    { numRuns: 50 },
  );
});
