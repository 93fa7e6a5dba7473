import { inBackground } from "../background.ts";
import { untilAborted } from "../abort.ts";
import { hasCode, LanyardError } from "../errors.ts";
import { boundedFetch } from "../http.ts";
import type { Ports, SignRequest } from "../ports.ts";
import type { Secret } from "../secret.ts";
import { withTrace } from "../trace.ts";
import type { SignedOutCause } from "../credentials/grant.ts";
import { causeOf, SessionChanges } from "./sessions/changes.ts";
import { Discovery } from "./idp/discovery.ts";
import { failed } from "./failures.ts";
import { defaultOptions, type IdentityContext, type IdentityOptions } from "./context.ts";
import { Proofs } from "./proofs/proof.ts";
import { activeOf, infoOf, sameSecret, type LiveRecord } from "./sessions/records.ts";
import { Refresher } from "./refresh/refresh.ts";
import { revokeTokens } from "./signOut/revocation.ts";
import type {
  ActiveSession,
  FreshOptions,
  IdentityService,
  ProofSource,
  SessionAnswer,
  SessionInfo,
  SessionNeed,
  SignInOutcome,
  SignInPorts,
  SignInRequest,
  SignOutOutcome,
} from "./session.ts";
import {
  checkSession,
  UserInfoTrust,
  type SessionCheck,
  type SessionHealth,
} from "./offboarding/sessionCheck.ts";
import { coversScopes } from "./scopes.ts";
import { succeeding, type Succession } from "./sessions/replaced.ts";
import { SessionStore, type Stored } from "./sessions/sessionStore.ts";
import { signIn } from "./signIn/signIn.ts";
import { signOut } from "./signOut/signOut.ts";
import { VaultProofs } from "./proofs/vaultProofs.ts";

/** The owner of every session, with what the watch and the vaults need of it. */
export interface WholeIdentity extends IdentityService, SessionCheck, ProofSource {
  /** The identity's own answer: it demands no stronger sign-in. */
  fresh(need: SessionNeed, options: FreshOptions): Promise<SessionAnswer>;
  /**
   * Removes every record, also of sessions that ended: nothing tells any more that there ever was one.
   * @throws LanyardError `storageFailed`
   */
  forgetAll(): Promise<void>;
}

export type IdentityPorts = Pick<Ports, "clock" | "fetch" | "secrets" | "memory" | "log">;

/** @param options what is left out has the values of `defaultOptions`. */
export const createIdentityService = (
  ports: IdentityPorts,
  options: Partial<IdentityOptions> = {},
): WholeIdentity => new Identity(ports, { ...defaultOptions, ...options });

type Live = Extract<Stored, { kind: "live" }>;

class Identity implements WholeIdentity {
  readonly #context: IdentityContext;
  readonly #changes: SessionChanges;
  readonly #proofs = new Proofs();
  readonly #trust = new UserInfoTrust();
  readonly #vaultProofs: VaultProofs;
  readonly #refresher: Refresher;
  readonly #disposed = new AbortController();

  constructor(ports: IdentityPorts, options: IdentityOptions) {
    const { clock, log } = ports;
    const fetch = withTrace(boundedFetch(ports.fetch, clock));
    const store = new SessionStore(ports);
    this.#context = { clock, log, fetch, store, discovery: new Discovery(fetch, clock), options };
    this.#changes = new SessionChanges(store, log);
    this.#vaultProofs = new VaultProofs(store, clock);
    this.#refresher = new Refresher(this.#context, this.#changes, this.#proofs);
    inBackground("identity.tidyUp", async () => {
      await this.#changes.prime();
      await this.#tidyUp();
    });
  }

  get onDidChange(): IdentityService["onDidChange"] {
    return this.#changes.event;
  }

  async list(): Promise<readonly SessionInfo[]> {
    const live = (await this.#context.store.all()).filter((stored) => stored.kind === "live");
    return live.sort(newestFirst).map(({ id, record }) => infoOf(id, record));
  }

  async stored(sessionId: string): Promise<ActiveSession | undefined> {
    const stored = await this.#context.store.read(sessionId);
    return stored.kind === "live" ? activeOf(sessionId, stored.record) : undefined;
  }

  async renewed(sessionId: string, signal: AbortSignal): Promise<ActiveSession | undefined> {
    const stored = await this.#context.store.read(sessionId);
    if (stored.kind !== "live") return undefined;
    const answer = await this.#renewed(stored, { signal });
    if (answer.kind === "active") return answer.session;
    return answer.kind === "signedOut" ? undefined : activeOf(sessionId, stored.record);
  }

  async fresh(need: SessionNeed, options: FreshOptions): Promise<SessionAnswer> {
    options.signal.throwIfAborted();
    let candidates: readonly Stored[];
    try {
      candidates = (await this.#context.store.all()).filter((stored) => belongsTo(stored, need));
    } catch (error) {
      return this.#storageDown(error);
    }
    const chosen = candidates
      .filter((stored) => stored.kind === "live")
      .filter(({ record }) => coversScopes(record, need))
      .sort(newestFirst)[0];
    if (chosen === undefined) return { kind: "signedOut", cause: causeAmong(candidates) };
    return this.#renewed(chosen, options);
  }

  /** A flight that somebody else began may end with the very token that was refused here: then it takes another. */
  async #renewed({ id, record }: Live, options: FreshOptions): Promise<SessionAnswer> {
    const isRefused = (token: ActiveSession["accessToken"]): boolean =>
      options.refused !== undefined && sameSecret(token, options.refused);
    if (this.#refresher.isFresh(record) && !isRefused(record.accessToken)) {
      return { kind: "active", session: activeOf(id, record) };
    }
    const renew = (stale: ActiveSession["accessToken"]): Promise<SessionAnswer> =>
      untilAborted(this.#refresher.refresh(id, stale, options.traceparent), options.signal);
    let answer = await renew(record.accessToken);
    if (answer.kind === "active" && isRefused(answer.session.accessToken)) {
      answer = await renew(answer.session.accessToken);
    }
    // While the IdP cannot be asked, a token is used to its end.
    if (
      answer.kind === "unavailable" &&
      !isRefused(record.accessToken) &&
      this.#refresher.stillLives(record)
    ) {
      return { kind: "active", session: activeOf(id, record) };
    }
    return answer;
  }

  signIn(request: SignInRequest, ports: SignInPorts, signal: AbortSignal): Promise<SignInOutcome> {
    const end = AbortSignal.any([signal, this.#disposed.signal]);
    return signIn(this.#context, request, ports, end, async (record) => {
      const shown = ports.showKeeping?.();
      try {
        return await this.#keep(record, signal);
      } finally {
        shown?.dispose();
      }
    });
  }

  /**
   * A session that cannot be stored does not count: what the IdP issued for it is given back, once it is certain that it will
   * not be stored. A keyring takes as long as the person who types its password.
   */
  async #keep(fresh: LiveRecord, signal: AbortSignal): Promise<SignInOutcome> {
    const keeping = this.#store(fresh);
    let kept: Awaited<typeof keeping>;
    try {
      kept = await untilAborted(keeping, signal);
    } catch (error) {
      inBackground("identity.undo", () => this.#undo(keeping, fresh));
      if (hasCode(error, "storageFailed")) return failed("storageFailed", fresh.issuer);
      throw error;
    }
    const { id, record, before } = kept;
    this.#refresher.invalidate(id);
    if (before !== undefined) {
      inBackground("identity.revoke", () => revokeTokens(this.#context, before));
    }
    this.#trust.forget(id);
    await this.#forgetLost(record);
    await this.#changes.look(id);
    this.#context.log.info("identity.signedIn", { session: id });
    return { kind: "signedIn", session: infoOf(id, record) };
  }

  async #store(fresh: LiveRecord): Promise<Succession & { readonly id: string }> {
    const succession = await succeeding(this.#context.store, fresh);
    return { ...succession, id: await this.#context.store.write(succession.record, "forPerson") };
  }

  /** The sign-in was given up or refused while it was stored: what is stored in the end is signed out. */
  async #undo(keeping: Promise<{ readonly id: string }>, fresh: LiveRecord): Promise<void> {
    const kept = await keeping.catch(() => undefined);
    if (kept === undefined) await revokeTokens(this.#context, fresh);
    else await this.signOut(kept.id);
  }

  /** The person has signed in after the storage forgot: that loss has been mended. */
  async #forgetLost({ issuer, clientId }: LiveRecord): Promise<void> {
    const lost = (await this.#context.store.all()).filter(
      (stored) => stored.kind === "lost" && belongsTo(stored, { issuer, clientId }),
    );
    await Promise.all(lost.map(({ id }) => this.#context.store.remove(id)));
  }

  signOut(sessionId: string): Promise<SignOutOutcome> {
    return signOut({ kit: this.#context, refresher: this.#refresher, changes: this.#changes }, sessionId);
  }

  async forgetAll(): Promise<void> {
    const { store } = this.#context;
    for (const { id } of await store.all()) {
      this.#refresher.invalidate(id);
      await store.remove(id);
      await this.#changes.look(id);
    }
    await store.forgetList();
  }

  check(sessionId: string, signal: AbortSignal, isSuspect = false): Promise<SessionHealth> {
    return checkSession(
      { kit: this.#context, refresher: this.#refresher, proofs: this.#proofs, trust: this.#trust },
      sessionId,
      signal,
      isSuspect,
    );
  }

  signer(session: ActiveSession, token?: Secret): SignRequest | undefined {
    return session.senderConstrained === true ? this.#vaultProofs.signer(session, token) : undefined;
  }

  /** Ends the sign-ins under way; a refresh under way is let finish, so that its rotated token is kept. */
  dispose(): void {
    this.#disposed.abort();
    this.#changes.dispose();
    this.#context.store.dispose();
  }

  /** Why a session ended is of use for a while. */
  async #tidyUp(): Promise<void> {
    const { store, clock, log } = this.#context;
    try {
      const isOld = (stored: Stored): boolean =>
        stored.kind === "ended" && clock.now() - stored.record.endedAtMs > endedKeptMs;
      await Promise.all((await store.all()).filter(isOld).map(({ id }) => store.remove(id)));
    } catch {
      log.warn("identity.tidyUp.failed");
    }
  }

  #storageDown(error: unknown): SessionAnswer {
    if (!(error instanceof LanyardError)) throw error;
    return {
      kind: "unavailable",
      reason: error.message,
      retryAtMs: this.#context.clock.now() + storageRetryMs,
    };
  }
}

const storageRetryMs = 5000;
const endedKeptMs = 30 * 24 * 3600 * 1000;

const newestFirst = (a: Live, b: Live): number => b.record.signedInAtMs - a.record.signedInAtMs;

const belongsTo = (stored: Stored, of: Pick<SessionNeed, "issuer" | "clientId" | "account">): boolean => {
  if (stored.kind === "absent") return false;
  const { issuer, clientId } = stored.kind === "lost" ? stored : stored.record;
  const account = (stored.kind === "lost" ? undefined : stored.record.account) ?? stored.id;
  return (
    issuer === of.issuer && clientId === of.clientId && (of.account === undefined || of.account === account)
  );
};

/** Storage that forgets comes first: it is what the person must mend. Then the session that ended last. */
const causeAmong = (candidates: readonly Stored[]): SignedOutCause => {
  const lost = candidates.find((stored) => stored.kind === "lost");
  if (lost !== undefined) return causeOf(lost);
  const [latest] = candidates
    .filter((stored) => stored.kind === "ended")
    .sort((a, b) => b.record.endedAtMs - a.record.endedAtMs);
  return latest === undefined ? "never" : causeOf(latest);
};
