import { describe, expect, it } from "vitest";
import type { Grant } from "../../../../../src/core/credentials/grant.ts";
import { LanyardError } from "../../../../../src/core/errors.ts";
import { grants, refusals } from "../../../../support/grants.ts";
import { never, pass, settle, tidyCompanies, watched, type Acme } from "../acme.ts";

const company = tidyCompanies();

const helper = (deadlineMs = 8_000): Parameters<Acme["waits"]["obtain"]>[1] => ({
  ...{ requester: "helper", signal: never() },
  deadlineMs,
});

describe("a helper that arrives while somebody approves a push", () => {
  it.each<[string, Grant]>([
    ["a push", grants.push()],
    ["an approval", grants.pending()],
  ])("waits for %s and answers when it is granted", async (_what, waiting) => {
    const { waits, vault, clock, connector, board } = company();
    vault.says(waiting);
    const asking = watched(waits.obtain(connector.id, helper()));
    await pass(clock, 4_000);
    expect(waits.size).toBe(1);
    vault.says(grants.granted());
    await pass(clock, 900);
    expect(asking.answer).toBeUndefined();
    await pass(clock, 100);
    expect(asking.answer?.grant.kind).toBe("granted");
    expect(board.get(connector.id)?.lastIssued?.atMs).toBe(clock.now());
  });

  it("hears the refusal at once when the person rejects it", async () => {
    const { waits, vault, clock, connector } = company();
    vault.says(grants.push());
    const asking = watched(waits.obtain(connector.id, helper()));
    await pass(clock, 4_000);
    vault.says({ kind: "denied", by: "user", reason: "The request was rejected." });
    await pass(clock, 1_000);
    expect(asking.answer?.grant.kind).toBe("denied");
  });

  it("gets the last known answer when its deadline passes, and nothing counts as handed out", async () => {
    const { waits, vault, clock, connector, board } = company();
    vault.says(grants.push());
    const asking = watched(waits.obtain(connector.id, helper()));
    await pass(clock, 7_900);
    expect(asking.answer).toBeUndefined();
    await pass(clock, 100);
    expect(asking.answer?.grant).toEqual(grants.push());
    expect(board.get(connector.id)?.lastIssued).toBeUndefined();
  });

  it("has its deadline whatever the first question took of it", async () => {
    const { waits, vault, clock, connector } = company();
    const answer = vault.holds();
    const asking = watched(waits.obtain(connector.id, helper()));
    await pass(clock, 3_000);
    answer(grants.push());
    await pass(clock, 4_900);
    expect(asking.answer).toBeUndefined();
    await pass(clock, 100);
    expect(asking.answer?.grant.kind).toBe("stepUp");
  });

  it("is told at its deadline that no answer came, when not even the first one did", async () => {
    const { waits, vault, clock, connector, board } = company();
    const answer = vault.holds();
    const asking = watched(waits.obtain(connector.id, helper()));
    await pass(clock, 8_000);
    expect(asking.answer?.grant.kind).toBe("unavailable");
    answer(grants.denied());
    await settle();
    expect(board.get(connector.id)?.status.kind).toBe("denied");
  });

  it("leaves when nobody listens any more", async () => {
    const { waits, vault, clock, connector } = company();
    vault.says(grants.push());
    const leaving = new AbortController();
    const asking = waits.obtain(connector.id, { ...helper(), signal: leaving.signal });
    await pass(clock, 1_000);
    leaving.abort(new LanyardError("cancelled", "The helper hung up."));
    await expect(asking).rejects.toThrow("The helper hung up.");
    await pass(clock, 30_000);
    expect(vault.asked).toHaveLength(1);
  });

  it("does not wait for what no approval changes", async () => {
    const { waits, vault, connector } = company();
    for (const refusal of Object.values(refusals)) {
      if (
        refusal.kind === "signedOut" ||
        refusal.kind === "pending" ||
        (refusal.kind === "stepUp" && refusal.how.kind === "push")
      )
        continue;
      vault.says(refusal);
      expect((await waits.obtain(connector.id, helper())).grant.kind).toBe(refusal.kind);
    }
  });
});

describe("several who wait for one connector", () => {
  it("share one vigil and one poll an interval, and all hear the answer", async () => {
    const { waits, vault, clock, connector, board } = company();
    vault.says(grants.push());
    const first = watched(waits.obtain(connector.id, helper()));
    await pass(clock, 1_000);
    const second = watched(waits.obtain(connector.id, helper()));
    const third = watched(waits.follow(connector.id, never()));
    await pass(clock, 1_000);
    expect([waits.size, vault.asked.length]).toEqual([1, 1]);
    expect(board.get(connector.id)?.lastAskedAtMs).toBe(clock.now() - 1_000);
    vault.says(grants.granted());
    await pass(clock, 3_000);
    const answers = [first, second, third].map(({ answer }) => answer?.grant.kind);
    expect(answers).toEqual(["granted", "granted", "granted"]);
    expect(vault.asked).toHaveLength(2);
  });

  it("go on when the one who started it leaves", async () => {
    const { waits, vault, clock, connector } = company();
    vault.says(grants.push());
    const first = watched(waits.obtain(connector.id, helper(2_000)));
    await pass(clock, 1_000);
    const second = watched(waits.obtain(connector.id, helper(8_000)));
    await pass(clock, 1_000);
    expect(first.answer?.grant.kind).toBe("stepUp");
    vault.says(grants.granted());
    await pass(clock, 3_000);
    expect(second.answer?.grant.kind).toBe("granted");
  });

  it("do not get an answer that came before they asked", async () => {
    const { waits, vault, clock, connector } = company();
    vault.says(grants.push());
    const first = watched(waits.obtain(connector.id, helper()));
    await pass(clock, 4_000);
    vault.says(grants.granted());
    await pass(clock, 1_000);
    expect(first.answer?.grant.kind).toBe("granted");
    vault.says(grants.denied());
    expect((await waits.obtain(connector.id, helper())).grant.kind).toBe("denied");
  });

  it("overlapping from the first question on, share that as well", async () => {
    const { waits, vault, clock, connector } = company();
    vault.says(grants.push());
    const both = [waits.obtain(connector.id, helper()), waits.obtain(connector.id, helper())].map(watched);
    await pass(clock, 1_000);
    expect([waits.size, vault.asked.length]).toEqual([1, 1]);
    vault.says(grants.granted());
    await pass(clock, 4_000);
    expect(both.map(({ answer }) => answer?.grant.kind)).toEqual(["granted", "granted"]);
  });
});

describe("a person who acts on a connector", () => {
  it.each([
    ["connects an account", grants.needsConnection()],
    ["confirms on a page", grants.stepUpPage()],
  ])("makes helpers wait while the person %s", async (_what, refusal) => {
    const { waits, vault, clock, connector } = company();
    vault.says(refusal);
    const acting = waits.expectChange(connector.id);
    const asking = watched(waits.obtain(connector.id, helper()));
    await pass(clock, 2_000);
    expect(asking.answer).toBeUndefined();
    vault.says(grants.granted());
    acting.dispose();
    await settle();
    expect(asking.answer?.grant.kind).toBe("granted");
  });

  it("makes helpers wait for a sign-in, and the session that comes wakes them", async () => {
    const { waits, vault, sessions, clock, connector } = company();
    sessions.answer = { kind: "signedOut", cause: "never" };
    const acting = waits.expectChange(connector.id);
    const asking = watched(waits.obtain(connector.id, helper()));
    await pass(clock, 2_000);
    waits.wakeAll();
    await settle();
    expect(asking.answer).toBeUndefined();
    sessions.answer = undefined;
    vault.says(grants.granted());
    waits.wakeAll();
    await settle();
    expect(asking.answer?.grant.kind).toBe("granted");
    acting.dispose();
  });

  it("makes helpers wait for a stronger sign-in without a single poll", async () => {
    const { waits, vault, clock, connector } = company();
    vault.says(grants.reauthenticate());
    const acting = waits.expectChange(connector.id);
    const asking = watched(waits.obtain(connector.id, helper()));
    await pass(clock, 7_000);
    expect(vault.asked).toHaveLength(1);
    vault.says(grants.granted());
    waits.wakeAll();
    await settle();
    expect(asking.answer?.grant.kind).toBe("granted");
    acting.dispose();
  });

  it("who gives up lets helpers go at once with what is known", async () => {
    const { waits, vault, clock, connector } = company();
    vault.says(grants.needsConnection());
    const acting = waits.expectChange(connector.id);
    const asking = watched(waits.obtain(connector.id, helper()));
    await pass(clock, 1_000);
    acting.dispose();
    await settle();
    expect(asking.answer?.grant.kind).toBe("needsConnection");
  });

  it("acts until the last of several acts is over", async () => {
    const { waits, connector } = company();
    const first = waits.expectChange(connector.id);
    const second = waits.expectChange(connector.id);
    first.dispose();
    first.dispose();
    expect(waits.isChangeExpected(connector.id)).toBe(true);
    second.dispose();
    expect(waits.isChangeExpected(connector.id)).toBe(false);
    await settle();
  });
});

describe("an entry that changes while somebody waits", () => {
  it("gives nothing of the changed entry to who asked before", async () => {
    const { waits, vault, clock, connector, load } = company();
    vault.says(grants.push());
    const before = watched(waits.obtain(connector.id, helper()));
    await pass(clock, 1_000);
    load([{ ...connector, url: "https://elsewhere.example.com/mcp" }]);
    const after = watched(waits.obtain(connector.id, helper()));
    await settle();
    expect(waits.size).toBe(2);
    vault.says(grants.granted());
    await pass(clock, 5_000);
    expect([before.answer?.grant.kind, after.answer?.grant.kind]).toEqual(["misconfigured", "granted"]);
  });

  it("is not waited for when nobody knows it", async () => {
    const { waits } = company();
    expect((await waits.obtain("nobody", helper())).grant.kind).toBe("misconfigured");
  });
});
