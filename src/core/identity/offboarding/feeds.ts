import { inBackground } from "../../background.ts";
import { sleep } from "../../abort.ts";
import type { Disposable } from "../../disposable.ts";
import { forLog } from "../../errors.ts";
import type { Clock, Fetch, Log } from "../../ports.ts";
import { pauseAfter, type BackoffTerms } from "../../retry/backoff.ts";
import { hostOf } from "../../urls.ts";
import { pollEvents, type FeedAnswer } from "./eventFeed.ts";
import type { IdentityService, ProofSource, SessionNeed } from "../session.ts";

/** A facade's events about whoever is signed in at this issuer with this client. */
export interface Feed extends Pick<SessionNeed, "issuer" | "clientId"> {
  readonly url: string;
}

export interface FeedsParts {
  readonly identity: Pick<IdentityService, "fresh"> & ProofSource;
  readonly clock: Clock;
  readonly fetch: Fetch;
  readonly log: Log;
  /** In [0, 1): spreads the tries of many machines. */
  readonly random: () => number;
  /** The session may be over. That is a suspicion: the IdP alone can end a session. */
  readonly onSuspicion: (feed: Feed) => void;
  /** What this connector's credential depends on has changed; the name is the facade's. */
  readonly onConnectorChanged: (feed: Feed, connector: string) => void;
}

const pauses: BackoffTerms = { firstMs: 1000, longestMs: 60_000, spread: [0.5, 1] };
/** Between two polls of a facade that told something, and of one that answers at once though it has nothing to tell. */
const restMs = 500;
const unheldMs = 5000;
const heldAtLeastMs = 1000;
const absentMs = 10 * 60_000;

/** Listens to the facades that tell when a session ends, by one long poll each. */
export class Feeds implements Disposable {
  readonly #parts: FeedsParts;
  readonly #open = new Map<string, AbortController>();

  constructor(parts: FeedsParts) {
    this.#parts = parts;
  }

  /** How many are listened to. */
  get size(): number {
    return this.#open.size;
  }

  /** Listens to these from now on, and to no other. */
  follow(wanted: readonly Feed[]): void {
    const byKey = new Map(wanted.map((feed) => [keyOf(feed), feed]));
    for (const [key, end] of this.#open) if (!byKey.has(key)) this.#close(key, end);
    for (const [key, feed] of byKey) if (!this.#open.has(key)) this.#start(key, feed);
  }

  dispose(): void {
    for (const [key, end] of this.#open) this.#close(key, end);
  }

  #close(key: string, end: AbortController): void {
    end.abort();
    this.#open.delete(key);
  }

  #start(key: string, feed: Feed): void {
    const end = new AbortController();
    this.#open.set(key, end);
    inBackground("events.stopped", async () => {
      try {
        await this.#listen(feed, end.signal);
      } catch (error) {
        if (!end.signal.aborted) this.#parts.log.error("events.stopped", { error: forLog(error) });
      } finally {
        if (this.#open.get(key) === end) this.#open.delete(key);
      }
    });
  }

  /** Until it is ended, or there is nobody signed in any more. */
  async #listen(feed: Feed, signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    let cursor: string | undefined;
    let failures = 0;
    while (!signal.aborted) {
      const startedMs = clock.now();
      const answer = await this.#poll(feed, cursor, signal);
      if (answer === "signedOut") return;
      failures = answer.kind === "events" ? 0 : failures + 1;
      const isFirst = answer.kind === "events" && cursor === undefined;
      // What happened before the feed was heard is not told by it.
      if (isFirst) this.#parts.onSuspicion(feed);
      cursor = cursorAfter(answer, cursor);
      this.#tell(feed, answer);
      const tookMs = isFirst ? Infinity : clock.now() - startedMs;
      await sleep(clock, this.#pauseMs(answer, failures, tookMs), signal);
    }
  }

  async #poll(
    feed: Feed,
    cursor: string | undefined,
    signal: AbortSignal,
  ): Promise<FeedAnswer | "signedOut"> {
    const { identity, log } = this.#parts;
    const need = { issuer: feed.issuer, clientId: feed.clientId, scopes: [] };
    const found = await identity.fresh(need, { signal });
    if (found.kind === "signedOut") return "signedOut";
    if (found.kind !== "active") return { kind: "failed", retryAfterMs: 0 };
    const sign = identity.signer(found.session);
    try {
      return await pollEvents(
        { url: feed.url, cursor, token: found.session.accessToken, sign, signal },
        this.#parts,
      );
    } catch (error) {
      signal.throwIfAborted();
      log.debug("events.failed", { host: hostOf(feed.url), error: forLog(error) });
      return { kind: "failed", retryAfterMs: 0 };
    }
  }

  #tell(feed: Feed, answer: FeedAnswer): void {
    const { onSuspicion, onConnectorChanged, log } = this.#parts;
    if (answer.kind === "refused") {
      log.info("events.refused", { host: hostOf(feed.url) });
      onSuspicion(feed);
    }
    if (answer.kind !== "events") return;
    const types = new Set(answer.events.map(({ type }) => type));
    if (types.has("session-revoked")) {
      log.info("events.sessionRevoked", { host: hostOf(feed.url) });
      onSuspicion(feed);
    }
    const changed = answer.events.flatMap(({ type, connector }) =>
      type === "connector-changed" && connector !== undefined ? [connector] : [],
    );
    for (const connector of new Set(changed)) onConnectorChanged(feed, connector);
  }

  #pauseMs(answer: FeedAnswer, failures: number, tookMs: number): number {
    if (answer.kind === "events") {
      return answer.events.length === 0 && tookMs < heldAtLeastMs ? unheldMs : restMs;
    }
    const { random } = this.#parts;
    if (answer.kind === "absent")
      return pauseAfter(1, { ...pauses, firstMs: absentMs, longestMs: absentMs }, random);
    const pauseMs = pauseAfter(failures, pauses, random);
    return answer.kind === "failed" ? Math.max(answer.retryAfterMs, pauseMs) : pauseMs;
  }
}

const cursorAfter = (answer: FeedAnswer, before: string | undefined): string | undefined => {
  if (answer.kind === "events") return answer.cursor;
  return answer.kind === "lost" ? undefined : before;
};

const keyOf = ({ issuer, clientId, url }: Feed): string => JSON.stringify([issuer, clientId, url]);
