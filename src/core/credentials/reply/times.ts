/** The last millisecond that a `Date` can hold: what lies beyond is no end that anybody lives to see. */
const lastMs = 8.64e15;

/** A count since the epoch: seconds until the year 5138, then milliseconds, microseconds, nanoseconds. */
const units: readonly (readonly [below: number, perMs: number])[] = [
  [1e11, 1e-3],
  [1e14, 1],
  [1e17, 1e3],
  [Infinity, 1e6],
];

const written =
  /^(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?(?:[.,](\d+))?\s*(?:([Zz]|UTC|GMT)|([+-]\d\d):?(\d\d)?(?:\s+[A-Z]{2,5})?)?$/;

/** Fixed form of HTTP (RFC 9110, section 5.6.7): always UTC. */
const httpDate = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/** What stands for "no end": zero, and the smallest and the largest time of Go and .NET, as counts and as dates. */
const noEnds: ReadonlySet<number> = new Set([0, -62_135_596_800, -62_135_596_800_000, 253_402_300_799]);
const isNoEnd = (ms: number): boolean => ms === 0 || ms < -62_135_510_400_000 || ms >= 253_370_764_800_000;

const countOf = (value: unknown): number | undefined => {
  const count = typeof value === "string" && /^-?\d+(?:\.\d+)?$/.test(value.trim()) ? Number(value) : value;
  return typeof count === "number" && Number.isFinite(count) ? count : undefined;
};

const msOfCount = (count: number): number | undefined => {
  if (count < 0) return undefined;
  const perMs = units.find(([below]) => count < below)?.[1] ?? 1;
  return count / perMs;
};

const msOfText = (text: string): number | undefined => {
  if (httpDate.test(text)) return Date.parse(text);
  const [, day, minutes, seconds, fraction = "", utc, hours, rest] = written.exec(text.trim()) ?? [];
  if (day === undefined || minutes === undefined) return undefined;
  // Without a zone it is UTC: what vaults write so comes from a clock that knows no other, never from this laptop's.
  const zone = utc !== undefined || hours === undefined ? "Z" : `${hours}:${rest ?? "00"}`;
  const time = Date.parse(
    `${day}T${minutes}${seconds ?? ":00"}.${fraction.slice(0, 3).padEnd(3, "0")}${zone}`,
  );
  return Number.isNaN(time) ? undefined : time;
};

/**
 * A point in time, in milliseconds: a count since the epoch as a number or in digits, RFC 3339 and what is written like
 * it, or HTTP's date. `never` where the value is one of those that say that there is no end.
 */
export const momentAt = (value: unknown): number | "never" | undefined => {
  const count = countOf(value);
  if (count !== undefined && noEnds.has(count)) return "never";
  const ms =
    count === undefined ? (typeof value === "string" ? msOfText(value) : undefined) : msOfCount(count);
  if (ms === undefined) return undefined;
  return isNoEnd(ms) || Math.abs(ms) > lastMs ? "never" : Math.floor(ms);
};

/** The moment so many seconds from now; `never` for one that no clock comes to. */
export const momentAfter = (seconds: number, nowMs: number): number | "never" => {
  const ms = nowMs + seconds * 1000;
  return ms >= 253_370_764_800_000 ? "never" : Math.floor(ms);
};
