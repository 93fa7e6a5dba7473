import { describe, expect, test } from "vitest";
import { Browserless, signInOverHttp } from "../../../../support/browserless.ts";
import { needAtFake } from "../../../../support/fakeIdp.ts";
import { signedIn } from "../fakePerson.ts";
import { browsing, company, needAt, never, userOf, type EditorWindow } from "../harness.ts";

/** OpenID Connect RP-Initiated Logout 1.0: what there is to open, which nobody opens but the person. */
const page = "https://idp.example.com/logout";

const signOutAtFake = async (metadata: Readonly<Record<string, unknown>>, withIdToken = true) => {
  const reply = withIdToken ? {} : { reply: () => ({ id_token: undefined }) };
  // Without openid in the scopes, an IdP sends no ID token, and none is missed.
  const request = withIdToken ? {} : { scopes: ["profile"] };
  const { identity, idp } = await signedIn({ metadata, ...reply }, request);
  const [session] = await identity.list();
  const idToken = (await identity.stored(session?.id ?? ""))?.idToken?.reveal();
  const asked = idp.asked.length;
  const outcome = await identity.signOut(session?.id ?? "");
  if (outcome.kind !== "signedOut") throw new Error(outcome.kind);
  expect(idp.asked.slice(asked).map(({ path }) => path)).not.toContain("/logout");
  return { browserSession: outcome.browserSession, idToken };
};

describe("what ends the browser's session", () => {
  test("is the page of the metadata, with the ID token that was kept and the client", async () => {
    const { browserSession, idToken } = await signOutAtFake({ end_session_endpoint: page });
    expect(browserSession?.page).toBe(page);
    const url = new URL(browserSession?.url.reveal() ?? "");
    expect(url.origin + url.pathname).toBe(page);
    expect([...url.searchParams]).toEqual(
      expect.arrayContaining([
        ["id_token_hint", idToken],
        ["client_id", needAtFake().clientId],
      ]),
    );
    expect([...url.searchParams]).toHaveLength(2);
    expect(JSON.stringify(browserSession)).not.toContain(idToken);
  });

  test("names the client alone where no ID token was kept", async () => {
    const { browserSession, idToken } = await signOutAtFake({ end_session_endpoint: page }, false);
    expect(idToken).toBeUndefined();
    expect(browserSession?.url.reveal()).toBe(`${page}?client_id=lanyard`);
  });

  test("keeps what the page's address says already", async () => {
    const { browserSession } = await signOutAtFake({ end_session_endpoint: `${page}?tenant=acme` });
    expect(browserSession?.page).toBe(`${page}?tenant=acme`);
    expect(new URL(browserSession?.url.reveal() ?? "").searchParams.get("tenant")).toBe("acme");
  });

  test.each([
    ["nothing", undefined],
    ["no URL", "log out here"],
    ["plain http", "http://idp.example.com/logout"],
    ["a user name", "https://idp.example.com@evil.example/logout"],
    ["a command", "command:workbench.action.quit"],
    ["a file", "file:///etc/passwd"],
    ["a script", "javascript:alert(1)"],
  ])(
    "does not exist where the metadata says %s, and the sign-out is whole all the same",
    async (_what, endpoint) => {
      const { browserSession } = await signOutAtFake({ end_session_endpoint: endpoint });
      expect(browserSession).toBeUndefined();
    },
  );
});

describe("at the demo's identity provider", () => {
  const { demo, open } = company();

  /** Signs in with this browser; @returns whether it had to type the password. */
  const typesPassword = async (editor: EditorWindow, browser: Browserless): Promise<boolean> => {
    const before = browser.filledIn.length;
    const person = userOf(demo());
    const ports = browsing(person, { act: (start) => signInOverHttp(start, person, browser) });
    expect(await editor.identity.signIn(needAt(demo()), ports, never)).toMatchObject({ kind: "signedIn" });
    return browser.filledIn.slice(before).includes("password");
  };

  test("the browser stays signed in after a sign-out, and is not once the page was opened", async () => {
    const editor = open();
    const browser = new Browserless();
    const signOut = async (): Promise<string> => {
      const [session] = await editor.identity.list();
      const outcome = await editor.identity.signOut(session?.id ?? "");
      if (outcome.kind !== "signedOut") throw new Error(outcome.kind);
      expect(outcome.revoked).toBe(true);
      return outcome.browserSession?.url.reveal() ?? "";
    };
    expect(await typesPassword(editor, browser)).toBe(true);
    await signOut();
    expect(await typesPassword(editor, browser)).toBe(false);
    const ended = await browser.visit(new URL(await signOut()), userOf(demo()));
    expect(ended).toMatchObject({ kind: "page", status: 200 });
    expect(ended.kind === "page" ? ended.text : "").toContain("You are signed out");
    expect(await typesPassword(editor, browser)).toBe(true);
  });
});
