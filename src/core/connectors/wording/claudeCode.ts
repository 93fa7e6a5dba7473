/**
 * What Claude Code does to a text before a person sees it: seen with versions 2.1.280 to 2.1.332, others may differ.
 * Every percent escape is decoded, also in URLs; the path of the connector's URL, each of its segments of four
 * characters or more, and each word so long of a header that the entry itself sets (its guard) is replaced by
 * "[redacted]" wherever it occurs, in the middle of a word and of a URL too, whatever its case. A connector whose URL
 * has a query gets no text of ours shown at all.
 */
import { guardSentence } from "../../config/entry/headerValue.ts";

const shortestHidden = 4;

/** Whether a link in a refusal for this connector can be opened as Claude Code shows it. */
export const survivesClaudeCode = (link: string, connectorUrl: string): boolean => {
  const shown = decoded(link);
  if (/[\s"'<>`]/.test(shown)) return false;
  const lower = shown.toLowerCase();
  return isSameAddress(link, shown) && !hiddenParts(connectorUrl).some((part) => lower.includes(part));
};

const guardWords: readonly string[] = guardSentence.toLowerCase().split(/\s+/);

const hiddenParts = (connectorUrl: string): readonly string[] => {
  const path = decoded(URL.parse(connectorUrl)?.pathname ?? "").toLowerCase();
  return [path, ...path.split("/"), ...guardWords].filter((part) => part.length >= shortestHidden);
};

/** Decodes as often as there is something to decode; what cannot be decoded stays. */
const decoded = (text: string): string => {
  let last = text;
  for (;;) {
    const next = decodedOnce(last);
    if (next === last) return next;
    last = next;
  }
};

const decodedOnce = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** An escape may have stood for a character that means something in a URL. */
const isSameAddress = (link: string, shown: string): boolean => {
  const [a, b] = [URL.parse(link), URL.parse(shown)];
  if (a === null || b === null) return false;
  const parts = (url: URL): string =>
    JSON.stringify([url.origin, decodedOnce(url.pathname), [...url.searchParams], decodedOnce(url.hash)]);
  return parts(a) === parts(b);
};
