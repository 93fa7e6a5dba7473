import { describe, expect, it } from "vitest";
import { catalogueOf, connectorNamed } from "../../../../support/connectors.ts";
import { grants } from "../../../../support/grants.ts";
import { acme, never, sessionWith, settle } from "../acme.ts";

const helper = { requester: "helper", signal: never() } as const;

describe("a session that ends while its connectors are asked for", () => {
  it("ends the question at once, whatever the vault would have said", async () => {
    const { pipeline, vault, board, connector } = acme();
    const answer = vault.holds();
    const asked = pipeline.obtain(connector.id, helper);
    await settle();
    pipeline.sessionEnded("session-1", "revoked");
    answer(grants.granted());
    expect((await asked).grant).toEqual({ kind: "signedOut", cause: "revoked" });
    expect(board.get(connector.id)).toMatchObject({ status: { kind: "signedOut", cause: "revoked" } });
    expect(board.get(connector.id)?.lastIssued).toBeUndefined();
  });

  it("tells the source that nobody wants its answer any more", async () => {
    const { pipeline, vault, connector } = acme();
    vault.holds();
    const asked = pipeline.obtain(connector.id, helper);
    await settle();
    pipeline.sessionEnded("session-1", "revoked");
    await asked;
    expect(vault.asked[0]?.ask.signal.aborted).toBe(true);
  });

  it("refuses a helper that waits for a push, without waiting for the next poll", async () => {
    const { pipeline, waits, vault, sessions, clock, connector } = acme();
    vault.says(grants.push({ intervalMs: 5000, expiresAtMs: clock.now() + 120_000 }));
    const waiting = waits.obtain(connector.id, { ...helper, deadlineMs: 8000 });
    await settle();
    sessions.answer = { kind: "signedOut", cause: "revoked" };
    pipeline.sessionEnded("session-1", "revoked");
    waits.wake(connector.id);
    expect((await waiting).grant).toEqual({ kind: "signedOut", cause: "revoked" });
    expect([waits.size, clock.pending]).toEqual([0, 0]);
  });

  it("hands out nothing by an account that its folder has turned away from meanwhile", async () => {
    const { pipeline, vault, board, connector } = acme();
    const answer = vault.holds();
    const asked = pipeline.obtain(connector.id, helper);
    await settle();
    const ofAnother = { ...connector, userAuth: { ...connector.userAuth, account: "another" } };
    board.load(catalogueOf([ofAnother]), () => "approved");
    answer(grants.granted());
    expect((await asked).grant.kind).not.toBe("granted");
    expect(board.get(connector.id)?.status.kind).toBe("unchecked");
  });

  it("leaves the questions of other sessions alone", async () => {
    const { pipeline, vault, connector } = acme();
    const answer = vault.holds();
    const asked = pipeline.obtain(connector.id, helper);
    await settle();
    pipeline.sessionEnded("session-2", "revoked");
    answer(grants.granted());
    expect((await asked).grant.kind).toBe("granted");
  });
});

describe("a token that is bound to a key", () => {
  it("is given to no team script, and the refusal names the setting", async () => {
    const script = { kind: "script", command: "./headers.sh", stdin: false } as const;
    let runs = 0;
    const { pipeline, sessions, connector } = acme({
      connector: connectorNamed("sentry", { helper: script, credential: { source: "script" } }),
      runScript: () => {
        runs += 1;
        return Promise.resolve({ exitCode: 0, stdout: "{}", stderr: "" });
      },
    });
    sessions.answer = { kind: "active", session: { ...sessionWith("t"), senderConstrained: true } };
    expect((await pipeline.obtain(connector.id, helper)).grant).toMatchObject({
      kind: "misconfigured",
      issues: [{ args: ["lanyard.senderConstrainedTokens"] }],
    });
    expect(runs).toBe(0);
  });
});
