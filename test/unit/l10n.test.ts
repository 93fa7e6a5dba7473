import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { readBundle, type Bundle } from "../../scripts/l10n.ts";
import { findStrings, type FoundStrings } from "../../scripts/l10n/strings.ts";
import { inRoot } from "../../scripts/support/paths.ts";
import { sentenceFor } from "../../src/core/connectors/sentences.ts";
import { unsendableHeader } from "../../src/core/connectors/wording/unsendable.ts";
import { resultPage } from "../../src/core/identity/resultPage.ts";
import { english, type Translate } from "../../src/core/text.ts";

const languages = readdirSync(inRoot("l10n")).flatMap(
  (file) => /^bundle\.l10n\.(.+)\.json$/.exec(file)?.[1] ?? [],
);

const bundleOf = (language: string): Promise<Bundle> =>
  readBundle(inRoot(`l10n/bundle.l10n.${language}.json`));

/** The places that arguments fill, and the names in braces that stand for themselves. */
const placesIn = (text: string): readonly string[] => text.match(/\{\w+\}/g)?.sort() ?? [];

const isChinese = (text: string): boolean => /\p{Script=Han}/u.test(text);

/** What the translation of a sentence may have in common with it: names, places and signs, but no words. */
const hasWords = (text: string): boolean => /[a-z]{3}/.test(text.replace(/\{\w+\}/g, ""));

/** A release refuses what is named here (`npm run l10n -- --complete`); a change need not know every language. */
const warnOfMissing = (file: string, keys: readonly string[], bundle: Bundle): void => {
  const missing = keys.filter((key) => bundle[key] === undefined);
  if (missing.length > 0) console.warn(`${file} lacks ${missing.length}:\n${missing.join("\n")}`);
};

let found: FoundStrings;
beforeAll(() => {
  found = findStrings();
}, 240_000);

test("there is a Simplified Chinese translation", () => {
  expect(languages).toContain("zh-cn");
});

describe("the sentences of the code", () => {
  test("can all be told from the code: `npm run l10n` names those that cannot", () => {
    expect(found.unresolved).toEqual([]);
    expect(found.strings.length).toBeGreaterThan(500);
  });

  test("are in the list for translators, neither more nor less", async () => {
    const list = await readBundle(inRoot("l10n/bundle.l10n.json"));
    expect(Object.keys(list)).toEqual(found.strings);
    expect(Object.entries(list).filter(([key, value]) => key !== value)).toEqual([]);
  });

  describe.each(languages)("in %s", (language) => {
    let bundle: Bundle;
    beforeAll(async () => {
      bundle = await bundleOf(language);
    });

    test("each translation belongs to a sentence; a sentence without one is a warning until a release", () => {
      const sentences = new Set(found.strings);
      expect(Object.keys(bundle).filter((key) => !sentences.has(key))).toEqual([]);
      warnOfMissing(`l10n/bundle.l10n.${language}.json`, found.strings, bundle);
    });

    test("each has the same places for what is filled in", () => {
      for (const [source, translation] of Object.entries(bundle)) {
        expect(placesIn(translation), source).toEqual(placesIn(source));
      }
    });

    test("each ends as its source does: others are put after it, or ask for more", () => {
      const ends = [/[.。]$/, /…$/, /[?？]$/, /[:：]$/, /\s$/];
      for (const [source, translation] of Object.entries(bundle)) {
        for (const end of ends.filter(() => !/“.*…”/.test(translation))) {
          expect(end.test(translation), source).toBe(end.test(source));
        }
      }
    });
  });

  test("are Chinese in the Chinese translation", async () => {
    const foreign = Object.entries(await bundleOf("zh-cn")).filter(
      ([source, translation]) => hasWords(source) && !isChinese(translation),
    );
    expect(foreign).toEqual([]);
  });
});

/** What people read of a manifest: every string under one of these names, and every string in these lists. */
const readable =
  /^(?:displayName|description|markdownDescription|deprecationMessage|markdownDeprecationMessage|errorMessage|patternErrorMessage|title|shortTitle|label|name|contextualTitle|category|contents|altText|enumDescriptions|markdownEnumDescriptions|enumItemLabels)$/;

const textsIn = (value: unknown, name: string, path: string): readonly (readonly [string, string])[] => {
  if (typeof value === "string") return readable.test(name) ? [[path, value]] : [];
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) => textsIn(item, name, `${path}[${index}]`));
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textsIn(inner, key, `${path}.${key}`));
};

describe("the texts of the manifest", () => {
  const manifest = JSON.parse(readFileSync(inRoot("package.json"), "utf8")) as Record<string, unknown>;
  const { displayName, description, contributes, capabilities } = manifest;
  const texts = textsIn({ displayName, description, contributes, capabilities }, "", "package.json");
  const keys = [...new Set(texts.flatMap(([, text]) => /^%(.+)%$/.exec(text)?.[1] ?? []))].sort();

  test("all stand in package.nls.json", () => {
    expect(texts.length).toBeGreaterThan(60);
    expect(texts.filter(([, text]) => !/^%[^%]+%$/.test(text))).toEqual([]);
  });

  test("each has an entry in package.nls.json, and none is left over", async () => {
    expect(Object.keys(await readBundle(inRoot("package.nls.json"))).sort()).toEqual(keys);
  });

  test.each(languages)(
    "none is left over in %s, and a missing one is a warning until a release",
    async (language) => {
      const file = `package.nls.${language}.json`;
      const bundle = await readBundle(inRoot(file));
      expect(Object.keys(bundle).filter((key) => !keys.includes(key))).toEqual([]);
      warnOfMissing(file, keys, bundle);
    },
  );

  test.each(languages)("keep their commands, addresses, settings and line breaks in %s", async (language) => {
    const sources = await readBundle(inRoot("package.nls.json"));
    const kept = (text: string | undefined): readonly string[] =>
      (text?.match(/\]\([^)]+\)|`[^`]+`|\$\([\w-]+\)|\n/g) ?? []).sort();
    for (const [key, translation] of Object.entries(
      await readBundle(inRoot(`package.nls.${language}.json`)),
    )) {
      expect(kept(translation), key).toEqual(kept(sources[key]));
    }
  });

  test("are found by the editor where the manifest says that translations are", () => {
    expect(manifest["l10n"]).toBe("./l10n");
  });
});

describe("a window in Chinese", () => {
  let t: Translate;
  beforeAll(async () => {
    const bundle = await bundleOf("zh-cn");
    t = (template, ...args) => english(bundle[template] ?? template, ...args);
  });

  test("shows the page after the sign-in in Chinese, and says so to screen readers", () => {
    const template = readFileSync(inRoot("media/sign-in-result.html"), "utf8");
    const page = resultPage({ template, lang: "zh-cn", translate: t });
    const html = page(
      {
        kind: "failed",
        failure: "denied",
        template: "The sign-in at {0} was cancelled.",
        args: ["idp.example"],
      },
      "nonce",
    );
    expect(html).toContain('<html lang="zh-cn">');
    expect(html).toContain("<title>你未登录</title>");
    expect(html).toContain("已取消在 idp.example 的登录。");
    expect(html).toContain("可以关闭此页面并返回编辑器。");
  });

  test.each([
    ["A policy refuses access.", "已被策略拒绝 (策略拒绝访问)。"],
    ["Slack is open to the support team.", "已被策略拒绝 (Slack is open to the support team)。"],
  ])("says a reason of Lanyard's own in Chinese, and a vault's as it stands: %s", (reason, sentence) => {
    expect(sentenceFor({ kind: "denied", by: "policy", reason }, t, 0)).toBe(sentence);
  });

  test("still refuses Claude Code by a header that no client can send", () => {
    const told = t("Lanyard sends nothing. {0}", t("{0}.", t("Not checked yet")));
    const [name = ""] = Object.keys(JSON.parse(unsendableHeader(told)) as object);
    expect(name).toBe("Lanyard 不发送任何内容。尚未检查。");
    expect(() => new Headers({ [name]: "" })).toThrow(TypeError);
  });
});
