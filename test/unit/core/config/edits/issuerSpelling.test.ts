import { describe, expect, it } from "vitest";
import { fixTitle } from "../../../../../src/core/config/edits/fix.ts";
import { fixesFor } from "../../../../../src/core/config/edits/fixes.ts";
import { misspeltIssuers } from "../../../../../src/core/config/edits/issuerSpelling.ts";
import { failureOf } from "../../../../../src/core/identity/failures.ts";
import { WrongIssuerError } from "../../../../../src/core/identity/idp/discovery.ts";
import { english } from "../../../../../src/core/text.ts";
import { file, github, sentence, textAt } from "../support.ts";
import { applied } from "./support.ts";

const env = (name: string): string | undefined => (name === "IDP" ? "https://a.auth0.com" : undefined);

const entryAt = (issuer: string): unknown => ({ ...github, userAuth: { ...github.userAuth, issuer } });

/** The text after the first fix of each issue. */
const mended = (text: string, spellings: ReadonlyMap<string, string>, rounds = 3): string => {
  const [issue] = misspeltIssuers("/x/.mcp.json", text, spellings, env);
  if (issue?.place === undefined || rounds === 0) return text;
  const written = textAt(text, issue.place);
  const span = { offset: text.indexOf(written), length: written.length };
  const [fix] = fixesFor(text, { code: issue.code, ...span }, env);
  return fix === undefined ? text : mended(applied(text, fix.edits), spellings, rounds - 1);
};

describe("an issuer that its metadata spells otherwise", () => {
  it.each([
    ["https://a.auth0.com", "https://a.auth0.com/"],
    ["https://a.okta.com/oauth2/default/", "https://a.okta.com/oauth2/default"],
  ])("%s is a problem at its place, and is written as %s in each entry", (wrong, right) => {
    const { spelling } = failureOf(new WrongIssuerError(right), wrong);
    expect(spelling).toBe(right);
    const spellings = new Map([[wrong, right]]);
    const text = file({ one: entryAt(wrong), other: github, two: entryAt(wrong) });
    const issues = misspeltIssuers("/x/.mcp.json", text, spellings, env);
    expect(issues.map((issue) => issue.place && textAt(text, issue.place))).toEqual([
      `"${wrong}"`,
      `"${wrong}"`,
    ]);
    expect(issues.map(sentence)[0]).toContain(`Write: ${right}.`);
    expect(mended(text, spellings)).toBe(file({ one: entryAt(right), other: github, two: entryAt(right) }));
  });

  it("is named by its right spelling in the fix", () => {
    const text = '"https://a.auth0.com"';
    const whole = `{"mcpServers":{"x":{"userAuth":{"issuer":${text}}}}}`;
    const issue = { code: "issuerSpelling", offset: whole.indexOf(text), length: text.length };
    expect(fixesFor(whole, issue, env).map((fix) => fixTitle(fix, english))).toEqual([
      "Write the issuer as https://a.auth0.com/",
    ]);
  });

  it("is told, but not mended, where a variable holds it", () => {
    const text = file({ x: entryAt("${IDP}") });
    const spellings = new Map([["https://a.auth0.com", "https://a.auth0.com/"]]);
    expect(misspeltIssuers("/x/.mcp.json", text, spellings, env)).toHaveLength(1);
    expect(mended(text, spellings)).toBe(text);
  });

  it("is none where another issuer altogether was named", () => {
    expect(
      failureOf(new WrongIssuerError("https://b.example"), "https://a.example").spelling,
    ).toBeUndefined();
  });
});
