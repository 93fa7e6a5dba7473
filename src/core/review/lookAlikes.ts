import { codePoint } from "./html.ts";

/** Scripts with letters that look like those of another one. */
const scripts = ["Latin", "Cyrillic", "Greek", "Armenian", "Cherokee", "Coptic", "Georgian"] as const;
const tests = scripts.map((script) => [script, new RegExp(`\\p{Script=${script}}`, "u")] as const);

/** A word that reads as Latin to the last letter, and has none (UTS 39, whole-script confusables; what fonts draw alike). */
const readsAsLatin =
  /^[\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0456\u0458\u0455\u04bb\u04cf\u0501\u051b\u051d\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0406\u0408\u0405\u03bf\u03b1\u03b9\u03c5\u03bd\u03ba\u03c1\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\p{N}]+$/u;

/**
 * What in a text may look like something else: words of letters of several scripts, words of another script that read as
 * Latin, and letters that are another letter's shape (full width, mathematical). By their numbers, each once; empty
 * where nothing does.
 */
export const lookAlikes = (text: string): readonly string[] => {
  const words = text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  const odd = words.flatMap((word) => {
    const letters = Array.from(word);
    const present = tests.filter(([, test]) => test.test(word));
    const isMixed = present.length > 1 || (present.length === 1 && readsAsLatin.test(word));
    return letters.filter(
      (letter) =>
        (isMixed && /[^\p{Script=Latin}\p{N}]/u.test(letter)) || letter !== letter.normalize("NFKC"),
    );
  });
  return [...new Set(odd)].map((letter) => {
    const script = tests.find(([, test]) => test.test(letter))?.[0];
    return script === undefined ? codePoint(letter) : `${codePoint(letter)} (${script})`;
  });
};

/** Second levels under which a country's registry hands out names: `example.co.uk`. */
const secondLevels = /^(?:ac|co|com|edu|gob|gov|gouv|go|ltd|me|mil|ne|net|nic|nom|or|org|plc|sch)$/;

/**
 * The part of a host that somebody registered, by a rule: the last two labels, or three where the last is a country
 * and the one before it a common second level. The whole of a host that is an address or has no more labels.
 */
export const registrableDomain = (host: string): string => {
  const name = host.replace(/:\d+$/, "").replace(/\.$/, "");
  if (/^\[|^[\d.]+$/.test(name)) return name;
  const labels = name.split(".");
  const [second = "", top = ""] = labels.slice(-2);
  return labels.slice(top.length === 2 && secondLevels.test(second) ? -3 : -2).join(".");
};
