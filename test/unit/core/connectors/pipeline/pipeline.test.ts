import { describe, expect, it } from "vitest";
import type { Connector } from "../../../../../src/core/config/connector.ts";
import type { Permission } from "../../../../../src/core/connectors/board/status.ts";
import { grantStateOf } from "../../../../../src/core/connectors/pipeline/pipeline.ts";
import { LanyardError } from "../../../../../src/core/errors.ts";
import { connectorNamed } from "../../../../support/connectors.ts";
import { grants, refusals } from "../../../../support/grants.ts";
import { acme, never, settle } from "../acme.ts";

const helper = { requester: "helper", signal: never() } as const;
const check = { requester: "check", signal: never() } as const;

describe("a connector that may not be asked about", () => {
  it.each<Permission>(["untrusted", "unapproved", "changed"])(
    "asks nobody when it is %s",
    async (standing) => {
      const { pipeline, vault, sessions, board, load, connector } = acme();
      load([connector], standing);
      const before = board.get(connector.id)?.status;
      const { grant, evidence } = await pipeline.obtain(connector.id, check);
      expect(grant).toMatchObject({ kind: "misconfigured", issues: [{ connector: connector.id }] });
      expect(evidence.answeredBy).toBe("Lanyard");
      expect(vault.asked).toEqual([]);
      expect(sessions.asked).toEqual([]);
      expect(board.get(connector.id)?.status).toBe(before);
    },
  );

  it("asks nobody when nobody knows it", async () => {
    const { pipeline, sessions } = acme();
    expect((await pipeline.obtain("nobody", helper)).grant.kind).toBe("misconfigured");
    expect(sessions.asked).toEqual([]);
  });

  it("asks nobody when the entry that was meant is no longer the one there", async () => {
    const { pipeline, vault, load, connector } = acme();
    const entry = pipeline.entryOf(connector.id) ?? "";
    load([{ ...connector, url: "https://elsewhere.example.com/mcp" }]);
    expect((await pipeline.obtain(connector.id, { ...helper, entry })).grant.kind).toBe("misconfigured");
    expect(vault.asked).toEqual([]);
  });
});

describe("while its vault was asked", () => {
  it.each<[string, (entry: Connector) => readonly [readonly Connector[], Permission]]>([
    ["it lost its approval", (entry) => [[entry], "unapproved"]],
    ["it changed", (entry) => [[{ ...entry, url: "https://elsewhere.example.com/mcp" }], "approved"]],
    ["it changed, and nobody approved that", (entry) => [[entry], "changed"]],
    ["its folder lost the trust", (entry) => [[entry], "untrusted"]],
    ["it went", () => [[], "approved"]],
  ])("%s: the credential that came is nobody's", async (_what, becomes) => {
    const { pipeline, vault, board, load, connector } = acme();
    const answer = vault.holds();
    const asked = pipeline.obtain(connector.id, helper);
    await settle();
    load(...becomes(connector));
    const before = board.get(connector.id)?.status;
    answer(grants.granted());
    expect((await asked).grant.kind).toBe("misconfigured");
    expect(board.get(connector.id)?.status).toEqual(before);
  });
});

describe("one question", () => {
  it("brings the vault's answer, and puts it on the board without its headers", async () => {
    const { pipeline, vault, board, connector, clock } = acme();
    const grant = grants.granted({ expiresAtMs: 1_700_000_300_000 });
    vault.says(grant);
    const answer = await pipeline.obtain(connector.id, helper);
    expect(answer.grant).toBe(grant);
    expect(answer.evidence).toMatchObject({ answeredBy: "vault.example.com", atMs: clock.now() });
    expect(answer.evidence.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(board.get(connector.id)?.status).toEqual({
      ...{ kind: "granted", expiresAtMs: 1_700_000_300_000 },
      evidence: answer.evidence,
    });
    expect(clock.pending).toBe(0);
  });

  const { signedOut: _refusesToken, ...others } = refusals;
  it.each(Object.entries(others))("passes %s on as it is", async (_name, refusal) => {
    const { pipeline, vault, board, connector } = acme();
    vault.says(refusal);
    const { grant, evidence } = await pipeline.obtain(connector.id, helper);
    expect(grant.kind).toBe(refusal.kind);
    expect(board.get(connector.id)?.status).toMatchObject({ kind: refusal.kind, evidence });
  });

  it("carries one trace to the identity provider and the vault, each request with a parent id of its own", async () => {
    const { pipeline, vault, sessions, connector } = acme();
    const { evidence } = await pipeline.obtain(connector.id, helper);
    const [atIdp] = sessions.asked;
    const [atVault] = vault.asked;
    expect(atIdp?.traceparent).toMatch(new RegExp(`^00-${evidence.traceId}-[0-9a-f]{16}-01$`));
    expect(atVault?.ask.trace.traceId).toBe(evidence.traceId);
    expect(atVault?.ask.trace.traceparent()).not.toBe(atIdp?.traceparent);
  });

  it("shows that it is under way when a person checks, and not when a helper asks", async () => {
    const { pipeline, vault, board, connector } = acme();
    const answer = vault.holds();
    const checking = pipeline.obtain(connector.id, check);
    expect(board.get(connector.id)?.status).toEqual({ kind: "checking" });
    await settle();
    answer(grants.denied());
    await checking;
    const asking = pipeline.obtain(connector.id, helper);
    await settle();
    expect(board.get(connector.id)?.status.kind).toBe("denied");
    answer(grants.granted());
    await asking;
  });

  it("never leaves a connector checking because somebody asked from within a change", async () => {
    const { pipeline, board, connector } = acme();
    const more: Promise<unknown>[] = [];
    board.onDidChange(() => {
      if (more.length < 3) more.push(pipeline.obtain(connector.id, check));
    });
    await pipeline.obtain(connector.id, check);
    await Promise.all(more);
    await settle();
    expect(board.get(connector.id)?.status.kind).toBe("granted");
  });
});

describe("questions about one entry", () => {
  it("share one answer when they overlap", async () => {
    const { pipeline, vault, connector } = acme();
    const answer = vault.holds();
    const both = Promise.all([pipeline.obtain(connector.id, helper), pipeline.obtain(connector.id, check)]);
    await settle();
    answer(grants.granted());
    const [first, second] = await both;
    expect(second).toBe(first);
    expect(vault.asked).toHaveLength(1);
  });

  it("ask anew once the first is answered: never from memory", async () => {
    const { pipeline, vault, connector } = acme();
    await pipeline.obtain(connector.id, helper);
    const refusal = grants.denied();
    vault.says(refusal);
    expect((await pipeline.obtain(connector.id, helper)).grant).toBe(refusal);
    expect(vault.asked).toHaveLength(2);
  });

  it("are not shared with those about another connector", async () => {
    const { pipeline, vault, load, connector } = acme();
    const github = connectorNamed("github");
    load([connector, github]);
    await Promise.all([pipeline.obtain(connector.id, helper), pipeline.obtain(github.id, helper)]);
    expect(vault.asked.map(({ ask }) => ask.connector.name)).toEqual(["salesforce", "github"]);
  });

  it("go on for the others when one asker leaves", async () => {
    const { pipeline, vault, board, connector } = acme();
    const answer = vault.holds();
    const leaving = new AbortController();
    const left = pipeline.obtain(connector.id, { requester: "helper", signal: leaving.signal });
    const staying = pipeline.obtain(connector.id, helper);
    await settle();
    leaving.abort(new LanyardError("cancelled", "The helper hung up."));
    await expect(left).rejects.toThrow("The helper hung up.");
    answer(grants.granted());
    expect((await staying).grant.kind).toBe("granted");
    expect(board.get(connector.id)?.status.kind).toBe("granted");
  });

  it("are recorded even when every asker has left", async () => {
    const { pipeline, vault, board, connector, clock } = acme();
    const answer = vault.holds();
    const leaving = new AbortController();
    const left = pipeline.obtain(connector.id, { requester: "check", signal: leaving.signal });
    await settle();
    leaving.abort();
    await expect(left).rejects.toThrow();
    answer(grants.denied());
    await settle();
    expect(board.get(connector.id)?.status.kind).toBe("denied");
    expect(clock.pending).toBe(0);
  });

  it("are not even put when the asker has already left", async () => {
    const { pipeline, vault, sessions, connector } = acme();
    await expect(
      pipeline.obtain(connector.id, { requester: "helper", signal: AbortSignal.abort() }),
    ).rejects.toThrow();
    await settle();
    expect([vault.asked, sessions.asked]).toEqual([[], []]);
  });
});

describe("the session behind a question", () => {
  it("is refreshed once when the vault refuses its token, and the question put once more", async () => {
    const { pipeline, vault, sessions, connector } = acme({ tokens: ["stale", "fresh"] });
    vault.does((ask) =>
      Promise.resolve(ask.session.accessToken.reveal() === "stale" ? grants.signedOut() : grants.granted()),
    );
    expect((await pipeline.obtain(connector.id, helper)).grant.kind).toBe("granted");
    expect(vault.asked.map(({ token }) => token)).toEqual(["stale", "fresh"]);
    expect(sessions.asked.map(({ refused }) => refused?.reveal())).toEqual([undefined, "stale"]);
  });

  it("stands when the renewed token is refused as well: the source does not take it, and there is no third try", async () => {
    const { pipeline, vault, connector } = acme({ tokens: ["a", "b", "c"] });
    vault.says(grants.signedOut());
    const { grant } = await pipeline.obtain(connector.id, helper);
    expect(grant).toMatchObject({ kind: "misconfigured", retryAtMs: expect.any(Number) as number });
    expect(vault.asked.map(({ token }) => token)).toEqual(["a", "b"]);
  });

  it("is signed out when the refused token cannot be refreshed", async () => {
    const { pipeline, vault, connector } = acme({ tokens: ["a"] });
    vault.says(grants.signedOut());
    const { grant, evidence } = await pipeline.obtain(connector.id, helper);
    expect(grant).toEqual({ kind: "signedOut", cause: "revoked" });
    expect(evidence.answeredBy).toBe("idp.example.com");
    expect(vault.asked).toHaveLength(1);
  });

  it("is asked for no credential when there is none", async () => {
    const { pipeline, vault, sessions, connector } = acme();
    sessions.answer = { kind: "signedOut", cause: "never" };
    expect((await pipeline.obtain(connector.id, helper)).grant).toEqual({
      kind: "signedOut",
      cause: "never",
    });
    sessions.answer = { kind: "unavailable", reason: "The IdP is down.", retryAtMs: 9 };
    expect((await pipeline.obtain(connector.id, helper)).grant).toMatchObject({
      kind: "unavailable",
      retryAtMs: 9,
    });
    expect(vault.asked).toEqual([]);
  });
});

describe("a credential that is handed out", () => {
  it.each([
    ["helper", true],
    ["editor", true],
    ["check", false],
    ["wait", false],
  ] as const)("to %s is remembered as issued: %s", async (requester, isIssued) => {
    const { pipeline, vault, board, connector, clock } = acme();
    vault.says(grants.granted({ expiresAtMs: 1_700_000_300_000 }));
    await pipeline.obtain(connector.id, { requester, signal: never() });
    const issued = { atMs: clock.now(), expiresAtMs: 1_700_000_300_000 };
    expect(board.get(connector.id)?.lastIssued).toEqual(isIssued ? issued : undefined);
    expect(board.get(connector.id)?.lastAskedAtMs).toBe(requester === "helper" ? clock.now() : undefined);
  });

  it("is none when the answer is a refusal", async () => {
    const { pipeline, vault, board, connector } = acme();
    vault.says(grants.denied());
    await pipeline.obtain(connector.id, helper);
    expect(board.get(connector.id)?.lastIssued).toBeUndefined();
  });

  it("keeps its headers to itself", () => {
    expect(grantStateOf(grants.granted())).toEqual({ kind: "granted" });
    expect(grantStateOf(grants.granted({ expiresAtMs: 5 }))).toEqual({ kind: "granted", expiresAtMs: 5 });
  });
});

describe("a team script", () => {
  const scripted = connectorNamed("sentry", {
    helper: { kind: "script", command: "./headers.sh", stdin: false },
    credential: { source: "script" },
  });

  it("runs near the asker where it can, else here, and speaks for itself", async () => {
    const ran: string[] = [];
    const runner = (where: string) => () => {
      ran.push(where);
      return Promise.resolve({ exitCode: 0, stdout: '{"X-Api-Key":"k"}', stderr: "" });
    };
    const { pipeline, vault, connector } = acme({ connector: scripted, runScript: runner("here") });
    await pipeline.obtain(connector.id, check);
    const { grant, evidence } = await pipeline.obtain(connector.id, { ...helper, runScript: runner("near") });
    expect(ran).toEqual(["here", "near"]);
    expect(grant.kind).toBe("granted");
    expect(evidence.answeredBy).toBe("./headers.sh");
    expect(vault.asked).toEqual([]);
  });
});
