import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { liveScript } from "./page.ts";

const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
const liveHash = createHash("sha256").update(liveScript).digest("base64");

/** What a route answers with: a value, written by the router. */
export interface PageReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const json = (
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): PageReply => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store", ...headers },
  body: JSON.stringify(value),
});

/** As `html`, for a page that looks again by itself: of all scripts that one alone runs, and it asks this place alone. */
export const liveHtml = (status: number, page: string): PageReply => ({
  status,
  headers: {
    ...pageHeaders,
    "content-security-policy": `${policy}; script-src 'sha256-${liveHash}'; connect-src 'self'`,
  },
  body: page,
});

export const html = (status: number, page: string): PageReply => ({
  status,
  headers: { ...pageHeaders },
  body: page,
});

/** After a form: 303, so that going back or reloading never sends it again. */
export const seeOther = (location: string): PageReply => ({ status: 303, headers: { location }, body: "" });

/** An OAuth error (RFC 6749 section 5.2). The description is for people. */
export const oauthError = (
  status: number,
  error: string,
  description: string,
  headers: Readonly<Record<string, string>> = {},
): PageReply => json(status, { error, error_description: description }, headers);

/** Headers of every page: nothing is loaded, nothing frames it, nothing is kept. */
export const pageHeaders: Readonly<Record<string, string>> = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy": policy,
  // Not "no-referrer": with it a form is posted with `Origin: null`, which looks like another site.
  "referrer-policy": "same-origin",
  "x-content-type-options": "nosniff",
};

export const writeReply = (response: ServerResponse, reply: PageReply): void => {
  if (response.writableEnded || response.destroyed) return;
  response.writeHead(reply.status, { ...reply.headers, "content-length": Buffer.byteLength(reply.body) });
  response.end(reply.body);
};
