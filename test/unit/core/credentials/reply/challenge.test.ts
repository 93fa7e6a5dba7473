import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseChallenge, parseChallenges } from "../../../../../src/core/credentials/reply/challenge.ts";

describe("WWW-Authenticate (RFC 9110, section 11.6.1)", () => {
  it.each([
    [
      'Bearer error="insufficient_user_authentication", acr_values="a b", max_age=5',
      { scheme: "bearer", error: "insufficient_user_authentication", acr_values: "a b", max_age: "5" },
    ],
    ['DPoP realm="say \\"hi\\""', { scheme: "dpop", realm: 'say "hi"' }],
    ["Negotiate", { scheme: "negotiate" }],
  ])("%s", (header, challenge) => expect(parseChallenge(header)).toEqual(challenge));

  it.each([null, "", '"quoted"'])("%s is no challenge", (header) =>
    expect(parseChallenge(header)).toBeUndefined(),
  );

  it("reads any header without throwing", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (header) => {
        expect(() => parseChallenge(header)).not.toThrow();
      }),
    );
  }, 60_000);
});

const stepUp = 'Bearer error="insufficient_user_authentication", acr_values="urn:example:mfa", max_age="300"';
const stepUpRead = {
  ...{ scheme: "bearer", error: "insufficient_user_authentication" },
  ...{ acr_values: "urn:example:mfa", max_age: "300" },
};

describe("several challenges", () => {
  it.each([
    ["Negotiate", `Negotiate, ${stepUp}`],
    ["NTLM and Negotiate", `NTLM, Negotiate, ${stepUp}`],
    ["a token of Negotiate", `Negotiate oYG2MIGzoAMKAQChCwYJKoZIgvcSAQICooGeBIGbYIGY==, ${stepUp}`],
    ["a long token", `Negotiate ${"a".repeat(20_000)}=, ${stepUp}`],
    ["Basic with a realm", `Basic realm="Vault, the one", ${stepUp}`],
    ["Digest with commas", `Digest realm="a", qop="auth,auth-int", nonce=abc, algorithm=MD5, ${stepUp}`],
    ["DPoP without a word", `DPoP algs="ES256 PS256", ${stepUp}`],
    ["a bearer of another realm", `Bearer realm="other", ${stepUp}`],
    ["an invalid token", `DPoP error="invalid_token", algs="ES256", ${stepUp}`],
    ["empty elements", ` , ,Negotiate ,, ${stepUp} ,`],
  ])("finds the step-up after %s", (_name, header) => expect(parseChallenge(header)).toEqual(stepUpRead));

  it.each([
    ["Negotiate", `${stepUp}, Negotiate`],
    ["Basic", `${stepUp}, Basic realm="x", charset="UTF-8"`],
    ["a token", `${stepUp}, NTLM TlRMTVNTUAABAAAA=`],
  ])("does not mix it up with %s that follows", (_name, header) =>
    expect(parseChallenge(header)).toEqual(stepUpRead),
  );

  it("takes blanks around =, quotes with commas, and the first of two equal names", () => {
    expect(parseChallenge('Bearer error = "a, b=c" , Error=second, scope = "x y"')).toEqual({
      ...{ scheme: "bearer", error: "a, b=c", scope: "x y" },
    });
  });

  it("keeps __proto__ a name", () => {
    expect(Object.keys(parseChallenge("Bearer __proto__=x, a=b") ?? {})).toContain("a");
  });
});

const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
const quoted = fc.string({ maxLength: 12 }).map((text) => text.replaceAll(/[^\t\x20-\x7e]/g, "."));
const parameters = fc.uniqueArray(fc.tuple(token, quoted), { selector: ([name]) => name, maxLength: 4 });
const challenge = fc.tuple(token, fc.oneof(parameters, fc.constantFrom("abc==", "YII", "a/b+c~")));

const printed = ([scheme, given]: readonly [
  string,
  string | readonly (readonly [string, string])[],
]): string => {
  if (typeof given === "string") return `${scheme} ${given}`;
  const list = given.map(([name, value]) => `${name}="${value.replaceAll(/["\\]/g, "\\$&")}"`);
  return list.length === 0 ? scheme : `${scheme} ${list.join(", ")}`;
};

describe("whatever challenges there are", () => {
  it("reads them as they were written", () => {
    fc.assert(
      fc.property(fc.array(challenge, { maxLength: 5 }), (written) => {
        const header = written.map(printed).join(", ");
        const expected = written.map(([scheme, given]) => ({
          ...(typeof given === "string" ? {} : Object.fromEntries(given)),
          ...(typeof given !== "string" && given.some(([name]) => name === "scheme") ? {} : {}),
          scheme,
        }));
        expect(parseChallenges(header)).toEqual(expected);
      }),
    );
  });

  it("takes no longer than the text is long", () => {
    const nasty = [
      '"'.repeat(60_000),
      `Bearer a="${"\\".repeat(60_000)}`,
      "a ".repeat(30_000),
      "=,".repeat(30_000),
    ];
    const startedMs = performance.now();
    for (const header of nasty) parseChallenges(header);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });
});
