import * as z from "zod";
import { boundedFetch } from "../../http.ts";
import type { Clock, Fetch, SignRequest } from "../../ports.ts";
import type { Secret } from "../../secret.ts";
import { startTrace } from "../../trace.ts";

/** How long a facade may hold a poll until there is something to tell. */
const heldSeconds = 30;

const longestCursor = 512;

/** Events that nobody here knows are passed over: a facade may have more to tell than an editor wants to hear. */
const feedReply = z.object({
  events: z
    .array(z.looseObject({ type: z.string(), connector: z.string().optional().catch(undefined) }))
    .max(1000),
  cursor: z.union([z.string().max(longestCursor), z.number()]).transform(String),
});

export interface FeedEvent {
  readonly type: string;
  readonly connector?: string | undefined;
}

/** What one poll came to. */
export type FeedAnswer =
  | { readonly kind: "events"; readonly events: readonly FeedEvent[]; readonly cursor: string }
  /** The token is not accepted: the session may be over. */
  | { readonly kind: "refused" }
  /** The facade does not know the cursor: it no longer tells what happened since. */
  | { readonly kind: "lost" }
  /** There are no events at this address. */
  | { readonly kind: "absent" }
  | { readonly kind: "failed"; readonly retryAfterMs: number };

export interface Poll {
  readonly url: string;
  /** Where the last reply left off; without one, the answer comes at once, and is a place to begin. */
  readonly cursor: string | undefined;
  readonly token: Secret;
  readonly sign: SignRequest | undefined;
  readonly signal: AbortSignal;
}

/**
 * Asks a facade what has happened to the person (docs/facade.md, "Events"): held until something has, or its time is up.
 * @throws LanyardError as `boundedFetch` does.
 */
export const pollEvents = async (
  poll: Poll,
  ports: { readonly fetch: Fetch; readonly clock: Clock },
): Promise<FeedAnswer> => {
  const timeoutMs = (heldSeconds + 10) * 1000;
  const fetch = boundedFetch(ports.fetch, ports.clock, { timeoutMs, maxBytes: 256 * 1024 });
  const url = addressOf(poll);
  const headers = {
    accept: "application/json",
    authorization: `Bearer ${poll.token.reveal()}`,
    traceparent: startTrace().traceparent(),
  };
  const once = async (nonce?: string): Promise<Response> => {
    const proof = await poll.sign?.({ method: "GET", url, headers }, nonce);
    return fetch(url, { headers: { ...headers, ...proof }, signal: poll.signal });
  };
  const first = await once();
  const nonce = first.headers.get("dpop-nonce");
  const wantsNonce = poll.sign !== undefined && nonce !== null && first.status === 401;
  return answerIn(wantsNonce ? await once(nonce) : first);
};

const addressOf = ({ url, cursor }: Poll): string => {
  const address = new URL(url);
  address.searchParams.set("wait", String(cursor === undefined ? 0 : heldSeconds));
  if (cursor !== undefined) address.searchParams.set("after", cursor);
  return address.href;
};

const answerIn = async (response: Response): Promise<FeedAnswer> => {
  switch (response.status) {
    case 200: {
      const read = feedReply.safeParse(await response.json().catch(() => undefined));
      return read.success ? { kind: "events", ...read.data } : { kind: "failed", retryAfterMs: 0 };
    }
    case 401:
    case 403:
      return { kind: "refused" };
    case 400:
    case 410:
      return { kind: "lost" };
    case 404:
    case 405:
    case 501:
      return { kind: "absent" };
    default:
      return { kind: "failed", retryAfterMs: retryAfterMs(response) };
  }
};

const longestRetryMs = 10 * 60_000;

const retryAfterMs = ({ headers }: Response): number => {
  const seconds = Number(headers.get("retry-after") ?? 0);
  return Number.isFinite(seconds) ? Math.min(Math.max(0, seconds * 1000), longestRetryMs) : 0;
};
