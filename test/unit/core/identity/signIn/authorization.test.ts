import { describe, expect, it } from "vitest";
import type { SignInOutcome, SignInPorts, SignInRequest } from "../../../../../src/core/identity/session.ts";
import {
  browsing,
  company,
  endOf,
  expectNothingLeft,
  needAt,
  never,
  signedIn,
  userOf,
  withoutEndpoints,
} from "../harness.ts";

const { demo, open } = company();

describe("the authorization request", () => {
  it("pushes the request (PAR), so that the browser's address bar holds none of it", async () => {
    const editor = open();
    const person = browsing(userOf(demo()));
    await editor.identity.signIn(needAt(demo()), person, never);
    const address = new URL(person.opened[0] ?? "");
    expect([...address.searchParams.keys()].sort()).toEqual(["client_id", "request_uri"]);
    const pushed = new URLSearchParams(editor.wire.sent.find(({ path }) => path === "/request")?.body);
    expect(pushed.get("code_challenge_method")).toBe("S256");
    expect(pushed.get("state")).not.toBeNull();
    expect(pushed.get("nonce")).not.toBeNull();
    expect(pushed.get("redirect_uri")).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
  });

  it("sends the request by the browser where the IdP offers no PAR", async () => {
    const editor = open();
    editor.wire.tamper = withoutEndpoints("pushed_authorization_request_endpoint");
    const person = browsing(userOf(demo()));
    const request = { ...needAt(demo()), loginHint: "alice", resource: demo().vault };
    expect(endOf(await editor.identity.signIn(request, person, never))).toBe("signedIn");
    const { searchParams } = new URL(person.opened[0] ?? "");
    expect(searchParams.get("code_challenge_method")).toBe("S256");
    expect(searchParams.get("login_hint")).toBe("alice");
    expect(searchParams.get("prompt")).toBeNull();
  });

  it.each([
    ["by a pushed request", undefined],
    ["in the browser", withoutEndpoints("pushed_authorization_request_endpoint")],
  ])("lets the person sign in anew where the IdP refuses %s to let them choose", async (_where, tamper) => {
    const editor = open();
    editor.wire.tamper = tamper;
    const request = { ...needAt(demo()), prompt: "select_account" };
    expect(endOf(await editor.identity.signIn(request, browsing(userOf(demo())), never))).toBe("signedIn");
  });

  /** Where the browser would be sent; no further than that. */
  const askedOf = async (
    more: Partial<SignInRequest>,
    tamper = withoutEndpoints("pushed_authorization_request_endpoint"),
  ): Promise<URLSearchParams> => {
    const editor = open();
    editor.wire.tamper = tamper;
    let address = "";
    const ports: SignInPorts = {
      ...browsing(userOf(demo())),
      openBrowser: (url) => {
        address = url;
        return Promise.resolve(false);
      },
    };
    await editor.identity.signIn({ ...needAt(demo()), ...more }, ports, never);
    return new URL(address).searchParams;
  };

  it("asks for offline access where the identity provider names it, and for consent only where the entry does", async () => {
    const plain = await askedOf({});
    expect(plain.get("scope")?.split(" ")).toContain("offline_access");
    expect(plain.get("prompt")).toBeNull();
    expect((await askedOf({ offlineAccess: false })).get("scope")).not.toContain("offline_access");
    expect((await askedOf({ prompt: "consent" })).get("prompt")).toBe("consent");
    const unnamed = withoutEndpoints("pushed_authorization_request_endpoint", "scopes_supported");
    expect((await askedOf({}, unnamed)).get("scope")).not.toContain("offline_access");
    expect((await askedOf({ offlineAccess: true }, unnamed)).get("scope")).toContain("offline_access");
  });

  it("carries the parameters of the entry, none of which replaces one of its own", async () => {
    const asked = await askedOf({ parameters: { audience: "https://api.example.com", scope: "everything" } });
    expect(asked.get("audience")).toBe("https://api.example.com");
    expect(asked.get("scope")).not.toContain("everything");
  });

  it.each([
    [400, { error: "unauthorized_client" }],
    [404, {}],
  ])("goes on without a pushed request where that is refused with %d %j", async (status, body) => {
    const asked = await askedOf({}, (path) =>
      Promise.resolve(path === "/request" ? Response.json(body, { status }) : undefined),
    );
    expect(asked.get("code_challenge_method")).toBe("S256");
    expect(asked.has("request_uri")).toBe(false);
  });

  it("names the resource in both requests (RFC 8707)", async () => {
    const editor = open();
    await signedIn(editor, needAt(demo(), { resource: demo().vault }), userOf(demo()));
    const resources = ["/request", "/token"].map((wanted) =>
      new URLSearchParams(editor.wire.sent.find(({ path }) => path === wanted)?.body).get("resource"),
    );
    expect(resources).toEqual([demo().vault, demo().vault]);
  });
});

describe("an answer that is not the one that was asked for", () => {
  const divertedBy = async (divert: (url: URL) => URL): Promise<[SignInOutcome, string]> => {
    const editor = open();
    const person = browsing(userOf(demo()), { divert });
    const outcome = await editor.identity.signIn(needAt(demo()), person, never);
    await expectNothingLeft(editor);
    expect(editor.wire.sent.map(({ path }) => path)).not.toContain("/token");
    return [outcome, await person.page];
  };

  it.each<[string, (url: URL) => void]>([
    ["with a wrong state", (url) => url.searchParams.set("state", "forged")],
    ["without a state", (url) => url.searchParams.delete("state")],
    ["with two states", (url) => url.searchParams.append("state", "another")],
  ])("%s is turned away, and the sign-in goes on waiting for its own", async (_name, change) => {
    const editor = open();
    const person = browsing(userOf(demo()), {
      divert: (url) => {
        change(url);
        return url;
      },
    });
    const end = new AbortController();
    const outcome = editor.identity.signIn(needAt(demo()), person, end.signal);
    expect(await person.page).toContain("This is no answer to a sign-in");
    expect(editor.wire.sent.map(({ path }) => path)).not.toContain("/token");
    end.abort();
    expect(endOf(await outcome)).toBe("cancelled");
    await expectNothingLeft(editor);
  });

  it.each<[string, (url: URL) => void]>([
    ["of another issuer (RFC 9207)", (url) => url.searchParams.set("iss", "https://evil.example")],
    ["of no issuer, where the IdP promises one", (url) => url.searchParams.delete("iss")],
    [
      "of another issuer that says denied",
      (url) => {
        url.searchParams.delete("code");
        url.searchParams.set("error", "access_denied");
        url.searchParams.set("iss", "https://evil.example");
      },
    ],
  ])("%s is not used", async (_name, change) => {
    const [outcome, page] = await divertedBy((url) => {
      change(url);
      return url;
    });
    expect(endOf(outcome)).toBe("wrongIssuer");
    expect(page).toContain("You are not signed in");
  });

  it("that says denied ends the sign-in at once, with the IdP's words, escaped", async () => {
    const [outcome, page] = await divertedBy((url) => {
      url.searchParams.delete("code");
      url.searchParams.set("error", "access_denied");
      url.searchParams.set("error_description", "<b>Not\u202e on Sundays</b>");
      return url;
    });
    expect(outcome).toMatchObject({ failure: "denied", detail: "<b>Not on Sundays</b> (access_denied)" });
    expect(page).toContain("&#60;b&#62;Not on Sundays");
  });
});
