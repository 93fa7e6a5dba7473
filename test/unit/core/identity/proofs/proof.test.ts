import { describe, expect, it } from "vitest";
import {
  company,
  needAt,
  never,
  shiftedClock,
  signedIn,
  userInfoStatus,
  userOf,
  withoutEndpoints,
} from "../harness.ts";
import type { EditorWindow } from "../harness.ts";

const { demo, open } = company();

const proofsSent = (editor: EditorWindow, wanted: string): number =>
  editor.wire.sent.filter(({ path, headers }) => path === wanted && headers.has("dpop")).length;

describe("a sender-constrained session (RFC 9449)", () => {
  it("is of no use to whoever holds its token without the key", async () => {
    const editor = open({}, { senderConstrained: () => true });
    const { id } = await signedIn(editor, needAt(demo()), userOf(demo()));
    const token = (await editor.identity.stored(id))?.accessToken.reveal() ?? "";
    expect(await userInfoStatus(demo(), token)).toBe(401);
    expect(await editor.identity.check(id, never)).toEqual({ kind: "alive" });
    expect(proofsSent(editor, "/me")).toBeGreaterThan(0);
  });

  it("is renewed with the same key, also by a window that has only the storage", async () => {
    const clock = shiftedClock();
    const editor = open({ clock }, { senderConstrained: () => true });
    const { id } = await signedIn(editor, needAt(demo()), userOf(demo()));
    clock.shift(250_000);
    const other = open({ clock, secrets: editor.secrets, memory: editor.memory });
    expect((await other.identity.fresh(needAt(demo()), { signal: never })).kind).toBe("active");
    expect(await other.identity.check(id, never)).toEqual({ kind: "alive" });
    expect(await editor.identity.signOut(id)).toMatchObject({ kind: "signedOut", revoked: true });
  });

  it("keeps its key in the secret storage alone", async () => {
    const editor = open({}, { senderConstrained: () => true });
    await signedIn(editor, needAt(demo()), userOf(demo()));
    const stored = [...editor.secrets.entries.values()].map(
      (text) => JSON.parse(text) as { proofKey?: string },
    );
    const { d = "" } = JSON.parse(stored[0]?.proofKey ?? "{}") as { d?: string };
    expect(d).toMatch(/^[\w-]{43}$/);
    expect(editor.log.text() + JSON.stringify([...editor.memory.entries, editor.changes])).not.toContain(d);
  });

  it("is an ordinary one where the IdP does not offer it, or nobody wants it", async () => {
    const plain = open({}, { senderConstrained: () => true });
    plain.wire.tamper = withoutEndpoints("dpop_signing_alg_values_supported");
    const unasked = open();
    for (const editor of [plain, unasked]) {
      const { id } = await signedIn(editor, needAt(demo()), userOf(demo()));
      const token = (await editor.identity.stored(id))?.accessToken.reveal() ?? "";
      expect(await userInfoStatus(demo(), token)).toBe(200);
    }
  });
});
