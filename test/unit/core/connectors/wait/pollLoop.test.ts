import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { grants } from "../../../../support/grants.ts";
import { acme, never, pass, settle, tidyCompanies, type Acme } from "../acme.ts";

const company = tidyCompanies();

/** Follows the connector, and stops at the end of the test. */
const following = ({ waits, connector }: Acme): { answer: string | undefined; stop: () => Promise<void> } => {
  const cancel = new AbortController();
  const seen = {
    answer: undefined as string | undefined,
    stop: async () => {
      cancel.abort();
      await settle();
    },
  };
  waits.follow(connector.id, cancel.signal).then(
    ({ grant }) => (seen.answer = grant.kind),
    () => undefined,
  );
  return seen;
};

describe("the pace of a wait", () => {
  it("is the source's interval", async () => {
    const made = company();
    made.vault.says(grants.push({ intervalMs: 3_000 }));
    const { stop } = following(made);
    await pass(made.clock, 10_000);
    expect(made.vault.gaps()).toEqual([3_000, 3_000, 3_000]);
    await stop();
  });

  it("follows an interval that grows, and none that shrinks", async () => {
    const made = company();
    made.vault.says(grants.pending({ intervalMs: 2_000 }));
    const { stop } = following(made);
    await pass(made.clock, 1_000);
    made.vault.says(grants.pending({ intervalMs: 4_000 }));
    await pass(made.clock, 1_500);
    made.vault.says(grants.pending({ intervalMs: 1_000 }));
    await pass(made.clock, 10_000);
    expect(made.vault.gaps()).toEqual([2_000, 4_000, 4_000]);
    await stop();
  });

  it("is five seconds slower after each slow_down, and stays so (RFC 8628, section 3.5)", async () => {
    const made = company();
    made.vault.says(grants.push({ intervalMs: 5_000 }));
    const { stop } = following(made);
    await pass(made.clock, 1_000);
    made.vault.says(grants.pending({ intervalMs: 10_000, slowDown: true }));
    await pass(made.clock, 14_500);
    made.vault.says(grants.push({ intervalMs: 5_000 }));
    await pass(made.clock, 40_000);
    expect(made.vault.gaps()).toEqual([5_000, 10_000, 15_000, 15_000]);
    await stop();
  });

  it("is no slower than asked for when the very first answer is a slow_down", async () => {
    const made = company();
    made.vault.says(grants.pending({ intervalMs: 10_000, slowDown: true }));
    const { stop } = following(made);
    await settle();
    made.vault.says(grants.pending());
    await pass(made.clock, 20_000);
    expect(made.vault.gaps()).toEqual([10_000, 10_000]);
    await stop();
  });

  it("is once a second at most, whatever the source says", async () => {
    const made = company();
    made.vault.says(grants.push({ intervalMs: 0 }));
    const { stop } = following(made);
    await pass(made.clock, 3_000);
    expect(made.vault.gaps()).toEqual([0, 1_000, 1_000, 1_000]);
    await stop();
  });

  it("never presses a source more than it wants, whatever it answers", async () => {
    const answers = fc.array(
      fc.record({ intervalMs: fc.integer({ min: 1_000, max: 20_000 }), slowDown: fc.boolean() }),
      { minLength: 1, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(answers, async (given) => {
        const made = acme();
        const expiresAtMs = made.clock.now() + 86_400_000;
        let asked = 0;
        made.vault.does(() => {
          const next = given[Math.min(asked, given.length - 1)];
          const { intervalMs = 5_000, slowDown = false } = next ?? {};
          asked += 1;
          return Promise.resolve(
            grants.pending({ intervalMs, expiresAtMs, ...(slowDown ? { slowDown } : {}) }),
          );
        });
        const { stop } = following(made);
        await pass(made.clock, 60_000);
        for (const [index, gap] of made.vault.gaps().entries()) {
          expect(gap).toBeGreaterThanOrEqual(given[Math.min(index, given.length - 1)]?.intervalMs ?? 0);
        }
        await stop();
        expect(made.clock.pending).toBe(0);
      }),
      { numRuns: 20 },
    );
  });
});

describe("a vault that holds its polls", () => {
  it("is asked to hold those of a wait, and never the question that finds it", async () => {
    const made = company();
    made.vault.says(grants.push());
    const { stop } = following(made);
    await pass(made.clock, 5_000);
    expect(made.vault.asked.map(({ ask }) => ask.waitSeconds)).toEqual([undefined, 8]);
    await stop();
  });

  it("is heard the moment it answers, and asked again at once when it held long enough", async () => {
    const made = company();
    made.vault.says(grants.push({ intervalMs: 0 }));
    const seen = following(made);
    await settle();
    const answer = made.vault.holds();
    await pass(made.clock, 1_000);
    answer(grants.push({ intervalMs: 0 }));
    await pass(made.clock, 7_000);
    answer(grants.push({ intervalMs: 0 }));
    await pass(made.clock, 300);
    expect(made.vault.asked).toHaveLength(4);
    answer(grants.granted());
    await settle();
    expect(seen.answer).toBe("granted");
  });

  it("is not asked to hold a question that only an event on this side answers", async () => {
    const made = company();
    made.vault.says(grants.reauthenticate());
    const { stop } = following(made);
    await settle();
    made.waits.wakeAll();
    await settle();
    expect(made.vault.asked.map(({ ask }) => ask.waitSeconds)).toEqual([undefined, undefined]);
    await stop();
  });
});

describe("the end of a wait", () => {
  it("comes with the expiry that the person was told: one last question, and its answer stands", async () => {
    const made = company();
    const expiresAtMs = made.clock.now() + 12_000;
    made.vault.says(grants.push({ expiresAtMs }));
    const seen = following(made);
    await pass(made.clock, 14_900);
    expect(seen.answer).toBeUndefined();
    made.vault.says({ kind: "denied", by: "user", reason: "The approval was not given in time." });
    await pass(made.clock, 100);
    expect(seen.answer).toBe("denied");
    expect(made.vault.gaps()).toEqual([5_000, 5_000, 5_000]);
  });

  it("is not put off by a source that says 'in five minutes' each time", async () => {
    const made = company();
    made.vault.does(() => Promise.resolve(grants.push({ expiresAtMs: made.clock.now() + 12_000 })));
    const seen = following(made);
    await pass(made.clock, 15_000);
    expect(seen.answer).toBe("stepUp");
  });

  it("is that of the wait which has taken the place of another", async () => {
    const made = company();
    made.vault.says(grants.needsConnection({ expiresAtMs: made.clock.now() + 12_000 }));
    const seen = following(made);
    await pass(made.clock, 6_000);
    made.vault.says(grants.push({ expiresAtMs: made.clock.now() + 60_000 }));
    await pass(made.clock, 30_000);
    expect(seen.answer).toBeUndefined();
    made.vault.says(grants.granted());
    await pass(made.clock, 5_000);
    expect(seen.answer).toBe("granted");
  });
});

describe("a source that cannot be reached meanwhile", () => {
  it("is left alone until it may be tried again, and the wait goes on", async () => {
    const made = company();
    made.vault.says(grants.push());
    const seen = following(made);
    await pass(made.clock, 1_000);
    made.vault.does(() => Promise.resolve(grants.unavailable({ retryAtMs: made.clock.now() + 20_000 })));
    await pass(made.clock, 5_000);
    made.vault.says(grants.granted());
    await pass(made.clock, 18_900);
    expect(seen.answer).toBeUndefined();
    await pass(made.clock, 200);
    expect(seen.answer).toBe("granted");
    expect(made.vault.gaps()).toEqual([5_000, 20_000]);
  });

  it("is tried again as well where no poll goes on by itself", async () => {
    const made = company();
    made.vault.says(grants.reauthenticate());
    const seen = following(made);
    await settle();
    made.vault.does(() => Promise.resolve(grants.unavailable({ retryAtMs: made.clock.now() })));
    made.waits.wakeAll();
    await pass(made.clock, 500);
    expect(made.vault.asked).toHaveLength(2);
    made.vault.says(grants.reauthenticate());
    await pass(made.clock, 10_000);
    expect(made.vault.asked).toHaveLength(3);
    made.vault.says(grants.granted());
    made.waits.wakeAll();
    await settle();
    expect(seen.answer).toBe("granted");
  });
});

describe("waking a wait", () => {
  it("asks at once", async () => {
    const made = company();
    made.vault.says(grants.needsConnection());
    const seen = following(made);
    await pass(made.clock, 1_000);
    made.vault.says(grants.granted());
    made.waits.wake("somebody else");
    await settle();
    expect(seen.answer).toBeUndefined();
    made.waits.wake(made.connector.id);
    await settle();
    expect(seen.answer).toBe("granted");
  });

  it("is not lost on a question that was put before", async () => {
    const made = company();
    made.vault.says(grants.needsConnection());
    const seen = following(made);
    await settle();
    const answer = made.vault.holds();
    await pass(made.clock, 5_000);
    made.waits.wake(made.connector.id);
    answer(grants.needsConnection());
    await settle();
    answer(grants.granted());
    await settle();
    expect(seen.answer).toBe("granted");
  });

  it.each(["the connector", "a session"])("is not lost on the very first question (%s)", async (what) => {
    const made = company();
    const answer = made.vault.holds();
    const seen = following(made);
    await settle();
    if (what === "a session") made.waits.wakeAll();
    else made.waits.wake(made.connector.id);
    answer(grants.reauthenticate());
    await settle();
    answer(grants.granted());
    await settle();
    expect(seen.answer).toBe("granted");
  });

  it("does not break a source's interval because a session was refreshed", async () => {
    const made = company();
    made.vault.says(grants.push());
    const { stop } = following(made);
    await pass(made.clock, 1_000);
    made.waits.wakeAll();
    await pass(made.clock, 4_000);
    expect(made.vault.gaps()).toEqual([5_000]);
    await stop();
  });
});

describe("an answer that came another way", () => {
  it("is heard by those who wait", async () => {
    const made = company();
    made.vault.says(grants.needsConnection());
    const seen = following(made);
    await pass(made.clock, 1_000);
    made.vault.says(grants.granted());
    const asking = { requester: "helper", signal: never(), deadlineMs: 8_000 } as const;
    expect((await made.waits.obtain(made.connector.id, asking)).grant.kind).toBe("granted");
    await settle();
    expect(seen.answer).toBe("granted");
  });
});
