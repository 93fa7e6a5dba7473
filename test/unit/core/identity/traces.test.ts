import { describe, expect, it } from "vitest";
import {
  browsing,
  company,
  needAt,
  never,
  signedIn,
  userOf,
  withClaims,
  type EditorWindow,
} from "./harness.ts";

const { demo, open } = company();

/** The trace id that each request so far carried, by its path (W3C Trace Context, section 3.2). */
const traces = ({ wire }: EditorWindow): readonly (readonly [string, string | undefined])[] =>
  wire.sent.map(({ path, headers }) => [
    path,
    /^00-([0-9a-f]{32})-[0-9a-f]{16}-01$/.exec(headers.get("traceparent") ?? "")?.[1],
  ]);

const logged = ({ log }: EditorWindow, event: string): unknown =>
  log.entries.find((entry) => entry.event === event)?.fields["traceId"];

describe("the trace of what is asked of the IdP", () => {
  it("is in every request, from sign-in to sign-out", async () => {
    const editor = open();
    const need = needAt(demo());
    const { id } = await signedIn(editor, need, userOf(demo()));
    const refused = (await editor.identity.stored(id))?.accessToken;
    await editor.identity.fresh(need, { signal: never, ...(refused === undefined ? {} : { refused }) });
    await editor.identity.check(id, never);
    await editor.identity.signOut(id);
    const all = traces(editor);
    expect(all.map(([path]) => path)).toEqual(
      expect.arrayContaining(["/.well-known/openid-configuration", "/token", "/me", "/token/revocation"]),
    );
    expect(all.filter(([, traceId]) => traceId === undefined)).toEqual([]);
  });

  it("is one for a whole sign-in, and the log names it", async () => {
    const editor = open();
    await signedIn(editor, needAt(demo()), userOf(demo()));
    const [first, ...others] = traces(editor).filter(
      ([path]) => path !== "/.well-known/openid-configuration",
    );
    expect(first?.[1]).toBe(logged(editor, "identity.signIn.ended"));
    for (const [, traceId] of others) expect(traceId).toBe(first?.[1]);
  });

  it("is told with a sign-in that failed", async () => {
    const editor = open();
    editor.wire.tamper = async (path, reach) =>
      path === "/token" ? withClaims(await reach(), { iss: "https://evil.example.com" }) : undefined;
    const outcome = await editor.identity.signIn(needAt(demo()), browsing(userOf(demo())), never);
    const [, traceId] = traces(editor).find(([path]) => path === "/token") ?? [];
    expect(outcome).toMatchObject({ kind: "failed", traceId });
    expect(traceId).toBeDefined();
  });

  it("goes on in the refresh that a question needs", async () => {
    const editor = open();
    const need = needAt(demo());
    const { id } = await signedIn(editor, need, userOf(demo()));
    const refused = (await editor.identity.stored(id))?.accessToken;
    const before = editor.wire.sent.length;
    const traceparent = `00-${"ab".repeat(16)}-${"1".repeat(16)}-01`;
    await editor.identity.fresh(need, {
      ...{ signal: never, traceparent },
      ...(refused === undefined ? {} : { refused }),
    });
    expect(traces(editor).slice(before)).toEqual([["/token", "ab".repeat(16)]]);
  });

  it("is one for all that is revoked at sign-out, and the log names it", async () => {
    const editor = open();
    const { id } = await signedIn(editor, needAt(demo()), userOf(demo()));
    const before = editor.wire.sent.length;
    await editor.identity.signOut(id);
    const revoked = traces(editor).slice(before);
    expect(revoked.length).toBeGreaterThan(1);
    for (const [, traceId] of revoked) expect(traceId).toBe(logged(editor, "identity.revoked"));
  });
});
