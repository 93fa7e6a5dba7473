import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lookAlikes, registrableDomain } from "../../../../src/core/review/lookAlikes.ts";

describe("letters that look like others", () => {
  test.each([
    ["plain words", "github mcp.acme.example/v1?x=1", []],
    ["words with accents", "Müller café naïve Ångström", []],
    ["words of one other script", "Привет Ελληνικά 日本語 العربية", []],
    ["a word of each of two scripts", "github Привет", []],
    ["digits beside letters", "v2 2024 ты2", []],
    ["one Cyrillic letter in a Latin word", "p\u0430ypal", ["U+0430 (Cyrillic)"]],
    ["two, each once", "p\u0430yp\u0430l \u0435x\u0430mple", ["U+0430 (Cyrillic)", "U+0435 (Cyrillic)"]],
    ["a Greek letter in a Latin word", "g\u03bfogle", ["U+03BF (Greek)"]],
    ["an Armenian one", "g\u0585ogle", ["U+0585 (Armenian)"]],
    ["a Cherokee one", "\u13a2BM", ["U+13A2 (Cherokee)"]],
    [
      "a word that is Latin to the eye alone",
      "\u0430\u0440\u0440\u04cf\u0435",
      ["U+0430 (Cyrillic)", "U+0440 (Cyrillic)", "U+04CF (Cyrillic)", "U+0435 (Cyrillic)"],
    ],
    ["the same in Greek", "\u03a4\u039f\u03a1", ["U+03A4 (Greek)", "U+039F (Greek)", "U+03A1 (Greek)"]],
    ["letters of full width", "\uff47ithub", ["U+FF47 (Latin)"]],
    ["mathematical letters", "\u{1d420}ithub", ["U+1D420"]],
    ["a ligature", "o\ufb03ce", ["U+FB03 (Latin)"]],
    ["nothing", "", []],
  ])("%s", (_what, text, expected) => {
    expect(lookAlikes(text)).toEqual(expected);
  });

  test("no text of ASCII has any", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii" }), (text) => {
        expect(lookAlikes(text)).toEqual([]);
      }),
    );
  });

  test("a letter of another script in a Latin word is always found", () => {
    const strange = fc.constantFrom("\u0430", "\u03bf", "\u0585", "\u13a2", "\u2c81", "\u10d8");
    const latin = fc.string({ unit: fc.constantFrom("a", "b", "c", "x", "y", "z"), minLength: 1 });
    fc.assert(
      fc.property(latin, strange, latin, (before, letter, after) => {
        expect(lookAlikes(`${before}${letter}${after}`)).toHaveLength(1);
      }),
    );
  });
});

describe("whose a host is", () => {
  test.each([
    ["example.com", "example.com"],
    ["mcp.example.com", "example.com"],
    ["mcp.example.com:8443", "example.com"],
    ["vault.acme.com.attacker.example", "attacker.example"],
    ["login.acme.co.uk", "acme.co.uk"],
    ["acme.co.uk", "acme.co.uk"],
    ["co.uk", "co.uk"],
    ["a.b.gouv.fr", "b.gouv.fr"],
    ["a.co.example", "co.example"],
    ["a.acme.uk", "acme.uk"],
    ["evil.example.", "evil.example"],
    ["a.evil.example.:443", "evil.example"],
    ["localhost", "localhost"],
    ["localhost:3000", "localhost"],
    ["127.0.0.1:8080", "127.0.0.1"],
    ["10.1.2.3", "10.1.2.3"],
    ["10.evil.example", "evil.example"],
    ["[::1]:8080", "[::1]"],
    ["xn--80ak6aa92e.example", "xn--80ak6aa92e.example"],
    ["login.xn--cme-5cd.example", "xn--cme-5cd.example"],
    ["", ""],
  ])("%s is of %s", (host, domain) => {
    expect(registrableDomain(host)).toBe(domain);
  });

  test("it is the end of the host, and at most three labels", () => {
    fc.assert(
      fc.property(fc.domain(), (host) => {
        const domain = registrableDomain(host);
        expect(host.endsWith(domain)).toBe(true);
        expect(domain.split(".").length).toBeLessThanOrEqual(3);
      }),
    );
  });
});
