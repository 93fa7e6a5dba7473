import { describe, expect, it } from "vitest";
import { inBackground } from "../../../../src/core/background.ts";
import type { SessionAnswer } from "../../../../src/core/identity/session.ts";
import {
  administrator,
  company,
  needAt,
  shiftedClock,
  signedIn,
  statsOf,
  userInfoStatus,
  userOf,
  type EditorWindow,
  type ShiftedClock,
} from "./harness.ts";

const { demo, open, fresh } = company();

const untilRefreshMs = 250_000;

const tokenOf = (answer: SessionAnswer): string => {
  if (answer.kind === "active") return answer.session.accessToken.reveal();
  throw new Error(`The session is ${answer.kind}.`);
};

/** Two windows of one editor, signed in by the first. */
const twoWindows = async (): Promise<{
  readonly a: EditorWindow & { readonly clock: ShiftedClock };
  readonly b: EditorWindow;
  readonly id: string;
  readonly sleepMs: (ms: number) => void;
}> => {
  const clock = shiftedClock();
  const a = { ...open({ clock }), clock };
  const b = open({ clock, secrets: a.secrets, memory: a.memory });
  const { id } = await signedIn(a, needAt(demo()), userOf(demo()));
  return { a, b, id, sleepMs: (ms) => clock.shift(ms) };
};

const sessionKeys = ({ secrets }: EditorWindow): readonly string[] =>
  [...secrets.entries.keys()].filter((key) => key.startsWith("lanyard.session."));

describe("two windows of one editor", () => {
  it("share a sign-in: the other hears of it, and uses it", async () => {
    const { a, b, id } = await twoWindows();
    await expect.poll(() => b.changes).toMatchObject([{ added: [{ id }], changed: [], removed: [] }]);
    expect(tokenOf(await fresh(b))).toBe(tokenOf(await fresh(a)));
  });

  it("share a refresh: the second takes what the first has stored", async () => {
    const { a, b, sleepMs } = await twoWindows();
    const before = await statsOf(demo());
    sleepMs(untilRefreshMs);
    const renewed = tokenOf(await fresh(a));
    expect(tokenOf(await fresh(b))).toBe(renewed);
    expect((await statsOf(demo())).refreshes - before.refreshes).toBe(1);
  });

  it("share a refresh also when the second wanted one before the first was done", async () => {
    const { a, sleepMs } = await twoWindows();
    const before = await statsOf(demo());
    sleepMs(untilRefreshMs);
    let renewed = "";
    const second = open(
      { clock: a.clock, secrets: a.secrets, memory: a.memory },
      {
        withLock: async (_id, work) => {
          renewed = tokenOf(await fresh(a));
          return work({ holdFor: () => undefined });
        },
      },
    );
    expect(tokenOf(await fresh(second))).toBe(renewed);
    expect((await statsOf(demo())).refreshes - before.refreshes).toBe(1);
  });

  it("share a sign-out, and neither brings the session back", async () => {
    const { a, b, id } = await twoWindows();
    const token = tokenOf(await fresh(b));
    await a.identity.signOut(id);
    await expect.poll(() => b.changes.at(-1)).toMatchObject({ removed: [{ id, cause: "never" }] });
    expect(await fresh(b)).toEqual({ kind: "signedOut", cause: "never" });
    expect(await userInfoStatus(demo(), token)).toBe(401);
  });

  it("share the knowledge that a session was revoked", async () => {
    const { a, b, id, sleepMs } = await twoWindows();
    await administrator(demo(), "revoke");
    try {
      sleepMs(untilRefreshMs);
      expect(await fresh(a)).toEqual({ kind: "signedOut", cause: "revoked" });
      await expect.poll(() => b.changes.at(-1)).toMatchObject({ removed: [{ id, cause: "revoked" }] });
      expect(await fresh(b)).toEqual({ kind: "signedOut", cause: "revoked" });
    } finally {
      await administrator(demo(), "restore");
    }
  });

  it("lose it where one dies amid a refresh at an IdP that takes each token once: revoked it was by nobody", async () => {
    const { a, sleepMs } = await twoWindows();
    const before = await statsOf(demo());
    sleepMs(untilRefreshMs);
    // The reply never comes: it was on its way when the window died.
    a.wire.tamper = async (path, reach) => {
      if (path === "/token") await reach();
      return path === "/token" ? new Promise<Response>(() => undefined) : undefined;
    };
    inBackground("window.dying", () => fresh(a));
    await expect.poll(async () => (await statsOf(demo())).refreshes - before.refreshes).toBe(1);
    const other = open(
      { clock: a.clock, secrets: a.secrets, memory: a.memory },
      { withLock: (_id, work) => work({ holdFor: () => undefined, isTakenOver: true }) },
    );
    expect(await fresh(other)).toEqual({ kind: "signedOut", cause: "expired" });
    sleepMs(-untilRefreshMs);
    await signedIn(other, needAt(demo()), userOf(demo()));
    expect((await fresh(other)).kind).toBe("active");
  });

  it("find the session again after both have closed", async () => {
    const { a, b } = await twoWindows();
    const token = tokenOf(await fresh(a));
    a.identity.dispose();
    b.identity.dispose();
    const again = open({ secrets: a.secrets, memory: a.memory });
    expect(tokenOf(await fresh(again))).toBe(token);
    expect(again.changes).toEqual([]);
  });
});

describe("a session that ended", () => {
  it("is remembered with its reason for a month, and no longer", async () => {
    const { a, id } = await twoWindows();
    await a.identity.signOut(id);
    const clock = shiftedClock();
    const soon = open({ clock, secrets: a.secrets, memory: a.memory });
    expect(await fresh(soon)).toEqual({ kind: "signedOut", cause: "never" });
    expect(sessionKeys(a)).toHaveLength(1);
    clock.shift(31 * 24 * 3_600_000);
    const later = open({ clock, secrets: a.secrets, memory: a.memory });
    await expect.poll(() => sessionKeys(a)).toEqual([]);
    expect(await later.identity.list()).toEqual([]);
  });
});

describe("another machine that shares the storage", () => {
  it("and has rotated the refresh token first is believed: its session is taken, nobody is signed out", async () => {
    const { a, b, sleepMs } = await twoWindows();
    sleepMs(untilRefreshMs);
    // The other machine's write arrives here only after the refresh with the spent token was refused.
    const [key = ""] = a.secrets.entries.keys();
    const old = a.secrets.entries.get(key) ?? "";
    const renewed = tokenOf(await fresh(a));
    const stored = a.secrets.entries.get(key);
    a.secrets.entries.set(key, old);
    b.wire.tamper = (path) => {
      if (path !== "/token") return Promise.resolve(undefined);
      a.secrets.entries.set(key, stored ?? "");
      return Promise.resolve(Response.json({ error: "invalid_grant" }, { status: 400 }));
    };
    expect(tokenOf(await fresh(b))).toBe(renewed);
    expect(await b.identity.list()).toHaveLength(1);
  });
});

describe("a sign-out while a refresh is under way", () => {
  it("is final: what the refresh brings is given back to the IdP", async () => {
    const { a, b, id, sleepMs } = await twoWindows();
    sleepMs(untilRefreshMs);
    let brought = "";
    a.wire.tamper = async (path, reach) => {
      if (path !== "/token") return undefined;
      const response = await reach();
      brought = ((await response.clone().json()) as { access_token: string }).access_token;
      await b.identity.signOut(id);
      return response;
    };
    expect(await fresh(a)).toEqual({ kind: "signedOut", cause: "never" });
    expect(await a.identity.list()).toEqual([]);
    expect(await userInfoStatus(demo(), brought)).toBe(401);
    const givenBack = a.wire.sent.filter(({ path }) => path === "/token/revocation");
    expect(givenBack.map(({ body }) => new URLSearchParams(body).get("token"))).toContain(brought);
  });

  it("is final in the same window, too", async () => {
    const { a, id, sleepMs } = await twoWindows();
    sleepMs(untilRefreshMs);
    a.wire.tamper = async (path, reach) => {
      if (path !== "/token") return undefined;
      const response = await reach();
      await a.identity.signOut(id);
      return response;
    };
    expect(await fresh(a)).toEqual({ kind: "signedOut", cause: "never" });
    expect(await a.identity.list()).toEqual([]);
  });
});

describe("a sign-out that the storage refuses", () => {
  it("still voids the refresh under way: nobody gets its token", async () => {
    const { a, id, sleepMs } = await twoWindows();
    sleepMs(untilRefreshMs);
    a.wire.tamper = async (path, reach) => {
      if (path !== "/token") return undefined;
      const response = await reach();
      a.secrets.refusal = new Error("read-only");
      await expect(a.identity.signOut(id)).rejects.toMatchObject({ code: "storageFailed" });
      a.secrets.refusal = undefined;
      return response;
    };
    expect(await fresh(a)).toEqual({ kind: "signedOut", cause: "never" });
    a.wire.tamper = undefined;
    expect((await fresh(a)).kind).toBe("signedOut");
  });
});

describe("a sign-in while a refresh is under way", () => {
  it("counts: the refresh does not overwrite it", async () => {
    const { a, sleepMs } = await twoWindows();
    sleepMs(untilRefreshMs);
    const clock = shiftedClock();
    const b = open({ clock, secrets: a.secrets, memory: a.memory });
    a.wire.tamper = async (path, reach) => {
      if (path !== "/token") return undefined;
      const response = await reach();
      await signedIn(b, needAt(demo()), userOf(demo()));
      return response;
    };
    const token = tokenOf(await fresh(a));
    expect(token).toBe(tokenOf(await fresh(b)));
    expect(await userInfoStatus(demo(), token)).toBe(200);
  });
});
