import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { failed } from "../../../../src/core/identity/failures.ts";
import { resultPage } from "../../../../src/core/identity/resultPage.ts";
import type { SignInOutcome } from "../../../../src/core/identity/session.ts";

const template = readFileSync(new URL("../../../../media/sign-in-result.html", import.meta.url), "utf8");
const page = resultPage({ template });

const signedInAs = (accountLabel: string): SignInOutcome => ({
  kind: "signedIn",
  session: {
    id: "id",
    issuer: "https://idp.example.com",
    clientId: "lanyard",
    subject: "alice",
    accountLabel,
    scopes: [],
    signedInAtMs: 0,
  },
});

describe("the page after a sign-in", () => {
  it("says who is signed in, and what to do", () => {
    const html = page(signedInAs("alice"), "n");
    expect(html).toContain("<title>You are signed in</title>");
    expect(html).toContain("Lanyard is signed in as alice.");
    expect(html).toContain("You can close this page and go back to the editor.");
  });

  it("says why nobody is, with the IdP's own words apart from ours", () => {
    const html = page(failed("denied", "https://idp.example.com", "Contractors only"), "n");
    expect(html).toContain("You are not signed in");
    expect(html).toContain("The sign-in at idp.example.com was refused, there or by yourself.");
    expect(html).toContain("The identity provider says: Contractors only");
  });

  it("says of a step-up that it is not complete, for the person may be signed in all the same", () => {
    const html = page(failed("stepUpUnmet", "https://idp.example.com"), "n");
    expect(html).toContain("<title>The stronger sign-in is not complete</title>");
    expect(html).not.toContain("You are not signed in");
  });

  it("says so while the outcome is not known", () => {
    expect(page(undefined, "n")).toContain("The sign-in is being completed");
  });

  it("takes no text for markup, and no text for a place to fill in", () => {
    const html = page(signedInAs(`<script>alert("1")</script>'&{{nonce}}`), "the-nonce");
    expect(html).not.toContain("<script");
    expect(html).toContain("&#60;script&#62;alert(&#34;1&#34;)&#60;/script&#62;&#39;&#38;{{nonce}}");
  });

  it("leaves no place unfilled, and needs no script and nothing from elsewhere", () => {
    for (const outcome of [undefined, signedInAs("alice"), failed("timedOut", "https://idp.example.com")]) {
      const html = page(outcome, "the-nonce");
      expect(html).not.toMatch(/\{\{|<script|\son\w+=|https?:|src=|url\(/);
      expect(html).toContain('<style nonce="the-nonce">');
    }
  });

  it("speaks the editor's language", () => {
    const german = resultPage({ template, lang: "de", translate: (text) => `[${text}]` });
    expect(german(undefined, "n")).toContain('<html lang="de">');
    expect(german(undefined, "n")).toContain("<title>[The sign-in is being completed]</title>");
  });
});
