import { sleep } from "../../abort.ts";
import { forLog, LanyardError } from "../../errors.ts";
import type { Secret } from "../../secret.ts";
import { SingleFlight } from "../../retry/singleFlight.ts";
import { causeOf, type SessionChanges } from "../sessions/changes.ts";
import type { IdentityContext } from "../context.ts";
import { Outages } from "./outages.ts";
import type { Proofs } from "../proofs/proof.ts";
import { activeOf, endedFrom, sameSecret, type EndedRecord, type LiveRecord } from "../sessions/records.ts";
import { askForRenewal } from "./renewal.ts";
import { revokeTokens } from "../signOut/revocation.ts";
import type { SessionAnswer } from "../session.ts";
import { Urgency } from "./urgency.ts";

/** A rotated session that the storage would not take: the old refresh token is used up, this one is all there is. */
interface Unsaved {
  readonly spent: Secret;
  readonly record: LiveRecord;
}

/** Of an access token's life: one that lives for less than the margin would else never be fresh. */
const largestMargin = 1 / 4;

/** Renews sessions: one refresh at a time for each, stored before it is used. */
export class Refresher {
  readonly #context: IdentityContext;
  readonly #changes: SessionChanges;
  readonly #proofs: Proofs;
  readonly #outages: Outages;
  readonly #urgency: Urgency;
  readonly #flights = new SingleFlight<string, SessionAnswer>();
  readonly #generations = new Map<string, number>();
  readonly #unsaved = new Map<string, Unsaved>();
  /** Sessions of which a renewal's reply was lost, here or with a window that died: their refresh token may be used up. */
  readonly #mayBeSpent = new Set<string>();
  /** How many times something was stored that other windows do not see at once. */
  #rotations = 0;

  constructor(context: IdentityContext, changes: SessionChanges, proofs: Proofs) {
    this.#context = context;
    this.#changes = changes;
    this.#proofs = proofs;
    this.#outages = new Outages(context.clock, context.options.random);
    this.#urgency = new Urgency(context.clock);
  }

  /**
   * Replaces the access token `stale`, or answers with the one that has replaced it already. Where it is good by its
   * time and nothing can replace it, or was replaced in vain a moment ago, it stays. Never rejects.
   */
  refresh(id: string, stale: Secret, traceparent?: string): Promise<SessionAnswer> {
    return this.#inTurn(id, () => this.#renew(id, stale, traceparent));
  }

  #inTurn(id: string, work: () => Promise<SessionAnswer>): Promise<SessionAnswer> {
    return this.#flights.run(id, async () => {
      try {
        return await this.#context.options.withLock(id, async (turn) => {
          if (turn.isTakenOver === true) this.#mayBeSpent.add(id);
          const before = this.#rotations;
          const answer = await work();
          if (this.#rotations !== before) turn.holdFor(this.#context.options.storageDelayMs);
          return answer;
        });
      } catch (error) {
        this.#context.log.error("identity.refresh.failed", { session: id, error: forLog(error) });
        const reason = error instanceof LanyardError ? error.message : "The session could not be renewed.";
        return this.#outages.add(id, reason);
      }
    });
  }

  /** Whatever is under way for this session is void: it was replaced or signed out. */
  invalidate(id: string): void {
    this.#generations.set(id, this.#generation(id) + 1);
    this.#unsaved.delete(id);
    this.#mayBeSpent.delete(id);
    this.#outages.end(id);
    this.#urgency.end(id);
    this.#proofs.forget(id);
  }

  #generation(id: string): number {
    return this.#generations.get(id) ?? 0;
  }

  async #renew(id: string, stale: Secret, traceparent: string | undefined): Promise<SessionAnswer> {
    const generation = this.#generation(id);
    const stored = await this.#context.store.read(id);
    if (stored.kind !== "live") return { kind: "signedOut", cause: causeOf(stored) };
    const { record } = stored;
    if (!sameSecret(record.accessToken, stale) && this.isFresh(record)) {
      this.#outages.end(id);
      return { kind: "active", session: activeOf(id, record) };
    }
    const isUrged = this.isFresh(record);
    if (
      record.refreshToken === undefined ? this.stillLives(record) : isUrged && !this.#urgency.mayRenew(id)
    ) {
      return { kind: "active", session: activeOf(id, record) };
    }
    const pausing = this.#outages.pausing(id);
    if (pausing !== undefined) return pausing;
    const answer = await this.#ask(id, record, generation, traceparent);
    if (isUrged && answer.kind === "active") this.#urgency.add(id);
    return answer;
  }

  /** Whether the access token is good for the next request, as far as the clock tells. */
  isFresh(record: Pick<LiveRecord, "accessTokenFromMs" | "accessTokenExpiresAtMs">): boolean {
    const { accessTokenFromMs: fromMs, accessTokenExpiresAtMs: endMs } = record;
    if (endMs === undefined) return true;
    const { clock, options } = this.#context;
    const lifeMs = fromMs === undefined || fromMs > endMs ? Infinity : endMs - fromMs;
    return endMs > clock.now() + Math.min(options.refreshMarginMs, lifeMs * largestMargin);
  }

  /** Without that margin: a token that cannot be renewed is used to its end. */
  stillLives({ accessTokenExpiresAtMs }: Pick<LiveRecord, "accessTokenExpiresAtMs">): boolean {
    return accessTokenExpiresAtMs === undefined || accessTokenExpiresAtMs > this.#context.clock.now();
  }

  async #ask(
    id: string,
    record: LiveRecord,
    generation: number,
    traceparent: string | undefined,
    isLastTry = false,
  ): Promise<SessionAnswer> {
    if (record.refreshToken === undefined) return this.#end(id, record, generation);
    const unsaved = this.#unsaved.get(id);
    const isSpent = unsaved !== undefined && sameSecret(unsaved.spent, record.refreshToken);
    const latest = isSpent ? unsaved.record : record;
    if (!sameSecret(latest.accessToken, record.accessToken))
      return this.#keep(id, record, latest, generation);
    const renewal = await askForRenewal(
      { kit: this.#context, proofs: this.#proofs },
      id,
      latest,
      latest.refreshToken ?? record.refreshToken,
      traceparent,
    );
    switch (renewal.kind) {
      case "renewed":
        this.#mayBeSpent.delete(id);
        return this.#keep(id, record, renewal.record, generation);
      case "rotated":
        return this.#keepRotated(id, record, renewal.record, renewal.reason, generation);
      case "otherPerson":
        return this.#refuseOther(id, record, renewal.record, generation);
      case "unavailable":
        if (renewal.mayBeDone) this.#mayBeSpent.add(id);
        this.#context.log.warn("identity.refresh.unavailable", { session: id, cause: renewal.reason });
        return this.#outages.add(id, renewal.reason);
      case "refused":
        if (isLastTry) return this.#end(id, record, generation);
        return this.#adoptOrEnd(id, record, generation, traceparent);
    }
  }

  async #adoptOrEnd(
    id: string,
    refused: LiveRecord,
    generation: number,
    traceparent: string | undefined,
  ): Promise<SessionAnswer> {
    const other = await this.#storedElsewhere(id, refused);
    if (other === undefined) return this.#end(id, refused, generation);
    if (this.isFresh(other)) return { kind: "active", session: activeOf(id, other) };
    return this.#ask(id, other, generation, traceparent, true);
  }

  /** Only the reply's refresh token is of use, and it is the only one that is good now. */
  async #keepRotated(
    id: string,
    before: LiveRecord,
    rotated: LiveRecord,
    reason: string,
    generation: number,
  ): Promise<SessionAnswer> {
    if (before.refreshToken !== undefined)
      this.#unsaved.set(id, { spent: before.refreshToken, record: rotated });
    if (await this.#isOvertaken(id, before, generation)) return this.#discard(id, before, rotated);
    this.#rotations += 1;
    await this.#context.store.write(rotated);
    if (this.#generation(id) !== generation) return this.#discard(id, before, rotated);
    this.#unsaved.delete(id);
    this.#context.log.warn("identity.renewal.unusable", { session: id });
    return this.#outages.add(id, reason);
  }

  /** Somebody else's tokens came: nobody is to use them, and whose session this was is no longer known. */
  async #refuseOther(
    id: string,
    before: LiveRecord,
    others: LiveRecord,
    generation: number,
  ): Promise<SessionAnswer> {
    this.#context.log.error("identity.renewal.otherPerson", { session: id });
    await revokeTokens(this.#context, others);
    return this.#end(id, before, generation, "revoked");
  }

  /** Stores first: a rotated refresh token that nobody keeps is a session that nobody has. */
  async #keep(
    id: string,
    before: LiveRecord,
    renewed: LiveRecord,
    generation: number,
  ): Promise<SessionAnswer> {
    const { store, log } = this.#context;
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
    const stored = await this.#context.store.read(id);
    return (
      this.#generation(id) !== generation ||
      stored.kind !== "live" ||
      !sameSecret(stored.record.accessToken, before.accessToken)
    );
  }

  /** After a sign-in, its session counts. After a sign-out, the tokens that came late must not outlive it. */
  async #discard(id: string, before: LiveRecord, renewed: LiveRecord): Promise<SessionAnswer> {
    this.#unsaved.delete(id);
    const stored = await this.#context.store.read(id);
    const isOurs = (token: Secret): boolean =>
      sameSecret(token, before.accessToken) || sameSecret(token, renewed.accessToken);
    if (stored.kind === "live" && !isOurs(stored.record.accessToken)) {
      return { kind: "active", session: activeOf(id, stored.record) };
    }
    await revokeTokens(this.#context, renewed);
    return { kind: "signedOut", cause: stored.kind === "live" ? "never" : causeOf(stored) };
  }

  /** A refused refresh token may be one that another machine has rotated: look once, when its write has had time. */
  async #storedElsewhere(id: string, refused: LiveRecord): Promise<LiveRecord | undefined> {
    const { clock, options, store } = this.#context;
    await sleep(clock, options.storageDelayMs, new AbortController().signal);
    const stored = await store.read(id);
    if (stored.kind !== "live" || sameSecret(stored.record.refreshToken, refused.refreshToken))
      return undefined;
    return stored.record;
  }

  /** Somebody who knows, other than the token endpoint, says that this session is over. Never rejects. */
  async revoked(id: string, record: LiveRecord): Promise<SessionAnswer> {
    return this.#inTurn(id, () => this.#end(id, record, this.#generation(id), "revoked"));
  }

  /** The IdP itself has refused this access token elsewhere: what was renewed in vain before plays no part. */
  async insist(id: string, refused: Secret): Promise<SessionAnswer> {
    this.#urgency.end(id);
    return this.refresh(id, refused);
  }

  /** @param why the cause where a refresh token was refused or is missing; left out, the time decides */
  async #end(
    id: string,
    record: LiveRecord,
    generation: number,
    why?: EndedRecord["cause"],
  ): Promise<SessionAnswer> {
    const { clock, store, log } = this.#context;
    if (this.#generation(id) !== generation) {
      const stored = await store.read(id);
      return stored.kind === "live"
        ? { kind: "active", session: activeOf(id, stored.record) }
        : { kind: "signedOut", cause: causeOf(stored) };
    }
    const nowMs = clock.now();
    // A refresh token that this machine may have spent itself was not revoked by anybody.
    const isOver = !this.stillLives(record) || this.#mayBeSpent.has(id);
    const cause = why ?? (isOver ? "expired" : "revoked");
    this.invalidate(id);
    this.#rotations += 1;
    await store.write(endedFrom(record, cause, nowMs));
    await this.#changes.look(id);
    log.warn("identity.session.ended", { session: id, cause });
    return { kind: "signedOut", cause };
  }
}
