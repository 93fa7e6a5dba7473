import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ActiveSession, SessionAnswer } from "../../../../../src/core/identity/session.ts";
import {
  administrator,
  company,
  needAt,
  never,
  signedIn,
  statsOf,
  userInfoStatus,
  userOf,
  withClaims,
  type EditorWindow,
} from "../harness.ts";

const { demo, openSignedIn, fresh } = company();

/** Longer than an access token of the demo lives, less its margin. */
const untilRefreshMs = 250_000;
const untilExpiryMs = 400_000;

const active = (answer: SessionAnswer): ActiveSession => {
  if (answer.kind === "active") return answer.session;
  throw new Error(`The session is ${answer.kind}.`);
};

const grantsSent = (editor: EditorWindow): number =>
  editor.wire.sent.filter(({ body }) => body.includes("grant_type=refresh_token")).length;

describe("a session whose access token is still good", () => {
  it("is used as it is", async () => {
    const editor = await openSignedIn();
    const [a, b] = [active(await fresh(editor)), active(await fresh(editor))];
    expect(a.accessToken.reveal()).toBe(b.accessToken.reveal());
    expect(grantsSent(editor)).toBe(0);
  });

  it("serves every need that its scopes cover, offline access aside", async () => {
    const editor = await openSignedIn();
    const answers = await Promise.all(
      [["openid"], ["openid", "offline_access"], ["openid", "email"]].map((scopes) =>
        editor.identity.fresh(needAt(demo(), { scopes }), { signal: never }),
      ),
    );
    expect(answers.map(({ kind }) => kind)).toEqual(["active", "active", "signedOut"]);
  });

  it("serves no other issuer and no other client", async () => {
    const editor = await openSignedIn();
    const others = [{ issuer: "https://other.example" }, { clientId: "other" }];
    const answers = await Promise.all(
      others.map((other) => editor.identity.fresh(needAt(demo(), other), { signal: never })),
    );
    expect(answers).toEqual([
      { kind: "signedOut", cause: "never" },
      { kind: "signedOut", cause: "never" },
    ]);
  });

  it("of whoever signed in last is the one that is used", async () => {
    const editor = await openSignedIn();
    editor.clock.shift(1);
    await signedIn(editor, needAt(demo()), userOf(demo(), "bob"));
    expect(active(await fresh(editor)).subject).toBe("bob");
  });
});

describe("a refresh", () => {
  it("happens a minute before the token expires, and the IdP accepts what it brings", async () => {
    const editor = await openSignedIn();
    const before = active(await fresh(editor));
    editor.clock.shift(untilRefreshMs);
    const after = active(await fresh(editor));
    expect(after.accessToken.reveal()).not.toBe(before.accessToken.reveal());
    expect(await userInfoStatus(demo(), after.accessToken.reveal())).toBe(200);
    expect(editor.changes.at(-1)).toMatchObject({ added: [], removed: [], changed: [{ id: editor.id }] });
  });

  it("happens once, however many ask", async () => {
    const editor = await openSignedIn();
    const before = await statsOf(demo());
    editor.clock.shift(untilRefreshMs);
    const answers = await Promise.all(Array.from({ length: 200 }, () => fresh(editor)));
    expect(new Set(answers.map((answer) => active(answer).accessToken.reveal())).size).toBe(1);
    const after = await statsOf(demo());
    expect(after.refreshes - before.refreshes).toBe(1);
    expect(after.refreshFailures - before.refreshFailures).toBe(0);
  });

  it("keeps its token in the storage before anybody uses it", async () => {
    const editor = await openSignedIn();
    editor.clock.shift(untilRefreshMs);
    const { accessToken } = active(await fresh(editor));
    expect([...editor.secrets.entries.values()].join()).toContain(accessToken.reveal());
  });

  it("replaces a token that was refused, whatever its expiry says", async () => {
    const editor = await openSignedIn();
    const { accessToken } = active(await fresh(editor));
    expect(active(await fresh(editor, accessToken)).accessToken.reveal()).not.toBe(accessToken.reveal());
  });

  it("does not happen for a refused token that has been replaced already", async () => {
    const editor = await openSignedIn();
    const { accessToken } = active(await fresh(editor));
    await fresh(editor, accessToken);
    await fresh(editor, accessToken);
    expect(grantsSent(editor)).toBe(1);
  });

  it("carries the trace of the request that needs it", async () => {
    const editor = await openSignedIn();
    editor.clock.shift(untilRefreshMs);
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await editor.identity.fresh(needAt(demo()), { signal: never, traceparent });
    expect(editor.wire.sent.at(-1)?.headers.get("traceparent")).toBe(traceparent);
  });

  it("goes on for the others when one of those who wait gives up", async () => {
    const editor = await openSignedIn();
    editor.clock.shift(untilRefreshMs);
    const impatient = new AbortController();
    const given = editor.identity.fresh(needAt(demo()), { signal: impatient.signal });
    const patient = fresh(editor);
    impatient.abort(new Error("gave up"));
    await expect(given).rejects.toThrow("gave up");
    expect((await patient).kind).toBe("active");
  });

  it("that brings somebody else's session ends it, and gives back what came", async () => {
    const editor = await openSignedIn();
    editor.clock.shift(untilExpiryMs);
    editor.wire.tamper = async (path, reach) =>
      path === "/token" ? withClaims(await reach(), { sub: "mallory" }) : undefined;
    expect(await fresh(editor)).toEqual({ kind: "signedOut", cause: "revoked" });
    expect(editor.wire.sent.filter(({ path }) => path === "/token/revocation")).toHaveLength(2);
    expect(await editor.identity.list()).toEqual([]);
  });

  it("is done within the lock that was given", async () => {
    const order: string[] = [];
    const editor = await openSignedIn({
      withLock: async (id, work) => {
        order.push(`lock ${id.slice(0, 4)}`);
        const result = await work({ holdFor: () => undefined });
        order.push("unlock");
        return result;
      },
    });
    editor.clock.shift(untilRefreshMs);
    await fresh(editor);
    expect(order).toEqual([`lock ${editor.id.slice(0, 4)}`, "unlock"]);
  });
});

describe("the end of a session at the IdP", () => {
  it("is a revocation when the token had time left", async () => {
    const editor = await openSignedIn();
    await administrator(demo(), "revoke");
    try {
      const { accessToken } = active(await fresh(editor));
      expect(await fresh(editor, accessToken)).toEqual({ kind: "signedOut", cause: "revoked" });
      expect(editor.changes.at(-1)).toMatchObject({ removed: [{ id: editor.id, cause: "revoked" }] });
      expect(await editor.identity.list()).toEqual([]);
      expect([...editor.secrets.entries.values()].join()).not.toContain(accessToken.reveal());
      expect(await fresh(editor)).toEqual({ kind: "signedOut", cause: "revoked" });
      expect(grantsSent(editor)).toBe(1);
    } finally {
      await administrator(demo(), "restore");
    }
  });

  it("is an expiry when it had none", async () => {
    const editor = await openSignedIn();
    await administrator(demo(), "revoke");
    try {
      editor.clock.shift(untilExpiryMs);
      expect(await fresh(editor)).toEqual({ kind: "signedOut", cause: "expired" });
    } finally {
      await administrator(demo(), "restore");
    }
  });

  it("is forgotten by the next sign-in", async () => {
    const editor = await openSignedIn();
    await administrator(demo(), "revoke");
    const { accessToken } = active(await fresh(editor));
    await fresh(editor, accessToken);
    await administrator(demo(), "restore");
    await signedIn(editor, needAt(demo()), userOf(demo()));
    expect((await fresh(editor)).kind).toBe("active");
  });
});

describe("an IdP that does not work", () => {
  const broken = (editor: EditorWindow, status = 503): void => {
    editor.wire.tamper = (path) =>
      Promise.resolve(path === "/token" ? Response.json({ error: "oops" }, { status }) : undefined);
  };

  it("signs nobody out, and says when to ask again", async () => {
    const editor = await openSignedIn({ random: () => 0.5 });
    editor.clock.shift(untilExpiryMs);
    broken(editor);
    const answer = await fresh(editor);
    const cause = expect.stringMatching(/ answered with HTTP 503\.$/) as string;
    expect(answer).toMatchObject({ kind: "unavailable", reason: cause });
    expect(editor.log.entries).toContainEqual({
      ...{ level: "warn", event: "identity.refresh.unavailable" },
      fields: { session: editor.id, cause },
    });
    editor.wire.tamper = undefined;
    editor.clock.shift(1000);
    expect((await fresh(editor)).kind).toBe("active");
    expect(await editor.identity.list()).toHaveLength(1);
  });

  it("is not asked again until its pause is over, and the pauses grow", async () => {
    const editor = await openSignedIn({ random: () => 0 });
    editor.clock.shift(untilExpiryMs);
    broken(editor);
    const pauses: number[] = [];
    for (let round = 1; round <= 8; round += 1) {
      const answer = await fresh(editor);
      if (answer.kind !== "unavailable") throw new Error(answer.kind);
      await fresh(editor);
      expect(grantsSent(editor)).toBe(round);
      const pauseMs = answer.retryAtMs - editor.clock.now();
      pauses.push(Math.round(pauseMs / 500) / 2);
      editor.clock.shift(pauseMs + 1);
    }
    expect(pauses).toEqual([0.5, 1, 2, 4, 8, 15, 15, 15]);
  });

  it("does not keep a token from being used that is still valid, unless it was refused", async () => {
    const editor = await openSignedIn();
    const { accessToken } = active(await fresh(editor));
    editor.clock.shift(untilRefreshMs);
    broken(editor);
    expect(active(await fresh(editor)).accessToken.reveal()).toBe(accessToken.reveal());
    expect((await fresh(editor, accessToken)).kind).toBe("unavailable");
  });

  it.each(["invalid_client", "temporarily_unavailable", "server_error"])(
    "and answers %s has not ended the session",
    async (error) => {
      const editor = await openSignedIn();
      editor.clock.shift(untilExpiryMs);
      editor.wire.tamper = (path) =>
        Promise.resolve(path === "/token" ? Response.json({ error }, { status: 400 }) : undefined);
      expect((await fresh(editor)).kind).toBe("unavailable");
    },
  );
});

describe("a token reply", () => {
  it("of any other kind is an outage: it neither signs out nor is it used", async () => {
    const editor = await openSignedIn();
    editor.clock.shift(untilExpiryMs);
    const stored = [...editor.secrets.entries];
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.json(), fc.string()),
        fc.constantFrom(200, 201, 404, 500),
        async (text, status) => {
          editor.clock.shift(30_000);
          editor.wire.tamper = (path) => {
            const headers = { "content-type": "application/json" };
            return Promise.resolve(path === "/token" ? new Response(text, { status, headers }) : undefined);
          };
          expect((await fresh(editor)).kind).toBe("unavailable");
        },
      ),
      { numRuns: 200 },
    );
    expect([...editor.secrets.entries]).toEqual(stored);
    editor.wire.tamper = undefined;
    editor.clock.shift(30_000);
    expect((await fresh(editor)).kind).toBe("active");
  });
});

describe("a storage that does not work", () => {
  it("is said to be the reason", async () => {
    const editor = await openSignedIn();
    editor.secrets.locked = new Error("locked");
    expect(await fresh(editor)).toMatchObject({
      kind: "unavailable",
      reason: "The editor's secret storage does not work.",
    });
    editor.secrets.locked = undefined;
    expect((await fresh(editor)).kind).toBe("active");
  });

  it("loses no session that was rotated meanwhile: it is stored as soon as that works", async () => {
    const editor = await openSignedIn();
    editor.clock.shift(untilExpiryMs);
    editor.secrets.refusal = new Error("disk full");
    expect((await fresh(editor)).kind).toBe("unavailable");
    editor.secrets.refusal = undefined;
    editor.clock.shift(30_000);
    const { accessToken } = active(await fresh(editor));
    expect(grantsSent(editor)).toBe(1);
    expect(await userInfoStatus(demo(), accessToken.reveal())).toBe(200);
  });

  it("and forgets is told from never having been signed in", async () => {
    const editor = await openSignedIn();
    editor.secrets.forget();
    expect(await fresh(editor)).toEqual({ kind: "signedOut", cause: "storageLost" });
    await signedIn(editor, needAt(demo()), userOf(demo(), "bob"));
    expect(active(await fresh(editor)).subject).toBe("bob");
    await editor.identity.signOut((await editor.identity.list())[0]?.id ?? "");
    expect(await fresh(editor)).toEqual({ kind: "signedOut", cause: "never" });
  });
});
