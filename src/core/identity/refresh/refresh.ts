import * as oauth from "openid-client";
import { sleep } from "../../abort.ts";
import { LanyardError } from "../../errors.ts";
import type { Secret } from "../../secret.ts";
import { SingleFlight } from "../../singleFlight.ts";
import { resourceParameter } from "../signIn/authorization.ts";
import { causeOf, type SessionChanges } from "../sessions/changes.ts";
import { clientFor } from "../idp/client.ts";
import type { IdentityContext } from "../context.ts";
import { Outages } from "./outages.ts";
import type { Proofs } from "../proofs/proof.ts";
import { activeOf, sameSecret, type EndedRecord, type LiveRecord } from "../sessions/records.ts";
import { refreshFailureOf } from "./refreshFailure.ts";
import { revokeTokens } from "../signOut/revocation.ts";
import type { SessionAnswer } from "../session.ts";
import { tokensOf } from "../signIn/tokens.ts";

/** A rotated session that the storage would not take: the old refresh token is used up, this one is all there is. */
interface Unsaved {
  readonly spent: Secret;
  readonly record: LiveRecord;
}

/** Renews sessions: one refresh at a time for each, stored before it is used. */
export class Refresher {
  readonly #kit: IdentityContext;
  readonly #changes: SessionChanges;
  readonly #proofs: Proofs;
  readonly #outages: Outages;
  readonly #flights = new SingleFlight<string, SessionAnswer>();
  readonly #generations = new Map<string, number>();
  readonly #unsaved = new Map<string, Unsaved>();
  /** How many times something was stored that other windows do not see at once. */
  #rotations = 0;

  constructor(context: IdentityContext, changes: SessionChanges, proofs: Proofs) {
    this.#kit = context;
    this.#changes = changes;
    this.#proofs = proofs;
    this.#outages = new Outages(context.clock, context.options.random);
  }

  /** Replaces the access token `stale`, or answers with the one that has replaced it already. Never rejects. */
  refresh(id: string, stale: Secret, traceparent?: string): Promise<SessionAnswer> {
    return this.#flights.run(id, async () => {
      try {
        return await this.#kit.options.withLock(id, async (turn) => {
          const before = this.#rotations;
          const answer = await this.#renew(id, stale, traceparent);
          if (this.#rotations !== before) turn.holdFor(this.#kit.options.storageDelayMs);
          return answer;
        });
      } catch (error) {
        this.#kit.log.error("identity.refresh.failed", { session: id });
        const reason = error instanceof LanyardError ? error.message : "The session could not be renewed.";
        return this.#outages.add(id, reason);
      }
    });
  }

  /** Whatever is under way for this session is void: it was replaced or signed out. */
  invalidate(id: string): void {
    this.#generations.set(id, this.#generation(id) + 1);
    this.#unsaved.delete(id);
    this.#outages.end(id);
    this.#proofs.forget(id);
  }

  #generation(id: string): number {
    return this.#generations.get(id) ?? 0;
  }

  async #renew(id: string, stale: Secret, traceparent: string | undefined): Promise<SessionAnswer> {
    const generation = this.#generation(id);
    const stored = await this.#kit.store.read(id);
    if (stored.kind !== "live") return { kind: "signedOut", cause: causeOf(stored) };
    const { record } = stored;
    if (!sameSecret(record.accessToken, stale) && this.isFresh(record)) {
      this.#outages.end(id);
      return { kind: "active", session: activeOf(id, record) };
    }
    const pausing = this.#outages.pausing(id);
    if (pausing !== undefined) return pausing;
    return this.#ask(id, record, generation, traceparent);
  }

  /** Whether the access token is good for the next request, as far as the clock tells. */
  isFresh(record: Pick<LiveRecord, "accessTokenExpiresAtMs">): boolean {
    const { accessTokenExpiresAtMs } = record;
    const { clock, options } = this.#kit;
    return (
      accessTokenExpiresAtMs === undefined || accessTokenExpiresAtMs > clock.now() + options.refreshMarginMs
    );
  }

  async #ask(
    id: string,
    record: LiveRecord,
    generation: number,
    traceparent: string | undefined,
    isLastTry = false,
  ): Promise<SessionAnswer> {
    let renewed: LiveRecord;
    try {
      if (record.refreshToken === undefined) return await this.#end(id, record, generation);
      const unsaved = this.#unsaved.get(id);
      const isSpent = unsaved !== undefined && sameSecret(unsaved.spent, record.refreshToken);
      renewed = isSpent ? unsaved.record : await this.#grant(id, record, record.refreshToken, traceparent);
    } catch (error) {
      const failure = refreshFailureOf(error, record.issuer);
      if (failure.kind === "unavailable") return this.#outages.add(id, failure.reason);
      const other = isLastTry ? undefined : await this.#storedElsewhere(id, record);
      if (other === undefined) return this.#end(id, record, generation);
      if (this.isFresh(other)) return { kind: "active", session: activeOf(id, other) };
      return this.#ask(id, other, generation, traceparent, true);
    }
    return this.#keep(id, record, renewed, generation);
  }

  async #grant(
    id: string,
    record: LiveRecord,
    refreshToken: Secret,
    traceparent: string | undefined,
  ): Promise<LiveRecord> {
    const { discovery, fetch, options, clock } = this.#kit;
    const metadata = await discovery.metadata(record.issuer, new AbortController().signal);
    const configuration = clientFor(metadata, {
      clientId: record.clientId,
      fetch,
      clockToleranceSeconds: options.clockToleranceSeconds,
      ...(traceparent === undefined ? {} : { traceparent }),
    });
    const reply = await oauth.refreshTokenGrant(
      configuration,
      refreshToken.reveal(),
      resourceParameter(record.resource),
      await this.#proofs.optionFor(id, configuration, record.proofKey),
    );
    const { claims, grantedScopes = [], ...kept } = tokensOf(reply, clock.now());
    if (claims !== undefined && claims.sub !== record.subject) {
      throw new LanyardError("badReply", "The identity provider renewed the session of another person.");
    }
    const { accessTokenExpiresAtMs: _expired, ...before } = record;
    return { ...before, ...kept, scopes: [...new Set([...record.scopes, ...grantedScopes])] };
  }

  /** Stores first: a rotated refresh token that nobody keeps is a session that nobody has. */
  async #keep(
    id: string,
    before: LiveRecord,
    renewed: LiveRecord,
    generation: number,
  ): Promise<SessionAnswer> {
    const { store, log } = this.#kit;
    if (before.refreshToken !== undefined)
      this.#unsaved.set(id, { spent: before.refreshToken, record: renewed });
    if (await this.#isOvertaken(id, before, generation)) return this.#discard(id, before, renewed);
    this.#rotations += 1;
    await store.write(renewed);
    if (this.#generation(id) !== generation) return this.#discard(id, before, renewed);
    this.#unsaved.delete(id);
    this.#outages.end(id);
    await this.#changes.look(id);
    log.info("identity.refreshed", { session: id });
    return { kind: "active", session: activeOf(id, renewed) };
  }

  /** Somebody, here or in another window, signed out or signed in anew while the refresh was under way. */
  async #isOvertaken(id: string, before: LiveRecord, generation: number): Promise<boolean> {
    const stored = await this.#kit.store.read(id);
    return (
      this.#generation(id) !== generation ||
      stored.kind !== "live" ||
      !sameSecret(stored.record.accessToken, before.accessToken)
    );
  }

  /** After a sign-in, its session counts. After a sign-out, the tokens that came late must not outlive it. */
  async #discard(id: string, before: LiveRecord, renewed: LiveRecord): Promise<SessionAnswer> {
    this.#unsaved.delete(id);
    const stored = await this.#kit.store.read(id);
    const isOurs = (token: Secret): boolean =>
      sameSecret(token, before.accessToken) || sameSecret(token, renewed.accessToken);
    if (stored.kind === "live" && !isOurs(stored.record.accessToken)) {
      return { kind: "active", session: activeOf(id, stored.record) };
    }
    await revokeTokens(this.#kit, renewed);
    return { kind: "signedOut", cause: stored.kind === "live" ? "never" : causeOf(stored) };
  }

  /** A refused refresh token may be one that another machine has rotated: look once, when its write has had time. */
  async #storedElsewhere(id: string, refused: LiveRecord): Promise<LiveRecord | undefined> {
    const { clock, options, store } = this.#kit;
    await sleep(clock, options.storageDelayMs, new AbortController().signal);
    const stored = await store.read(id);
    if (stored.kind !== "live" || sameSecret(stored.record.refreshToken, refused.refreshToken))
      return undefined;
    return stored.record;
  }

  async #end(id: string, record: LiveRecord, generation: number): Promise<SessionAnswer> {
    const { clock, store, log } = this.#kit;
    if (this.#generation(id) !== generation) {
      const stored = await store.read(id);
      return stored.kind === "live"
        ? { kind: "active", session: activeOf(id, stored.record) }
        : { kind: "signedOut", cause: causeOf(stored) };
    }
    const nowMs = clock.now();
    const isOver = record.accessTokenExpiresAtMs !== undefined && record.accessTokenExpiresAtMs <= nowMs;
    const cause = isOver ? "expired" : "revoked";
    this.invalidate(id);
    this.#rotations += 1;
    await store.write(endedFrom(record, cause, nowMs));
    await this.#changes.look(id);
    log.warn("identity.session.ended", { session: id, cause });
    return { kind: "signedOut", cause };
  }
}

/** What stays of a session: whose it was and why it ended. */
export const endedFrom = (record: LiveRecord, cause: EndedRecord["cause"], nowMs: number): EndedRecord => ({
  version: 1,
  kind: "ended",
  issuer: record.issuer,
  clientId: record.clientId,
  subject: record.subject,
  cause,
  endedAtMs: nowMs,
});
