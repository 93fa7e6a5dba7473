import { isSecureUrl } from "../../urls.ts";

/** What came back, as rules see it. */
export interface VaultReply {
  readonly status: number;
  /** The JSON document; `undefined` when the body is none. */
  readonly body: unknown;
  /** The parameters of the first `WWW-Authenticate` challenge, and its scheme as `scheme`. */
  readonly challenge: Readonly<Record<string, string>> | undefined;
  readonly retryAfterMs: number | undefined;
}

/** Reads a whole reply. The body is taken for JSON whatever its content type says: many vaults mislabel theirs. */
export const readReply = async (
  response: Response,
  replies: "json" | "jsonOrForm",
  nowMs: number,
): Promise<VaultReply> => ({
  status: response.status,
  body: parseBody(await response.text(), replies),
  challenge: parseChallenge(response.headers.get("www-authenticate")),
  retryAfterMs: parseRetryAfter(response.headers.get("retry-after"), nowMs),
});

export const parseBody = (text: string, replies: "json" | "jsonOrForm"): unknown => {
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch {
    const isForm = replies === "jsonOrForm" && /^[\w.~%+-]+=[^<>\s]*$/.test(text.trim());
    return isForm ? Object.fromEntries(new URLSearchParams(text.trim())) : undefined;
  }
};

const longestChallenge = 4096;
const parameter = /([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))/g;

/** RFC 9110, section 11.6.1, as far as bearer challenges need it: one scheme and its parameters. */
export const parseChallenge = (header: string | null): Readonly<Record<string, string>> | undefined => {
  const match = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:\s+(.*))?$/s.exec(
    (header ?? "").slice(0, longestChallenge),
  );
  const scheme = match?.[1];
  if (scheme === undefined) return undefined;
  const parameters = Array.from(
    (match?.[2] ?? "").matchAll(parameter),
    ([, name, quoted, plain]): readonly [string, string] => [
      (name ?? "").toLowerCase(),
      quoted?.replace(/\\(.)/g, "$1") ?? plain ?? "",
    ],
  );
  return Object.fromEntries<string>([["scheme", scheme.toLowerCase()], ...parameters]);
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

/** Above it a number counts milliseconds, below it seconds: the year 5138 in one, March 1973 in the other. */
const firstMilliseconds = 100_000_000_000;

/** A point in time: seconds or milliseconds since the epoch, as a number or in digits, or RFC 3339. */
export const timeAt = (value: unknown): number | undefined => {
  const count = secondsAt(value);
  if (count !== undefined) return count < firstMilliseconds ? count * 1000 : count;
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d/.test(value)) return undefined;
  const time = Date.parse(value);
  return Number.isFinite(time) ? time : undefined;
};

/** A URL that may be shown to a person to open: https, or http on this machine. */
export const safeUrlAt = (value: unknown): string | undefined => {
  if (typeof value !== "string" || value.length > 4096) return undefined;
  const url = URL.parse(value);
  return url !== null && isSecureUrl(url) ? url.href : undefined;
};
