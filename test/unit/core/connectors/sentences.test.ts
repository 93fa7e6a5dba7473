import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { reasonFor, sentenceFor } from "../../../../src/core/connectors/sentences.ts";
import type { GrantState, Status } from "../../../../src/core/connectors/board/status.ts";
import { english } from "../../../../src/core/text.ts";
import { grants } from "../../../support/grants.ts";

const nowMs = 1_700_000_000_000;
const say = (about: GrantState | Status): string => sentenceFor(about, english, nowMs);

const sentences: readonly (readonly [GrantState | Status, string])[] = [
  [{ kind: "granted" }, "Ready."],
  [{ kind: "granted", expiresAtMs: nowMs + 59 * 60_000 }, "Ready for 59 min."],
  [{ kind: "granted", expiresAtMs: nowMs + 5000 }, "Ready for less than a minute."],
  [
    grants.needsConnection({ reason: "First use" }),
    "Access has to be authorized once (First use). Open https://vault.example.com/connect/notion",
  ],
  [grants.reauthenticate(), "A stronger sign-in is required. Use Step Up in VS Code."],
  [grants.stepUpPage(), "A stronger sign-in is required. Open https://idp.example.com/step-up"],
  [grants.push(), "Approve the request on your device (Allow $50,000, code 4711)."],
  [
    grants.push({ unsent: true }),
    "An approval on your device is required. Use Step Up in VS Code to have it sent.",
  ],
  [grants.pending({ message: "Your lead was asked." }), "An approval is awaited (Your lead was asked)."],
  [grants.denied(), "Denied by policy (Contractors may not)."],
  [
    { kind: "denied", by: "upstream", reason: "", helpUrl: "https://help.example.com/" },
    "Denied by the service itself. Open https://help.example.com/",
  ],
  [grants.signedOut(), "The sign-in was revoked. Use Sign In with Lanyard in VS Code."],
  [{ kind: "misconfigured", issues: [] }, "The entry is misconfigured."],
  [
    {
      kind: "misconfigured",
      issues: [
        { code: "missing", severity: "error", template: "{0} is missing.", args: ["issuer"] },
        { code: "missing", severity: "error", template: "{0} is missing.", args: ["clientId"] },
      ],
    },
    "issuer is missing (and 1 more).",
  ],
  [grants.unavailable(), "vault.example.com answered 503."],
  [{ kind: "unchecked" }, "Not checked yet."],
  [{ kind: "checking" }, "Being checked."],
];

describe("one plain sentence for each status", () => {
  test.each(sentences)("%j", (about, sentence) => {
    expect(say(about)).toBe(sentence);
  });

  test("before a URL there is neither comma nor colon of ours, or Claude Code hides what follows", () => {
    for (const [about] of sentences) {
      const [before = "", url] = say(about).split("https://");
      if (url !== undefined) expect(before.replace(/\(.*\)/, "")).not.toMatch(/[,:]/);
    }
  });

  test.each([
    "command:workbench.action.terminal.new",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "vscode://evil/x",
    "http://vault.example.com/connect",
    "https://user:password@vault.example.com/",
    `https://vault.example.com/${"x".repeat(3000)}`,
    "not a URL",
  ])("a URL that may not be opened is left out: %s", (url) => {
    expect(reasonFor(grants.needsConnection({ url }), english, nowMs)).toEqual({
      reason: "Access has to be authorized once",
    });
  });

  test("words from outside stay within one line and what surrounds them", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (reason) => {
        const sentence = say({ kind: "denied", by: "policy", reason });
        expect(sentence).toMatch(/^Denied by policy.*\.$/);
        expect(sentence).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });
});
