import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoffMs, Recheck } from "../../../../../src/core/connectors/pipeline/recheck.ts";
import { connectorNamed } from "../../../../support/connectors.ts";
import { grants } from "../../../../support/grants.ts";
import { acme, never, pass, settle, type Acme } from "../acme.ts";

/** Acme with a vault that is down, and no jitter, so that the delays are the nominal ones. */
const down = (random = 0): Acme & { readonly recheck: Recheck } => {
  const made = acme();
  const recheck = new Recheck({ ...made, random: () => random });
  made.vault.does(() => Promise.resolve(grants.unavailable({ retryAtMs: made.clock.now() })));
  return { ...made, recheck };
};

const check = ({ pipeline, connector }: Acme): Promise<unknown> =>
  pipeline.obtain(connector.id, { requester: "check", signal: never() });

describe("the delay before one more try", () => {
  it("is 2 s, doubles, and is never more than 5 min", () => {
    const delays = [0, 1, 2, 7, 8, 2_000].map((tries) => backoffMs(tries, 0));
    expect(delays).toEqual([2_000, 4_000, 8_000, 256_000, 300_000, 300_000]);
  });

  it("is up to a quarter less, so that nobody tries in step", () => {
    fc.assert(
      fc.property(
        fc.nat(50),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (tries, random) => {
          const nominalMs = backoffMs(tries, 0);
          const delayMs = backoffMs(tries, random);
          expect(delayMs).toBeLessThanOrEqual(nominalMs);
          expect(delayMs).toBeGreaterThan(nominalMs * 0.74);
        },
      ),
    );
  });
});

describe("a connector that cannot be reached", () => {
  it("is checked again ever less often, and the board says when", async () => {
    const made = down();
    await check(made);
    const told: number[] = [];
    for (const delayMs of [2_000, 4_000, 8_000]) {
      const status = made.board.get(made.connector.id)?.status;
      told.push(status?.kind === "unavailable" ? status.retryAtMs - made.clock.now() : -1);
      await pass(made.clock, delayMs);
    }
    expect(told).toEqual([2_000, 4_000, 8_000]);
    expect(made.vault.gaps()).toEqual([2_000, 4_000, 8_000]);
    made.recheck.dispose();
  });

  it("is tried a little earlier by chance", async () => {
    const made = down(0.5);
    await check(made);
    await pass(made.clock, 1_700);
    expect(made.vault.asked).toHaveLength(1);
    await pass(made.clock, 100);
    expect(made.vault.asked).toHaveLength(2);
    made.recheck.dispose();
  });

  it("is not tried before its source wants it", async () => {
    const made = down();
    made.vault.does(() => Promise.resolve(grants.unavailable({ retryAtMs: made.clock.now() + 60_000 })));
    await check(made);
    await pass(made.clock, 59_900);
    expect(made.vault.asked).toHaveLength(1);
    await pass(made.clock, 100);
    expect(made.vault.asked).toHaveLength(2);
    made.recheck.dispose();
  });

  it("is left to its schedule while helpers ask and fail too", async () => {
    const made = down();
    await check(made);
    await pass(made.clock, 500);
    for (let asked = 0; asked < 5; asked += 1) {
      await made.pipeline.obtain(made.connector.id, { requester: "helper", signal: never() });
    }
    const before = made.vault.asked.length;
    await pass(made.clock, 1_500);
    expect(made.vault.asked).toHaveLength(before + 1);
    await pass(made.clock, 3_900);
    expect(made.vault.asked).toHaveLength(before + 1);
    await pass(made.clock, 100);
    expect(made.vault.asked).toHaveLength(before + 2);
    made.recheck.dispose();
  });

  it("is left alone longer when its source says so to another asker", async () => {
    const made = down();
    await check(made);
    await pass(made.clock, 1_000);
    made.vault.does(() => Promise.resolve(grants.unavailable({ retryAtMs: made.clock.now() + 60_000 })));
    await made.pipeline.obtain(made.connector.id, { requester: "helper", signal: never() });
    await pass(made.clock, 59_900);
    expect(made.vault.asked).toHaveLength(2);
    await pass(made.clock, 100);
    expect(made.vault.asked).toHaveLength(3);
    made.recheck.dispose();
  });

  it("has failed once more only when the answer is there, however much goes on meanwhile", async () => {
    const made = down();
    await check(made);
    const answer = made.vault.holds();
    const helper = { requester: "helper", signal: never() } as const;
    await pass(made.clock, 1_900);
    const first = made.pipeline.obtain(made.connector.id, helper);
    await pass(made.clock, 600);
    const second = made.pipeline.obtain(made.connector.id, helper);
    await pass(made.clock, 2_500);
    const answeredAtMs = made.clock.now();
    answer(grants.unavailable({ retryAtMs: answeredAtMs }));
    await Promise.all([first, second]);
    const status = made.board.get(made.connector.id)?.status;
    expect(status).toMatchObject({ kind: "unavailable", retryAtMs: answeredAtMs + 4_000 });
    made.recheck.dispose();
  });

  it("is over with the first answer that comes, and starts from 2 s the next time", async () => {
    const made = down();
    await check(made);
    await pass(made.clock, 2_000);
    made.vault.says(grants.granted());
    await pass(made.clock, 4_000);
    expect([made.recheck.size, made.clock.pending]).toEqual([0, 0]);
    made.vault.does(() => Promise.resolve(grants.unavailable({ retryAtMs: made.clock.now() })));
    await check(made);
    const asked = made.vault.asked.length;
    await pass(made.clock, 2_000);
    expect(made.vault.asked).toHaveLength(asked + 1);
    made.recheck.dispose();
  });

  it("was so before the rechecks began", async () => {
    const made = acme();
    made.vault.does(() => Promise.resolve(grants.unavailable({ retryAtMs: made.clock.now() })));
    await check(made);
    const recheck = new Recheck({ ...made, random: () => 0 });
    await pass(made.clock, 2_000);
    expect(made.vault.asked).toHaveLength(2);
    recheck.dispose();
  });

  it("keeps a schedule of its own, whatever the others do", async () => {
    const made = down();
    const github = connectorNamed("github");
    made.load([made.connector, github]);
    await check(made);
    await pass(made.clock, 1_000);
    await made.pipeline.obtain(github.id, { requester: "check", signal: never() });
    await pass(made.clock, 2_000);
    const names = made.vault.asked.map(({ ask }) => ask.connector.name);
    expect(names).toEqual(["salesforce", "github", "salesforce", "github"]);
    expect(made.recheck.size).toBe(2);
    made.recheck.dispose();
  });
});

describe("nothing is checked again", () => {
  it.each(["untrusted", "unapproved", "changed"] as const)("once it is %s", async (standing) => {
    const made = down();
    await check(made);
    made.load([made.connector], standing);
    expect([made.recheck.size, made.clock.pending]).toEqual([0, 0]);
    made.recheck.dispose();
  });

  it("once it is gone, or has become another entry", async () => {
    const made = down();
    await check(made);
    made.load([{ ...made.connector, url: "https://elsewhere.example.com/mcp" }]);
    expect(made.recheck.size).toBe(0);
    await check(made);
    made.load([]);
    expect([made.recheck.size, made.clock.pending]).toEqual([0, 0]);
    made.recheck.dispose();
  });

  it.each([grants.denied(), grants.needsConnection(), grants.misconfigured()])(
    "when the answer is $kind",
    async (refusal) => {
      const made = down();
      made.vault.says(refusal);
      await check(made);
      expect([made.recheck.size, made.clock.pending]).toEqual([0, 0]);
      made.recheck.dispose();
    },
  );

  it("after the end, were a try under way", async () => {
    const made = down();
    await check(made);
    const answer = made.vault.holds();
    await pass(made.clock, 2_000);
    expect(made.board.get(made.connector.id)?.status.kind).toBe("checking");
    made.recheck.dispose();
    answer(grants.unavailable({ retryAtMs: made.clock.now() }));
    await settle();
    expect(made.board.get(made.connector.id)?.status.kind).toBe("unavailable");
    expect([made.recheck.size, made.clock.pending]).toEqual([0, 0]);
  });
});
