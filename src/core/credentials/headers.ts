import { Secret } from "../secret.ts";
import { plainText } from "../text.ts";
import type { CredentialHeaders } from "./grant.ts";

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Visible ASCII with inner blanks: the part of a field value that every HTTP client sends as it is. */
const fieldValue = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/;
const maxHeaders = 32;
const maxNameLength = 128;
const maxValueLength = 32 * 1024;

/**
 * Names that no vault or script may set: they frame the message or belong to the hop (RFC 9110, section 7.6.1),
 * or they are the MCP transport's own (`Mcp-Session-Id`, `Mcp-Protocol-Version`, `Last-Event-ID` …), with which
 * a vault could join one person to another's session. `__proto__` is a valid token that JavaScript trips over.
 */
const forbiddenNames: ReadonlySet<string> = new Set([
  "__proto__",
  "accept-encoding",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "host",
  "http2-settings",
  "keep-alive",
  "last-event-id",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
const forbiddenPrefix = /^(?:mcp-|sec-)/;

/** Whether a name is an RFC 9110 token (section 5.1). */
export const isToken = (name: string): boolean => name.length <= maxNameLength && token.test(name);

/** Whether a header of this name may come out of a credential source. */
export const allowedName = (name: string): boolean => {
  const lower = name.toLowerCase();
  return isToken(name) && !forbiddenNames.has(lower) && !forbiddenPrefix.test(lower);
};

/** Whether a value can be sent as it is (RFC 9110, section 5.5): not empty, no control characters, ASCII. */
export const sendableValue = (value: string): boolean =>
  value.length <= maxValueLength && fieldValue.test(value);

/** Whether a credential source may make this header and every HTTP client will send it. */
export const validHeader = (name: string, value: string): boolean =>
  allowedName(name) && sendableValue(value);

export type HeadersRead =
  | { readonly kind: "headers"; readonly headers: CredentialHeaders }
  /** `template` and `args` say what is wrong, without any value. */
  | { readonly kind: "problem"; readonly template: string; readonly args: readonly (string | number)[] };

const problem = (template: string, ...args: (string | number)[]): HeadersRead => ({
  kind: "problem",
  template,
  args,
});

/** Reads what a vault or script says the headers are: a JSON object of strings, at least one, each sendable. */
export const readHeaders = (given: unknown): HeadersRead => {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    return problem("The headers are not a JSON object of strings.");
  }
  const entries: readonly (readonly [string, unknown])[] = Object.entries(given);
  if (entries.length === 0) return problem("The headers are an empty object: it holds no credential.");
  if (entries.length > maxHeaders) return problem("More than {0} headers were given.", maxHeaders);
  const seen = new Set<string>();
  const headers: [string, Secret][] = [];
  for (const [name, value] of entries) {
    const wrong = wrongWith(name, value, seen);
    if (wrong !== undefined) return wrong;
    if (typeof value === "string") headers.push([name, new Secret(value)]);
    seen.add(name.toLowerCase());
  }
  return { kind: "headers", headers: Object.fromEntries(headers) };
};

const wrongWith = (name: string, value: unknown, seen: ReadonlySet<string>): HeadersRead | undefined => {
  const shown = plainText(name, 60);
  if (!isToken(name)) return problem('"{0}" is not a header name.', shown);
  if (!allowedName(name)) return problem('The header "{0}" may not be set by a credential source.', shown);
  if (seen.has(name.toLowerCase())) return problem('The header "{0}" is given twice.', shown);
  if (typeof value !== "string") return problem('The value of the header "{0}" is not a string.', shown);
  if (/[\r\n]/.test(value)) {
    return problem('The value of the header "{0}" cannot be sent: it holds a line end.', shown);
  }
  if (/^\s|\s$/.test(value)) {
    return problem('The value of the header "{0}" cannot be sent: it begins or ends with a blank.', shown);
  }
  if (!sendableValue(value)) {
    return problem(
      'The value of the header "{0}" cannot be sent: it is empty, too long, or not plain ASCII.',
      shown,
    );
  }
  return undefined;
};
