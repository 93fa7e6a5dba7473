import { describe, expect, it } from "vitest";
import { LanyardError } from "../../../../../src/core/errors.ts";
import { grants } from "../../../../support/grants.ts";
import { never, pass, settle, tidyCompanies, watched } from "../acme.ts";

const company = tidyCompanies();

describe("following a connector", () => {
  it("goes on until it is granted, however long that takes, without anybody acting", async () => {
    const { waits, vault, clock, connector } = company();
    vault.says(grants.needsConnection());
    const following = watched(waits.follow(connector.id, never()));
    await pass(clock, 60_000);
    expect(following.answer).toBeUndefined();
    vault.says(grants.granted());
    await pass(clock, 5_000);
    expect(following.answer?.grant.kind).toBe("granted");
  });

  it("is over at once when there is nothing to wait for", async () => {
    const { waits, vault, connector } = company();
    vault.says(grants.denied());
    expect((await waits.follow(connector.id, never())).grant.kind).toBe("denied");
  });

  it("ends with a sign-out, though the person is at the page, and so does the helper that waits with it", async () => {
    const { waits, vault, sessions, clock, connector } = company();
    vault.says(grants.needsConnection());
    const acting = waits.expectChange(connector.id);
    const following = watched(waits.follow(connector.id, never()).finally(() => acting.dispose()));
    const helper = watched(
      waits.obtain(connector.id, { requester: "helper", signal: never(), deadlineMs: 60_000 }),
    );
    await pass(clock, 2_000);
    expect([following.answer, helper.answer]).toEqual([undefined, undefined]);
    sessions.answer = { kind: "signedOut", cause: "revoked" };
    waits.wake(connector.id);
    await pass(clock, 1_000);
    expect(following.answer?.grant.kind).toBe("signedOut");
    expect(helper.answer?.grant.kind).toBe("signedOut");
  });

  it("ends when the person cancels it", async () => {
    const { waits, vault, clock, connector } = company();
    vault.says(grants.push());
    const cancel = new AbortController();
    const following = waits.follow(connector.id, cancel.signal);
    await pass(clock, 2_000);
    cancel.abort(new LanyardError("cancelled", "Cancelled."));
    await expect(following).rejects.toThrow("Cancelled.");
  });

  it("ends with what is known when Lanyard ends, and no wait starts after", async () => {
    const { waits, vault, clock, connector } = company();
    vault.says(grants.push());
    const following = watched(waits.follow(connector.id, never()));
    await pass(clock, 2_000);
    waits.dispose();
    await settle();
    expect(following.answer?.grant.kind).toBe("stepUp");
    expect((await waits.follow(connector.id, never())).grant.kind).toBe("stepUp");
  });

  it("starts no wait for an answer that comes after Lanyard's end", async () => {
    const { waits, vault, connector } = company();
    const answer = vault.holds();
    const following = waits.follow(connector.id, never());
    await settle();
    waits.dispose();
    answer(grants.push());
    expect((await following).grant.kind).toBe("stepUp");
  });
});
