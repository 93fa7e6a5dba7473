import { afterEach, describe, expect, it } from "vitest";
import { UserActions } from "../../../../../src/core/connectors/wait/userActions.ts";
import { BackgroundFollower } from "../../../../../src/core/connectors/wait/backgroundFollower.ts";
import type { Grant } from "../../../../../src/core/credentials/grant.ts";
import { grants, refusals } from "../../../../support/grants.ts";
import { acme, never, pass, settle, type Acme } from "../acme.ts";

interface Window extends Acme {
  readonly acts: UserActions;
  readonly standby: BackgroundFollower;
}

let all: Window[] = [];
const window = (): Window => {
  const made = acme();
  const acts = new UserActions();
  const standby = new BackgroundFollower({ ...made, actions: acts });
  all.push({ ...made, acts, standby });
  return { ...made, acts, standby };
};

/** Whatever was waited for, nothing is left of it: no act, no vigil, no timer. */
afterEach(async () => {
  await settle();
  const left = all.map(({ acts, waits, clock }) => [acts.size, waits.size, clock.pending]);
  all = [];
  for (const each of left) expect(each).toEqual([0, 0, 0]);
});

const helper = { requester: "helper", signal: never(), deadlineMs: 8_000 } as const;
const check = { requester: "check", signal: never() } as const;

describe("a push that somebody asked for", () => {
  it.each<[string, Grant]>([
    ["a push", grants.push()],
    ["an approval", grants.pending()],
  ])("%s: is followed past the helper's deadline, and ready for the next one", async (_what, waiting) => {
    const { acts, waits, vault, clock, connector, board } = window();
    vault.says(waiting);
    const asking = waits.obtain(connector.id, helper);
    await pass(clock, 8_000);
    expect((await asking).grant.kind).toBe(waiting.kind);
    expect(acts.of(connector.id)).toBe("elsewhere");
    vault.says(grants.granted());
    await pass(clock, 5_000);
    expect(board.get(connector.id)?.status.kind).toBe("granted");
    expect((await waits.obtain(connector.id, helper)).grant.kind).toBe("granted");
  });

  it("costs no question of its own to begin with, whoever asked", async () => {
    for (const ask of [
      ({ waits, connector }: Window) => waits.obtain(connector.id, helper),
      ({ pipeline, connector }: Window) => pipeline.obtain(connector.id, check),
    ]) {
      const made = window();
      const { vault, clock, waits, standby, connector } = made;
      vault.says(grants.push());
      const asking = ask(made);
      await pass(clock, 1_000);
      expect([vault.asked.length, waits.size]).toEqual([1, 1]);
      standby.cancel(connector.id);
      await asking;
    }
  });

  it("ends on the board as it was rejected", async () => {
    const { vault, clock, pipeline, connector, board, acts } = window();
    vault.says(grants.push());
    await pipeline.obtain(connector.id, check);
    vault.says({ kind: "denied", by: "user", reason: "The request was rejected." });
    await pass(clock, 5_000);
    expect(board.get(connector.id)?.status).toMatchObject({ kind: "denied", by: "user" });
    expect(acts.size).toBe(0);
  });

  it("that the vault starts over at its end is not followed again until somebody asks", async () => {
    const { vault, clock, pipeline, connector, board, acts } = window();
    const startMs = clock.now();
    vault.does(() =>
      Promise.resolve(
        grants.push({ expiresAtMs: clock.now() < startMs + 20_000 ? startMs + 20_000 : startMs + 90_000 }),
      ),
    );
    await pipeline.obtain(connector.id, check);
    await pass(clock, 26_000);
    expect(acts.size).toBe(0);
    const askedSoFar = vault.asked.length;
    await pass(clock, 30_000);
    expect(vault.asked).toHaveLength(askedSoFar);
    expect(board.get(connector.id)?.status.kind).toBe("stepUp");
    vault.says(grants.granted());
    await pipeline.obtain(connector.id, check);
  });
});

describe("a person who cancels", () => {
  it("ends the wait, and helpers are told at once", async () => {
    const { standby, acts, waits, vault, clock, connector, board } = window();
    vault.says(grants.push());
    const asking = waits.obtain(connector.id, helper);
    await pass(clock, 1_000);
    standby.cancel(connector.id);
    expect((await asking).grant.kind).toBe("stepUp");
    await settle();
    expect(acts.size).toBe(0);
    expect(board.get(connector.id)?.status.kind).toBe("stepUp");
  });
});

describe("a helper that asks again after the person has cancelled", () => {
  it("asks anew, though the vault still holds the last poll, and is followed again", async () => {
    const { standby, acts, waits, vault, clock, connector } = window();
    vault.says(grants.push());
    const first = waits.obtain(connector.id, helper);
    await pass(clock, 4_000);
    vault.holds();
    await pass(clock, 2_000);
    standby.cancel(connector.id);
    expect((await first).grant.kind).toBe("stepUp");
    vault.says(grants.push({ bindingMessage: "code 2" }));
    const second = waits.obtain(connector.id, helper);
    await pass(clock, 1_000);
    expect(acts.of(connector.id)).toBe("elsewhere");
    vault.says(grants.granted());
    await pass(clock, 5_000);
    expect((await second).grant.kind).toBe("granted");
  });
});

describe("nothing is followed", () => {
  it.each(Object.entries(refusals).filter(([name]) => name !== "push" && name !== "pending"))(
    "that the person has to begin: %s",
    async (_name, refusal) => {
      const { vault, pipeline, connector, acts } = window();
      vault.says(refusal);
      await pipeline.obtain(connector.id, check);
      await settle();
      expect(acts.size).toBe(0);
    },
  );

  it("after the window's end", async () => {
    const { vault, pipeline, connector, acts, standby } = window();
    standby.dispose();
    vault.says(grants.push());
    await pipeline.obtain(connector.id, check);
    await settle();
    expect(acts.size).toBe(0);
  });
});
