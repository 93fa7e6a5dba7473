import { expand } from "./expand.ts";

/**
 * The sentence that an entry holds under each header that its source sets. The line feed inside makes it a value that no
 * HTTP client sends (RFC 9110, section 5.5), so that a client whose helper fails, is missing or is never called refuses
 * on its own side. It holds no character above U+00FF: clients name that instead of showing the sentence.
 */
export const guardSentence = "No credential.\nOpen this folder in VS Code and sign in with Lanyard.";

/** What is left of a value whatever its variables turn out to be. */
const fixedText = (value: string): string => {
  const { unresolved } = expand(value, () => undefined);
  let kept = "";
  let done = 0;
  for (const { offset, length } of unresolved) {
    kept += value.slice(done, offset);
    done = offset + length;
  }
  return kept + value.slice(done);
};

/** A default counts as gone: the variable may be set. */
const withoutVariables = (value: string): string => value.replaceAll(/\$\{[^}]*\}/g, "");

/** Whether every HTTP client refuses the value: CR, LF or NUL inside. At the ends clients trim line breaks, and send the rest. */
export const isUnsendable = (value: string): boolean =>
  /[\r\n\0]/.test(withoutVariables(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, ""));

const scheme = /^(?:bearer|basic|token|dpop|apikey)(?:\s|$)/i;
const prose = /^(?:\p{L}[\p{L}'’-]*[.,;:!?]?\s+){2,}\p{L}[\p{L}'’-]*[.,;:!?]?$/u;

/**
 * Whether a value looks as if it were meant to keep clients from sending it, and some client sends it: a tab, DEL or
 * another control character, a line feed at the end, letters beyond ASCII, a plain sentence.
 */
export const isLookAlike = (value: string): boolean =>
  !isUnsendable(value) &&
  !scheme.test(value.trim()) &&
  (/[^\x20-\x7e]/.test(value) || prose.test(value.trim()));

/** Whether anything is left beside the scheme (RFC 9110 section 11.4) once the variables without a default are gone. */
export const isLiteralCredential = (authorization: string): boolean => {
  if (isUnsendable(authorization) || isLookAlike(authorization)) return false;
  const rest = fixedText(authorization).trim();
  return rest !== "" && !/^(?:bearer|basic|token|dpop|apikey)$/i.test(rest);
};
