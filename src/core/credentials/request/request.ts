import { Secret } from "../../secret.ts";
import type { JsonTemplate, RequestDeclaration } from "../declaration.ts";
import { isToken, sendableValue } from "../headers.ts";
import { fillTemplate, parseTemplate, type Lookup } from "./template.ts";
import { isVariableName, type Variables } from "./variables.ts";

/** A request as it goes out: its headers and body hold the user's token, so it lives for one call only. */
export interface OutgoingRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whether it may be sent once more where nobody knows whether it has arrived. */
  readonly repeatable: boolean;
}

export type BuiltRequest =
  | { readonly kind: "request"; readonly request: OutgoingRequest }
  /** The words hold no value of a variable. */
  | { readonly kind: "problem"; readonly template: string; readonly args: readonly string[] };

/**
 * Fills a request in. A header, form field or JSON member whose variable has no value is left out; a URL without
 * its values, or one that a value would lead elsewhere, is a problem.
 */
export const buildRequest = (declared: RequestDeclaration, variables: Variables): BuiltRequest => {
  const lookup = lookupIn(variables);
  const url = buildUrl(declared.url, lookup);
  if (url === undefined) {
    return {
      kind: "problem",
      template: "The URL of the request cannot be made from {0}.",
      args: [declared.url],
    };
  }
  const { headers, unsendable } = buildHeaders(declared.headers, lookup);
  if (unsendable !== undefined) {
    return { kind: "problem", template: 'The request header "{0}" cannot be sent.', args: [unsendable] };
  }
  const { method, repeatable = false } = declared;
  const { contentType, body } = buildBody(declared, lookup);
  if (body === undefined) return { kind: "request", request: { method, url, headers, repeatable } };
  return {
    kind: "request",
    request: { method, url, headers: { ...headers, "content-type": contentType }, body, repeatable },
  };
};

const lookupIn =
  (variables: Variables): Lookup =>
  (part) => {
    if (part.kind === "pointer" || !isVariableName(part.name)) return undefined;
    const value = variables[part.name];
    return value instanceof Secret ? value.reveal() : value;
  };

const fill = (text: string, lookup: Lookup, encode?: (value: string) => string): string | undefined => {
  const template = parseTemplate(text);
  return template === undefined ? undefined : fillTemplate(template, lookup, encode);
};

const loneSurrogate = /\p{Surrogate}/gu;
const encodeValue = (value: string): string => encodeURIComponent(value.replace(loneSurrogate, "\ufffd"));

/** `.` and `..` climb even when percent-encoded (WHATWG URL, double-dot path segment). */
const climbing = /(?:^|[/\\])(?:\.|%2e){1,2}(?=$|[/\\?#])/i;

const buildUrl = (text: string, lookup: Lookup): string | undefined => {
  const url = fill(text, lookup, encodeValue);
  return url === undefined || climbing.test(url) || !URL.canParse(url) ? undefined : url;
};

const buildHeaders = (
  declared: Readonly<Record<string, string>>,
  lookup: Lookup,
): { readonly headers: Readonly<Record<string, string>>; readonly unsendable?: string } => {
  const headers: [string, string][] = [];
  for (const [name, text] of Object.entries(declared)) {
    const value = fill(text, lookup);
    if (value === undefined) continue;
    if (!isToken(name) || !sendableValue(value)) return { headers: {}, unsendable: name };
    headers.push([name.toLowerCase(), value]);
  }
  return { headers: Object.fromEntries(headers) };
};

const buildBody = (
  { form, json }: RequestDeclaration,
  lookup: Lookup,
): { readonly contentType: string; readonly body?: string } => {
  if (json !== undefined) {
    return { contentType: "application/json", body: JSON.stringify(fillJson(json, lookup) ?? null) };
  }
  if (form === undefined) return { contentType: "" };
  const fields = Object.entries(form).flatMap(([name, text]) => {
    const value = fill(text, lookup);
    return value === undefined ? [] : [[name, value]];
  });
  return { contentType: "application/x-www-form-urlencoded", body: new URLSearchParams(fields).toString() };
};

const fillJson = (value: JsonTemplate, lookup: Lookup): unknown => {
  if (typeof value === "string") return fill(value, lookup);
  if (isList(value)) return value.map((item) => fillJson(item, lookup)).filter((item) => item !== undefined);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).map(([name, item]) => [name, fillJson(item, lookup)] as const);
  return Object.fromEntries(members.filter(([, item]) => item !== undefined));
};

/** `Array.isArray` does not narrow readonly arrays. */
const isList = (value: JsonTemplate): value is readonly JsonTemplate[] => Array.isArray(value);
