import { describe, expect, it } from "vitest";
import { LanyardError } from "../../../../../src/core/errors.ts";
import { grants } from "../../../../support/grants.ts";
import { acme, settle } from "../acme.ts";

const leaver = (): { readonly signal: AbortSignal; readonly leave: () => void } => {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    leave: () => controller.abort(new LanyardError("cancelled", "The asker left.")),
  };
};

describe("a question that the source holds until something happens", () => {
  const held = (signal: AbortSignal): { requester: "wait"; signal: AbortSignal; waitSeconds: number } => ({
    ...{ requester: "wait", signal },
    waitSeconds: 8,
  });

  it("is let go of once nobody listens, and leaves nothing on the board or in the log", async () => {
    const { pipeline, vault, board, connector, clock, log } = acme();
    vault.says(grants.push());
    await pipeline.obtain(connector.id, { requester: "check", signal: new AbortController().signal });
    const before = [board.get(connector.id)?.status, log.entries.length];
    vault.holds();
    const { signal, leave } = leaver();
    const asking = pipeline.obtain(connector.id, held(signal));
    await settle();
    leave();
    await expect(asking).rejects.toThrow("The asker left.");
    await settle();
    expect(vault.asked.at(-1)?.ask.signal.aborted).toBe(true);
    expect([board.get(connector.id)?.status, log.entries.length]).toEqual(before);
    expect(clock.pending).toBe(0);
  });

  it("goes on while anybody listens", async () => {
    const { pipeline, vault, connector } = acme();
    const answer = vault.holds();
    const [first, second] = [leaver(), leaver()];
    const left = pipeline.obtain(connector.id, held(first.signal));
    const stayed = pipeline.obtain(connector.id, { requester: "check", signal: second.signal });
    await settle();
    first.leave();
    await expect(left).rejects.toThrow();
    answer(grants.granted());
    expect((await stayed).grant.kind).toBe("granted");
  });

  it("is not shared with whoever asks after it was let go of", async () => {
    const { pipeline, vault, connector } = acme();
    vault.holds();
    const { signal, leave } = leaver();
    const asking = pipeline.obtain(connector.id, held(signal));
    await settle();
    vault.says(grants.granted());
    leave();
    await expect(asking).rejects.toThrow();
    const next = pipeline.obtain(connector.id, { requester: "helper", signal: new AbortController().signal });
    expect((await next).grant.kind).toBe("granted");
  });
});

describe("an answer", () => {
  it("is told with everyone who shares it", async () => {
    const { pipeline, vault, connector } = acme();
    const told: string[][] = [];
    pipeline.onDidAnswer(({ requesters }) => told.push([...requesters]));
    const answer = vault.holds();
    const { signal } = new AbortController();
    const both = [
      pipeline.obtain(connector.id, { requester: "wait", signal }),
      pipeline.obtain(connector.id, { requester: "helper", signal }),
    ];
    await settle();
    answer(grants.push());
    await Promise.all(both);
    expect(told).toEqual([["wait", "helper"]]);
  });
});
