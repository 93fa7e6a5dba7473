import type { Fetch } from "./ports.ts";

/** W3C Trace Context, level 1: `traceparent: 00-<trace id>-<parent id>-01`. */
export interface Trace {
  /** 32 lower-case hex digits: the id to give to the IdP's administrators. */
  readonly traceId: string;
  /** The header's value for one request; each call makes a parent id of its own. */
  traceparent(): string;
}

/** The digits of a random UUID (RFC 9562, section 5.4); its last ones where fewer are wanted. */
const hex = (digits: number): string => crypto.randomUUID().replaceAll("-", "").slice(-digits);

export const startTrace = (traceId: string = hex(32)): Trace => ({
  traceId,
  traceparent: () => `00-${traceId}-${hex(16)}-01`,
});

/** A fetch whose every request carries a trace: the one it comes with, else `trace`, else one of its own. */
export const withTrace =
  (fetch: Fetch, trace?: Trace): Fetch =>
  (url, init) => {
    const headers = new Headers(init?.headers);
    if (!headers.has("traceparent")) headers.set("traceparent", (trace ?? startTrace()).traceparent());
    return fetch(url, { ...init, headers });
  };
