import * as oauth from "openid-client";
import { untilAborted } from "../../abort.ts";
import { causeOf } from "../sessions/changes.ts";
import { clientFor } from "../idp/client.ts";
import { statusOf } from "../failures.ts";
import type { IdentityContext } from "../context.ts";
import type { Proofs } from "../proofs/proof.ts";
import type { LiveRecord } from "../sessions/records.ts";
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
   */
  check(sessionId: string, signal: AbortSignal): Promise<SessionHealth>;
}

export interface CheckParts {
  readonly kit: IdentityContext;
  readonly refresher: Refresher;
  readonly proofs: Proofs;
}

/** By userinfo, which costs the IdP least; by a refresh where that cannot tell or says no. */
export const checkSession = async (
  parts: CheckParts,
  id: string,
  signal: AbortSignal,
): Promise<SessionHealth> => {
  const { kit: context, refresher } = parts;
  const stored = await context.store.read(id);
  if (stored.kind !== "live") return { kind: "signedOut", cause: causeOf(stored) };
  const { record } = stored;
  if (refresher.isFresh(record)) {
    const health = await askUserInfo(parts, id, record, signal);
    if (health !== undefined) return health;
  }
  const answer = await untilAborted(refresher.refresh(id, record.accessToken), signal);
  return answer.kind === "active" ? { kind: "alive" } : answer;
};

/** @returns undefined when only a refresh can tell. */
const askUserInfo = async (
  { kit: context, proofs }: CheckParts,
  id: string,
  record: LiveRecord,
  signal: AbortSignal,
): Promise<SessionHealth | undefined> => {
  try {
    const metadata = await context.discovery.metadata(record.issuer, signal);
    if (metadata.userinfo_endpoint === undefined || !record.scopes.includes("openid")) return undefined;
    const configuration = clientFor(metadata, {
      clientId: record.clientId,
      fetch: context.fetch,
      signal,
      clockToleranceSeconds: context.options.clockToleranceSeconds,
    });
    const option = await proofs.optionFor(id, configuration, record.proofKey);
    await oauth.fetchUserInfo(configuration, record.accessToken.reveal(), record.subject, option);
    return { kind: "alive" };
  } catch (error) {
    signal.throwIfAborted();
    const status = statusOf(error);
    if (status === 401 || status === 403) return undefined;
    const failure = refreshFailureOf(error, record.issuer);
    if (failure.kind === "refused") return undefined;
    return { kind: "unavailable", reason: failure.reason, retryAtMs: context.clock.now() + checkAgainMs };
  }
};

const checkAgainMs = 5000;
