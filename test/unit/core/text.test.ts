import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { english, inertText, plainText, terminalText } from "../../../src/core/text.ts";
import { dangersInTerminal, dangersOnScreen, hostileTexts } from "../../support/hostile.ts";

describe("English as it stands", () => {
  it.each<[string, (string | number)[], string]>([
    ["Nothing to fill", ["x"], "Nothing to fill"],
    ["{0} of {1}", [1, 8], "1 of 8"],
    ["{1}, {0}, {1}", ["a", "b"], "b, a, b"],
    ["{0} and {1}", ["only"], "only and {1}"],
    ["{0}", [""], ""],
    ["{0}", ["{1}", "never"], "{1}"],
    ["{0}", ["$&"], "$&"],
    ["{10}{1}", ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"], "kb"],
  ])("%s with %j", (template, args, sentence) => {
    expect(english(template, ...args)).toBe(sentence);
  });
});

describe("text from outside", () => {
  it.each([
    ["one line", "a\r\nb\tc", "a b c"],
    ["no terminal sequences", "a\u001b[31mb\u0007", "a [31mb"],
    ["no reversed text", "a\u202egnp.exe\u2066x\u2069", "a gnp.exe x"],
    ["nothing invisible", "pay\u200bpal\ufeff.com\u00ad", "pay pal .com"],
    ["no tags", "a\u{e0041}\u{e0042}b", "a b"],
    ["no halves of characters", "a\ud83db\ude00c", "a b c"],
    ["whole characters", "grün 😀 日本", "grün 😀 日本"],
    ["trimmed", "  \u2028 a  b \n", "a b"],
    ["free of piles", "e\u0301\u0302\u0303\u0304\u0305\u0306x", "e\u0301\u0302\u0303\u0304x"],
    ["as scripts write it", "e\u0301\u0302\u0303\u0304x", "e\u0301\u0302\u0303\u0304x"],
    ["one shape", "a\ufe0fb\ufe01", "ab"],
  ])("becomes %s", (_what, text, plain) => {
    expect(plainText(text)).toBe(plain);
  });

  it("is cut between characters, and says so", () => {
    expect(plainText("abcdef", 6)).toBe("abcdef");
    expect(plainText("abcdefg", 6)).toBe("abcde…");
    expect(plainText("abcd😀fg", 6)).toBe("abcd…");
    expect(plainText("a😀bcdefg", 6)).toBe("a😀bc…");
    expect(plainText("abcd efg", 6)).toBe("abcd…");
  });

  it("is never longer than it may be, never unsafe, and stays what it is when made plain again", () => {
    const anyText = fc.string({ unit: "binary", maxLength: 60 });
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 40 }), (text, maxLength) => {
        const plain = plainText(text, maxLength);
        expect(plain.length).toBeLessThanOrEqual(maxLength);
        expect(plain).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|^ | $| {2}/u);
        expect(plainText(plain, maxLength)).toBe(plain);
      }),
    );
  });
});

describe("the last look before a screen or a terminal", () => {
  it.each(hostileTexts)("leaves nothing to act on of %s", (_kind, text) => {
    expect(dangersOnScreen(inertText(text))).toEqual([]);
    expect(dangersInTerminal(terminalText(text))).toEqual([]);
    expect(dangersInTerminal(plainText(text))).toEqual([]);
    expect(plainText(text)).not.toContain("\n");
  });

  it("knows what the editor makes links and pictures of", () => {
    const seen = hostileTexts.filter(([, text]) => dangersOnScreen(text).length > 0).map(([kind]) => kind);
    expect(hostileTexts.map(([kind]) => kind).filter((kind) => !seen.includes(kind))).toEqual([
      "html",
      "marks in piles",
    ]);
  });

  it.each([
    ["a link", "[Fix it](command:x)", "[Fix it] (command:x)"],
    ["a picture", "$(pass) done", "$ (pass) done"],
    ["brackets that are no link", "a [b] (c) $5", "a [b] (c) $5"],
    ["lines of ours", "one\n\ntwo", "one\n\ntwo"],
  ])("shows %s as words", (_what, text, shown) => {
    expect(inertText(text)).toBe(shown);
    expect(inertText(shown)).toBe(shown);
  });

  it.each([
    ["a terminal's colours", "\u001b[31mred", "\\u001b[31mred"],
    ["a tag", "\u{e0041}", "\\udb40\\udc41"],
    ["lines of ours", "one\ntwo", "one\ntwo"],
    ["other scripts", "grün 日本 😀", "grün 日本 😀"],
  ])("prints %s", (_what, text, printed) => {
    expect(terminalText(text)).toBe(printed);
  });

  it("keeps JSON the same JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "binary" }), (value) => {
        const text = JSON.stringify(value);
        expect(JSON.parse(terminalText(text))).toEqual(JSON.parse(text));
        expect(dangersInTerminal(terminalText(text))).toEqual([]);
      }),
    );
  });

  it("finds no link in whatever text", () => {
    const piece = fc.constantFrom(
      "[",
      "]",
      "(",
      ")",
      "$",
      "command:",
      "https://",
      "a",
      " ",
      "\u200b",
      "\ufe0f",
      "\n",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        expect(dangersOnScreen(inertText(pieces.join("")))).toEqual([]);
      }),
    );
  });
});
