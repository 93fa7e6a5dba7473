import { isSecureUrl } from "../../urls.ts";
import { parseChallenge, type Challenge } from "./challenge.ts";
import { pageIn, type Page } from "./page.ts";

/** What came back, as rules see it. */
export interface VaultReply {
  readonly status: number;
  /** The JSON document; `undefined` when the body is not JSON. */
  readonly body: unknown;
  /** The `WWW-Authenticate` challenge that says most about a token. */
  readonly challenge: Challenge | undefined;
  readonly retryAfterMs: number | undefined;
  /** Set where the body is meant for people: the words of what stands before the vault, not its own. */
  readonly page?: Page;
}

/** How a body is read; undefined for one that is none of a vault's. */
export type ReadBody = "json" | "jsonOrForm" | ((text: string) => unknown);

/** Reads a whole reply. The body is taken for JSON whatever its content type says: many vaults mislabel theirs. */
export const readReply = async (
  response: Response,
  replies: ReadBody,
  nowMs: number,
): Promise<VaultReply> => {
  const { status, headers } = response;
  const text = await response.text();
  const body = typeof replies === "function" ? replies(text) : parseBody(text, replies);
  const page = pageIn(headers, text, body);
  return {
    status,
    body,
    challenge: parseChallenge(headers.get("www-authenticate")),
    retryAfterMs: parseRetryAfter(headers.get("retry-after"), nowMs),
    ...(page === undefined ? {} : { page }),
  };
};

export const parseBody = (text: string, replies: "json" | "jsonOrForm"): unknown => {
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch {
    const isForm = replies === "jsonOrForm" && /^[\w.~%+-]+=[^<>\s]*$/.test(text.trim());
    return isForm ? Object.fromEntries(new URLSearchParams(text.trim())) : undefined;
  }
};

const dayMs = 24 * 60 * 60 * 1000;

/** RFC 9110, section 10.2.3: seconds or a date. At most a day. */
export const parseRetryAfter = (header: string | null, nowMs: number): number | undefined => {
  if (header === null) return undefined;
  const text = header.trim();
  if (!/^(?:\d+|[A-Za-z]+,? .*)$/.test(text)) return undefined;
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isFinite(waitMs) ? Math.min(Math.max(0, waitMs), dayMs) : undefined;
};

/** A string that is not empty. */
export const textAt = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** A count of seconds, as a number or in digits. */
export const secondsAt = (value: unknown): number | undefined => {
  const seconds = typeof value === "string" && /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
  return typeof seconds === "number" && Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
};

/** A URL that may be shown to a person to open: https, or http on this machine. */
export const safeUrlAt = (value: unknown): string | undefined => {
  if (typeof value !== "string" || value.length > 4096) return undefined;
  const url = URL.parse(value);
  return url !== null && isSecureUrl(url) ? url.href : undefined;
};
