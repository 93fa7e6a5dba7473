import { describe, expect, it, vi } from "vitest";
import {
  browsing,
  company,
  endOf,
  needAt,
  refreshTokensOf,
  never,
  signedIn,
  statsOf,
  userInfoStatus,
  userOf,
} from "../harness.ts";
import type { EditorWindow } from "../harness.ts";

const { demo, open } = company();

const openSignedIn = async (): Promise<EditorWindow & { readonly id: string; readonly token: string }> => {
  const editor = open();
  const { id } = await signedIn(editor, needAt(demo()), userOf(demo()));
  const token = (await editor.identity.stored(id))?.accessToken.reveal() ?? "";
  return { ...editor, id, token };
};

describe("signing out", () => {
  it("ends the session at the IdP: its access token is dead there", async () => {
    const editor = await openSignedIn();
    expect(await userInfoStatus(demo(), editor.token)).toBe(200);
    const before = await statsOf(demo());
    expect(await editor.identity.signOut(editor.id)).toMatchObject({ kind: "signedOut", revoked: true });
    expect(await userInfoStatus(demo(), editor.token)).toBe(401);
    expect((await statsOf(demo())).revocations - before.revocations).toBe(2);
  });

  it("leaves no token in the storage, and tells it", async () => {
    const editor = await openSignedIn();
    await editor.identity.signOut(editor.id);
    expect([...editor.secrets.entries.values()].join()).not.toContain("oken");
    expect(await editor.identity.list()).toEqual([]);
    expect(await editor.identity.stored(editor.id)).toBeUndefined();
    expect(editor.changes.at(-1)).toMatchObject({ removed: [{ id: editor.id, cause: "never" }] });
  });

  it("can be followed by forgetting that there ever was a session", async () => {
    const editor = await openSignedIn();
    await editor.identity.signOut(editor.id);
    // What became of the session, and the list that names it.
    expect(editor.secrets.entries.size).toBe(2);
    await editor.identity.forgetAll();
    expect(editor.secrets.entries.size).toBe(0);
    expect(await editor.identity.list()).toEqual([]);
  });

  it("wipes also when the IdP cannot be told, and says that it was not", async () => {
    const editor = await openSignedIn();
    editor.wire.tamper = () => Promise.reject(new Error("offline"));
    expect(await editor.identity.signOut(editor.id)).toMatchObject({ kind: "signedOut", revoked: false });
    expect(await editor.identity.list()).toEqual([]);
  });

  it("revokes also when the storage will not let go, and fails", async () => {
    const editor = await openSignedIn();
    editor.secrets.refusal = new Error("read-only");
    await expect(editor.identity.signOut(editor.id)).rejects.toMatchObject({ code: "storageFailed" });
    expect(await userInfoStatus(demo(), editor.token)).toBe(401);
  });

  it("of what nobody knows is said to be that", async () => {
    const editor = await openSignedIn();
    expect(await editor.identity.signOut("nothing")).toEqual({ kind: "unknownSession" });
    await editor.identity.signOut(editor.id);
    expect(await editor.identity.signOut(editor.id)).toEqual({ kind: "unknownSession" });
  });

  it("does not reach the person's other accounts", async () => {
    const editor = await openSignedIn();
    const bob = await signedIn(editor, needAt(demo()), userOf(demo(), "bob"));
    await editor.identity.signOut(editor.id);
    expect(await editor.identity.list()).toEqual([bob]);
  });

  it("while somebody signs in anew ends the old session, and the sign-in goes on", async () => {
    const editor = await openSignedIn();
    const person = browsing(userOf(demo()));
    const outcome = await editor.identity.signIn(
      needAt(demo()),
      {
        ...person,
        openBrowser: async (url) => {
          await editor.identity.signOut(editor.id);
          return person.openBrowser(url);
        },
      },
      never,
    );
    expect(endOf(outcome)).toBe("signedIn");
    expect(await userInfoStatus(demo(), editor.token)).toBe(401);
    expect(await editor.identity.list()).toHaveLength(1);
  });

  it("ends everything of a person who stepped up twice: no token of theirs lives at the IdP", async () => {
    const before = await refreshTokensOf(demo(), userOf(demo()));
    const editor = open();
    const need = { ...needAt(demo()), scopes: ["openid", "profile", "email"] };
    const { id } = await signedIn(editor, need, userOf(demo()));
    const tokens: string[] = [];
    const keep = async (): Promise<void> => {
      tokens.push((await editor.identity.stored(id))?.accessToken.reveal() ?? "");
    };
    await keep();
    for (let times = 0; times < 2; times += 1) {
      const again = { ...need, acrValues: ["urn:acme:acr:mfa"] };
      expect(await editor.identity.signIn(again, browsing(userOf(demo())), never)).toMatchObject({
        kind: "signedIn",
        session: { id },
      });
      await keep();
      await vi.waitFor(async () => expect(await userInfoStatus(demo(), tokens.at(-2) ?? "")).toBe(401));
      expect(await userInfoStatus(demo(), tokens.at(-1) ?? "")).toBe(200);
    }
    await editor.identity.signOut(id);
    expect(await Promise.all(tokens.map((token) => userInfoStatus(demo(), token)))).toEqual([401, 401, 401]);
    expect(await refreshTokensOf(demo(), userOf(demo()))).toBe(before);
  });

  it("ends what a sign-in brought that was refused: the session that there was goes on until then", async () => {
    const before = await refreshTokensOf(demo(), userOf(demo()));
    const editor = await openSignedIn();
    const strict = { ...needAt(demo()), acrValues: ["urn:nothing:is:this:strong"] };
    const outcome = await editor.identity.signIn(strict, browsing(userOf(demo())), never);
    expect(endOf(outcome)).toBe("stepUpUnmet");
    expect(await userInfoStatus(demo(), editor.token)).toBe(200);
    await editor.identity.signOut(editor.id);
    expect(await refreshTokensOf(demo(), userOf(demo()))).toBe(before);
  });

  it("is not needed for a sign-in that was refused where there was no session: its tokens are given back", async () => {
    const before = await refreshTokensOf(demo(), userOf(demo()));
    const editor = open();
    const strict = { ...needAt(demo()), acrValues: ["urn:nothing:is:this:strong"] };
    expect(endOf(await editor.identity.signIn(strict, browsing(userOf(demo())), never))).toBe("stepUpUnmet");
    expect(await refreshTokensOf(demo(), userOf(demo()))).toBe(before);
  });
});
