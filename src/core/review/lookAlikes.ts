import { codePoint } from "./html.ts";

/** Scripts with letters that look like those of another one. */
const scripts = ["Latin", "Cyrillic", "Greek", "Armenian", "Cherokee", "Coptic", "Georgian"] as const;
const tests = scripts.map((script) => [script, new RegExp(`\\p{Script=${script}}`, "u")] as const);

/**
 * What in a text may look like something else: words of letters of several scripts, and letters that are another
 * letter's shape (full width, mathematical). By their numbers, each once; empty where nothing does.
 */
export const lookAlikes = (text: string): readonly string[] => {
  const words = text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  const odd = words.flatMap((word) => {
    const letters = Array.from(word);
    const present = tests.filter(([, test]) => test.test(word));
    const isMixed = present.length > 1;
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
  const name = host.replace(/:\d+$/, "");
  if (/^\[|^[\d.]+$/.test(name)) return name;
  const labels = name.split(".");
  const [second = "", top = ""] = labels.slice(-2);
  return labels.slice(top.length === 2 && secondLevels.test(second) ? -3 : -2).join(".");
};
