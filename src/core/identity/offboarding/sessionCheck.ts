import * as oauth from "openid-client";
import { untilAborted } from "../../abort.ts";
import type { Secret } from "../../secret.ts";
import { causeOf } from "../sessions/changes.ts";
import { clientFor, clientOf } from "../idp/client.ts";
import { ownErrorIn, statusOf } from "../errorsSeen.ts";
import type { IdentityContext } from "../context.ts";
import type { Proofs } from "../proofs/proof.ts";
import { sameSecret, type LiveRecord } from "../sessions/records.ts";
import type { Refresher } from "../refresh/refresh.ts";
import { refreshFailureOf } from "../refresh/refreshFailure.ts";
import type { SessionAnswer } from "../session.ts";

/** What the IdP says of a session when it is asked without a need for it. */
export type SessionHealth = { readonly kind: "alive" } | Exclude<SessionAnswer, { kind: "active" }>;

/** Asks whether a session still lives: what an off-boarding watch calls. */
export interface SessionCheck {
  /**
   * Asks the IdP now. A session that has ended is wiped, and told as any other change, before this answers.
   * Rejects with the signal's reason.
   * @param isSuspect somebody says that it is over: then a refresh token may be spent where nothing else can tell.
   */
  check(sessionId: string, signal: AbortSignal, isSuspect?: boolean): Promise<SessionHealth>;
}

/** What userinfo is worth for each session. Many have none that could tell, or one that takes no token made for others. */
export class UserInfoTrust {
  readonly #known = new Map<string, "tells" | "cannotTell" | { readonly doubted: Secret }>();

  /** It has known the session's token. */
  tells(id: string): void {
    this.#known.set(id, "tells");
  }

  /** Whether its refusal has ever been worth something: it has known this session before. */
  hasTold(id: string): boolean {
    return this.#known.get(id) === "tells";
  }

  /** It refuses this token. @returns whether that is worth a question to the token endpoint. */
  refuses(id: string, token: Secret): boolean {
    const known = this.#known.get(id);
    if (known === "cannotTell") return false;
    if (known === undefined || known === "tells") return true;
    if (!sameSecret(known.doubted, token)) return true;
    this.#known.set(id, "cannotTell");
    return false;
  }

  /** The token endpoint made this token because of such a refusal: one that is refused as well says nothing. */
  renewed(id: string, token: Secret): void {
    this.#known.set(id, { doubted: token });
  }

  forget(id: string): void {
    this.#known.delete(id);
  }
}

export interface CheckParts {
  readonly kit: IdentityContext;
  readonly refresher: Refresher;
  readonly proofs: Proofs;
  readonly trust: UserInfoTrust;
}

/**
 * By userinfo while the access token lives, which costs the IdP least and spends no refresh token. A refusal there is
 * asked about at the token endpoint, where it is worth something; a userinfo that cannot tell changes nothing.
 */
export const checkSession = async (
  parts: CheckParts,
  id: string,
  signal: AbortSignal,
  isSuspect = false,
): Promise<SessionHealth> => {
  const { kit: context, refresher } = parts;
  const stored = await context.store.read(id);
  if (stored.kind !== "live") return { kind: "signedOut", cause: causeOf(stored) };
  const { record } = stored;
  if (!refresher.stillLives(record))
    return healthOf(await untilAborted(refresher.refresh(id, record.accessToken), signal));
  const said = await askUserInfo(parts, id, record, signal);
  switch (said.kind) {
    case "alive":
      parts.trust.tells(id);
      return said;
    case "unavailable":
      return said;
    case "refused":
      if (record.refreshToken !== undefined && !parts.trust.refuses(id, record.accessToken)) break;
      return refusedThere(parts, id, record, said.status, signal);
    case "cannotTell":
      break;
  }
  if (!isSuspect) return { kind: "alive" };
  return healthOf(await untilAborted(refresher.refresh(id, record.accessToken), signal));
};

const healthOf = (answer: SessionAnswer): SessionHealth =>
  answer.kind === "active" ? { kind: "alive" } : answer;

const refusedThere = async (
  { refresher, trust }: CheckParts,
  id: string,
  record: LiveRecord,
  status: number,
  signal: AbortSignal,
): Promise<SessionHealth> => {
  if (record.refreshToken === undefined) {
    return status === 401 && trust.hasTold(id)
      ? healthOf(await untilAborted(refresher.revoked(id, record), signal))
      : { kind: "alive" };
  }
  const answer = await untilAborted(refresher.insist(id, record.accessToken), signal);
  if (answer.kind === "active") trust.renewed(id, answer.session.accessToken);
  return healthOf(answer);
};

type Said =
  | { readonly kind: "alive" }
  | { readonly kind: "refused"; readonly status: number }
  | { readonly kind: "cannotTell" }
  | Extract<SessionAnswer, { kind: "unavailable" }>;

const askUserInfo = async (
  { kit: context, proofs }: CheckParts,
  id: string,
  record: LiveRecord,
  signal: AbortSignal,
): Promise<Said> => {
  const down = (error: unknown): Said => ({
    kind: "unavailable",
    reason: refreshFailureOf(error, record.issuer).reason,
    retryAtMs: context.clock.now() + checkAgainMs,
  });
  let metadata: oauth.ServerMetadata;
  try {
    metadata = await context.discovery.metadata(record.issuer, signal);
  } catch (error) {
    signal.throwIfAborted();
    return down(error);
  }
  if (metadata.userinfo_endpoint === undefined || !record.scopes.includes("openid"))
    return { kind: "cannotTell" };
  const configuration = clientFor(metadata, {
    ...clientOf(record),
    fetch: context.fetch,
    signal,
    clockToleranceSeconds: context.options.clockToleranceSeconds,
  });
  try {
    const option = await proofs.optionFor(id, configuration, record.proofKey);
    await oauth.fetchUserInfo(configuration, record.accessToken.reveal(), record.subject, option);
    return { kind: "alive" };
  } catch (error) {
    signal.throwIfAborted();
    const status = statusOf(error);
    if (status === 401 || status === 403) return { kind: "refused", status };
    return isOutage(error) ? down(error) : { kind: "cannotTell" };
  }
};

const outages: ReadonlySet<number> = new Set([408, 425, 429]);

/** A page, another person, no such endpoint: all that no later question would mend is no outage. */
const isOutage = (error: unknown): boolean => {
  const own = ownErrorIn(error);
  if (own !== undefined) return own.code === "network" || own.code === "timedOut";
  const status = statusOf(error);
  return status !== undefined && (status >= 500 || outages.has(status));
};

const checkAgainMs = 5000;
