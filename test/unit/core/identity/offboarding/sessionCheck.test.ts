import { describe, expect, it } from "vitest";
import { administrator, company, never, statsOf, withoutEndpoints } from "../harness.ts";

const { demo, openSignedIn } = company();

describe("asking whether a session lives", () => {
  it("costs the IdP one userinfo request while it does", async () => {
    const editor = await openSignedIn();
    const before = await statsOf(demo());
    expect(await editor.identity.check(editor.id, never)).toEqual({ kind: "alive" });
    const after = await statsOf(demo());
    expect([after.userinfo - before.userinfo, after.refreshes - before.refreshes]).toEqual([1, 0]);
  });

  it("finds out that an administrator has revoked it, and wipes it", async () => {
    const editor = await openSignedIn();
    await administrator(demo(), "revoke");
    try {
      expect(await editor.identity.check(editor.id, never)).toEqual({ kind: "signedOut", cause: "revoked" });
      expect(editor.changes.at(-1)).toMatchObject({ removed: [{ id: editor.id, cause: "revoked" }] });
      expect([...editor.secrets.entries.values()].join()).not.toContain("oken");
    } finally {
      await administrator(demo(), "restore");
    }
  });

  it("refreshes once when only the access token has died", async () => {
    const editor = await openSignedIn();
    editor.wire.tamper = (path) =>
      Promise.resolve(path === "/me" ? new Response(null, { status: 401 }) : undefined);
    const before = await statsOf(demo());
    expect(await editor.identity.check(editor.id, never)).toEqual({ kind: "alive" });
    expect((await statsOf(demo())).refreshes - before.refreshes).toBe(1);
  });

  it("spends no refresh token where there is no userinfo", async () => {
    const editor = await openSignedIn(undefined, withoutEndpoints("userinfo_endpoint"));
    const sent = editor.wire.sent.length;
    expect(await editor.identity.check(editor.id, never)).toEqual({ kind: "alive" });
    expect(editor.wire.sent).toHaveLength(sent);
  });

  it("asks by a refresh when the token has expired, with userinfo or without", async () => {
    for (const tamper of [undefined, withoutEndpoints("userinfo_endpoint")]) {
      const editor = await openSignedIn(undefined, tamper);
      editor.clock.shift(400_000);
      expect(await editor.identity.check(editor.id, never)).toEqual({ kind: "alive" });
      expect(editor.wire.sent.at(-1)?.body).toContain("grant_type=refresh_token");
    }
  });

  it.each([
    ["fails", () => Promise.resolve(new Response("oops", { status: 502 }))],
    ["cannot be reached", () => Promise.reject(new Error("ECONNREFUSED"))],
  ])("says that it is not known when the IdP %s", async (_name, tamper) => {
    const editor = await openSignedIn();
    editor.wire.tamper = tamper;
    expect(await editor.identity.check(editor.id, never)).toMatchObject({ kind: "unavailable" });
    expect(await editor.identity.list()).toHaveLength(1);
  });

  it("of a session that is gone asks nobody", async () => {
    const editor = await openSignedIn();
    await editor.identity.signOut(editor.id);
    const sent = editor.wire.sent.length;
    expect(await editor.identity.check(editor.id, never)).toEqual({ kind: "signedOut", cause: "never" });
    expect(editor.wire.sent).toHaveLength(sent);
  });

  it("ends when its caller no longer wants it", async () => {
    const editor = await openSignedIn();
    const caller = new AbortController();
    editor.wire.tamper = (path) => {
      if (path === "/me") caller.abort(new Error("gave up"));
      return Promise.resolve(undefined);
    };
    await expect(editor.identity.check(editor.id, caller.signal)).rejects.toThrow("gave up");
  });
});
