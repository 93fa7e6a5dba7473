import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codePoint, foreign, markup } from "../../../../src/core/review/html.ts";
import { hostileTexts } from "../../../support/hostile.ts";

/** The text that a browser shows of markup without attributes. */
const shownOf = (html: string): string =>
  html
    .replace(/<\/?span(?: class="odd")?>/g, "")
    .replace(
      /&(amp|lt|gt|quot|#39);/g,
      (_whole, name: string) => ({ amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" })[name] ?? "",
    );

describe("what is put into a template", () => {
  test.each([
    ["markup", "<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"],
    ["the end of an attribute", `" onclick="x`, "&quot; onclick=&quot;x"],
    ["the end of another attribute", "' onclick='x", "&#39; onclick=&#39;x"],
    ["what is escaped already", "&lt;b&gt;", "&amp;lt;b&amp;gt;"],
    ["a number", 7, "7"],
    ["nothing", "", ""],
  ])("is text: %s", (_what, value, html) => {
    expect(markup`<b>${value}</b>`.toString()).toBe(`<b>${html}</b>`);
  });

  test("is markup where a template made it, alone and in a list", () => {
    const inner = markup`<i>${"<"}</i>`;
    expect(markup`<b>${inner}${[inner, inner]}</b>`.toString()).toBe(`<b>${"<i>&lt;</i>".repeat(3)}</b>`);
  });

  test("reads back as what it was, and is never markup of its own", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const html = markup`${text}`.toString();
        expect(html).not.toMatch(/[<>"']/);
        expect(shownOf(html)).toBe(text);
      }),
    );
  });
});

describe("text from outside", () => {
  test.each([
    ["a blank", "a b", "a b"],
    ["a space that is none", "a\u00a0b", `a<span class="odd">U+00A0</span>b`],
    ["what turns the line round", "\u202egnp", `<span class="odd">U+202E</span>gnp`],
    ["a line's end", "a\nb", `a<span class="odd">U+000A</span>b`],
    ["what has no width", "pay\u200bpal", `pay<span class="odd">U+200B</span>pal`],
    ["a character above the first plane", "\u{e0041}", `<span class="odd">U+E0041</span>`],
    ["half a character", "\ud83d", `<span class="odd">U+D83D</span>`],
    ["the blank of Braille", "\u2800", `<span class="odd">U+2800</span>`],
    ["marks as scripts write them", "e\u0301\u0302\u0303\u0304", "e\u0301\u0302\u0303\u0304"],
    [
      "marks in a pile",
      "e\u0301\u0302\u0303\u0304\u0305\u0306",
      `e\u0301\u0302\u0303\u0304<span class="odd">U+0305</span><span class="odd">U+0306</span>`,
    ],
  ])("shows %s", (_what, text, html) => {
    expect(foreign(text).toString()).toBe(html);
  });

  test.each(hostileTexts)("holds nothing that hides or is markup: %s", (_kind, text) => {
    const html = foreign(text).toString();
    expect(html.replaceAll('<span class="odd">', "").replaceAll("</span>", "")).not.toMatch(/[<>"']/);
    expect(html).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{DI}\u2800]|\p{M}{5}/u);
  });

  test("two texts that differ look different", () => {
    const text = fc.string({ unit: fc.constantFrom("a", " ", "\u00a0", "\u202e", "\u0301", "U+00A0", "<") });
    fc.assert(
      fc.property(text, text, (a, b) => {
        fc.pre(a !== b);
        expect(foreign(a).toString()).not.toBe(foreign(b).toString());
      }),
    );
  });
});

test.each([
  ["a", "U+0061"],
  ["\u202e", "U+202E"],
  ["\u{1f600}", "U+1F600"],
  ["", "U+0000"],
])("the number of %j is %s", (character, number) => {
  expect(codePoint(character)).toBe(number);
});
