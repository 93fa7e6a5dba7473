import type { Fetch } from "./ports.ts";

/** W3C Trace Context, level 1: `traceparent: 00-<trace id>-<parent id>-01`. */
export interface Trace {
  /** 32 lower-case hex digits: the id to give to the IdP's administrators. */
  readonly traceId: string;
  /** The header's value for one request; each call makes a parent id of its own. */
  traceparent(): string;
}

const hex = (bytes: number): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");

export const startTrace = (traceId: string = hex(16)): Trace => ({
  traceId,
  traceparent: () => `00-${traceId}-${hex(8)}-01`,
});

/** A fetch whose every request carries a trace: the one it comes with, else `trace`, else one of its own. */
export const withTrace =
  (fetch: Fetch, trace?: Trace): Fetch =>
  (url, init) => {
    const headers = new Headers(init?.headers);
    if (!headers.has("traceparent")) headers.set("traceparent", (trace ?? startTrace()).traceparent());
    return fetch(url, { ...init, headers });
  };
