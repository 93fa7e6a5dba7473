import { describe, expect, it } from "vitest";
import type { Permission } from "../../../../../src/core/connectors/board/status.ts";
import { misconfigured } from "../../../../../src/core/credentials/grant.ts";
import { LanyardError } from "../../../../../src/core/errors.ts";
import type { SessionAnswer } from "../../../../../src/core/identity/session.ts";
import { grants } from "../../../../support/grants.ts";
import { acme, never, sessionWith, settle } from "../acme.ts";

const helper = { requester: "helper", signal: never() } as const;
const check = { requester: "check", signal: never() } as const;

describe("an entry that changes while it is asked about", () => {
  it.each<[string, Permission]>([
    ["its approval is gone", "unapproved"],
    ["its folder is no longer trusted", "untrusted"],
  ])("gives nothing when %s", async (_what, standing) => {
    const { pipeline, vault, board, load, connector } = acme();
    const answer = vault.holds();
    const asking = pipeline.obtain(connector.id, helper);
    await settle();
    load([connector], standing);
    answer(grants.granted());
    expect((await asking).grant.kind).toBe("misconfigured");
    expect(board.get(connector.id)).toMatchObject({ status: { kind: standing } });
    expect(board.get(connector.id)?.lastIssued).toBeUndefined();
  });

  it.each([
    [grants.unavailable({ reason: "vault.example.com answered 503." }), "vault.example.com answered 503."],
    [
      misconfigured(undefined, "The script printed more than {0} kB.", 40),
      "The script printed more than 40 kB.",
    ],
    [grants.granted(), undefined],
  ])("logs why nothing was granted (%#)", async (grant, cause) => {
    const { pipeline, vault, log, connector } = acme();
    vault.says(grant);
    await pipeline.obtain(connector.id, check);
    const answered = log.entries.find(({ event }) => event === "connector.answered");
    expect(answered?.fields).toMatchObject({ grant: grant.kind });
    expect(answered?.fields["cause"]).toBe(cause);
  });

  it("gives nothing when it is gone", async () => {
    const { pipeline, vault, load, connector } = acme();
    const answer = vault.holds();
    const asking = pipeline.obtain(connector.id, helper);
    await settle();
    load([]);
    answer(grants.granted());
    expect((await asking).grant.kind).toBe("misconfigured");
  });

  it("gives nothing to those who asked before, and a question of its own to those who ask after", async () => {
    const { pipeline, vault, board, load, connector } = acme();
    const answer = vault.holds();
    const before = pipeline.obtain(connector.id, check);
    await settle();
    const changed = { ...connector, url: "https://elsewhere.example.com/mcp" };
    load([changed]);
    const after = pipeline.obtain(connector.id, check);
    await settle();
    answer(grants.granted());
    expect((await before).grant.kind).toBe("misconfigured");
    expect((await after).grant.kind).toBe("granted");
    expect(vault.asked.map(({ ask }) => ask.connector.url)).toEqual([connector.url, changed.url]);
    expect(board.get(connector.id)?.status.kind).toBe("granted");
  });

  it("gives its answer when the file was only saved again", async () => {
    const { pipeline, vault, board, load, connector } = acme();
    const answer = vault.holds();
    const asking = pipeline.obtain(connector.id, check);
    await settle();
    load([{ ...connector, place: { ...connector.place, line: 40 } }]);
    answer(grants.granted());
    expect((await asking).grant.kind).toBe("granted");
    expect(board.get(connector.id)?.status.kind).toBe("granted");
  });
});

describe("a question that fails", () => {
  it("says what a failure of ours says, and when it may be tried again", async () => {
    const { pipeline, vault, connector, clock } = acme();
    vault.does(() => Promise.reject(new LanyardError("network", "vault.example.com cannot be reached.")));
    const { grant, evidence } = await pipeline.obtain(connector.id, helper);
    expect(grant).toEqual({
      ...{ kind: "unavailable", reason: "vault.example.com cannot be reached." },
      retryAtMs: clock.now() + 2_000,
    });
    expect(evidence.answeredBy).toBe("Lanyard");
  });

  it("shows and logs nothing of a stranger's words, which may hold a token", async () => {
    const { pipeline, vault, connector, log } = acme();
    vault.does(() => Promise.reject(new TypeError("Bearer canary-token is an invalid header value")));
    const { grant } = await pipeline.obtain(connector.id, helper);
    expect(grant).toMatchObject({ kind: "unavailable" });
    expect(JSON.stringify(grant) + log.text()).not.toContain("canary");
    expect(log.text()).toContain("TypeError");
  });

  it("ends when its time is up, even when the source does not heed its signal", async () => {
    const { pipeline, vault, connector, clock } = acme({ questionTimeoutMs: 1_000 });
    let signal: AbortSignal | undefined;
    vault.does((ask) => {
      signal = ask.signal;
      return new Promise(() => undefined);
    });
    const asking = pipeline.obtain(connector.id, helper);
    await settle();
    clock.advance(1_000);
    expect((await asking).grant).toMatchObject({ kind: "unavailable" });
    expect(signal?.aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it("puts no question to the vault when the session took all the time there was", async () => {
    const { pipeline, sessions, vault, connector, clock } = acme({ questionTimeoutMs: 1_000 });
    let comeLate = (_answer: SessionAnswer): void => undefined;
    sessions.answer = new Promise<SessionAnswer>((resolve) => (comeLate = resolve));
    const asking = pipeline.obtain(connector.id, helper);
    await settle();
    clock.advance(1_000);
    expect((await asking).grant.kind).toBe("unavailable");
    comeLate({ kind: "active", session: sessionWith("token-1") });
    await settle();
    expect(vault.asked).toEqual([]);
  });

  it("keeps what was known before", async () => {
    const { pipeline, vault, board, connector } = acme();
    vault.says(grants.granted());
    await pipeline.obtain(connector.id, check);
    const known = board.get(connector.id)?.status;
    vault.does(() => Promise.reject(new LanyardError("network", "Down.")));
    await pipeline.obtain(connector.id, check);
    expect(board.get(connector.id)?.status).toMatchObject({ kind: "unavailable", lastKnown: known });
  });
});

describe("an asker in a hurry", () => {
  it("is told that no answer has come yet, under the trace of the question that goes on", async () => {
    const { pipeline, vault, board, connector, clock } = acme();
    const answer = vault.holds();
    const asking = pipeline.obtain(connector.id, { ...helper, withinMs: 500 });
    const patient = pipeline.obtain(connector.id, helper);
    await settle();
    clock.advance(500);
    const hurried = await asking;
    expect(hurried.grant.kind).toBe("unavailable");
    expect(board.get(connector.id)?.status.kind).toBe("unchecked");
    answer(grants.granted());
    expect((await patient).grant.kind).toBe("granted");
    expect((await patient).evidence.traceId).toBe(hurried.evidence.traceId);
    expect(clock.pending).toBe(0);
  });
});

describe("a vault that wants to be asked more slowly", () => {
  const slowDown = grants.pending({ intervalMs: 10_000, slowDown: true });

  it("does not take away what is known of the wait", async () => {
    const { pipeline, vault, board, connector } = acme();
    vault.says(grants.needsConnection());
    await pipeline.obtain(connector.id, check);
    vault.says(slowDown);
    const answer = await pipeline.obtain(connector.id, check);
    expect(answer.grant).toEqual(grants.needsConnection({ intervalMs: 10_000 }));
    expect(answer.slowDown).toBe(true);
    expect(board.get(connector.id)?.status).toEqual({ ...answer.grant, evidence: answer.evidence });
  });

  it.each([
    ["nothing was known", undefined],
    ["something else was known", grants.denied()],
    ["what was known has run out", grants.needsConnection({ expiresAtMs: 1 })],
  ])("is taken at its word when %s", async (_what, before) => {
    const { pipeline, vault, connector } = acme();
    if (before !== undefined) {
      vault.says(before);
      await pipeline.obtain(connector.id, check);
    }
    vault.says(slowDown);
    expect(await pipeline.obtain(connector.id, check)).toMatchObject({ grant: slowDown, slowDown: true });
  });

  it("is not confused with one that has come to wait for an approval", async () => {
    const { pipeline, vault, connector } = acme();
    vault.says(grants.needsConnection());
    await pipeline.obtain(connector.id, check);
    const pending = grants.pending({ message: "An administrator decides." });
    vault.says(pending);
    const answer = await pipeline.obtain(connector.id, check);
    expect(answer.grant).toBe(pending);
    expect(answer.slowDown).toBeUndefined();
  });

  it("says so of a push as well, whose words it keeps", async () => {
    const { pipeline, vault, connector } = acme();
    const push = grants.push({ slowDown: true });
    vault.says(push);
    expect(await pipeline.obtain(connector.id, check)).toMatchObject({ grant: push, slowDown: true });
  });
});
