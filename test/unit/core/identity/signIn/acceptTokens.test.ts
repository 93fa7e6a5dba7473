import { describe, expect, it } from "vitest";
import { startAcme } from "../../../../../demo/demo.ts";
import {
  browsing,
  company,
  endOf,
  expectNothingLeft,
  needAt,
  never,
  signedIn,
  userOf,
  withClaims,
} from "../harness.ts";

const mfa = "urn:acme:acr:mfa";

const { demo, open } = company();

describe("a session that is admitted", () => {
  it("keeps what the person proved: acr and auth_time", async () => {
    const editor = open();
    const session = await signedIn(editor, { ...needAt(demo()), acrValues: [mfa] }, userOf(demo()));
    expect(session.acr).toBe(mfa);
    expect(Math.abs((session.authTimeSeconds ?? 0) - Date.now() / 1000)).toBeLessThan(30);
  });

  it("keeps several people apart, each under a name of their own", async () => {
    const editor = open();
    const other = await startAcme();
    try {
      await signedIn(editor, needAt(demo()), userOf(demo(), "alice"));
      await signedIn(editor, needAt(demo()), userOf(demo(), "bob"));
      await signedIn(editor, needAt(other), userOf(other, "alice"));
      await signedIn(editor, needAt(demo()), userOf(demo(), "alice"));
      const labels = (await editor.identity.list()).map(({ accountLabel }) => accountLabel);
      expect(labels).toEqual(["alice", `alice (${new URL(other.idp).host})`, "bob"]);
    } finally {
      await other.close();
    }
  });
});

describe("an answer", () => {
  it.each<[string, Record<string, unknown>, string]>([
    ["another issuer", { iss: "https://evil.example" }, "wrongIssuer"],
    ["another client", { aud: "someone-else" }, "rejected"],
    ["another sign-in", { nonce: "replayed" }, "rejected"],
    ["last year", { exp: 1_600_000_000 }, "clockSkew"],
    ["next year", { iat: Math.round(Date.now() / 1000) + 31_536_000 }, "clockSkew"],
  ])("whose ID token is for %s is not used", async (_name, claims, failure) => {
    const editor = open();
    editor.wire.tamper = async (path, reach) =>
      path === "/token" ? withClaims(await reach(), claims) : undefined;
    const outcome = await editor.identity.signIn(needAt(demo()), browsing(userOf(demo())), never);
    expect(endOf(outcome)).toBe(failure);
    await expectNothingLeft(editor);
  });
});

describe("a step-up", () => {
  it("that the IdP did not do is a failure, and the session that was there stays (RFC 9470)", async () => {
    const editor = open();
    const before = await signedIn(editor, needAt(demo()), userOf(demo()));
    const wish = { ...needAt(demo()), acrValues: ["urn:acme:acr:hardware"] };
    const outcome = await editor.identity.signIn(wish, browsing(userOf(demo())), never);
    expect(outcome).toMatchObject({ failure: "stepUpUnmet" });
    expect(outcome).not.toHaveProperty("detail");
    expect(await editor.identity.list()).toEqual([before]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["is not too old", {}, "signedIn"],
    ["is older than was asked for", { auth_time: Math.round(Date.now() / 1000) - 3600 }, "stepUpUnmet"],
    ["is not told", { auth_time: undefined }, "stepUpUnmet"],
  ])("with max_age looks whether the authentication %s", async (_name, claims, expected) => {
    const editor = open();
    editor.wire.tamper = async (path, reach) =>
      path === "/token" ? withClaims(await reach(), claims) : undefined;
    const wish = { ...needAt(demo()), maxAgeSeconds: 60 };
    const outcome = await editor.identity.signIn(wish, browsing(userOf(demo())), never);
    expect(endOf(outcome)).toBe(expected);
  });
});
