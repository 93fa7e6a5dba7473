import type { Clock } from "../../../src/core/ports.ts";
import type { FacadeAnswer } from "./answer.ts";
import type { EditorEvents } from "./events.ts";
import type { Limit } from "./limit.ts";
import type { FacadeReply } from "./reply.ts";
import { personOfSession } from "./signals.ts";
import type { FacadeStore } from "./state/store.ts";
import type { Liveness } from "./subject/liveness.ts";
import type { FacadePerson } from "./subject/person.ts";
import { readProof, useProof, type ProofOf } from "./subject/proofs.ts";
import type { Verified } from "./subject/verify.ts";

export interface FeedParts {
  /** Whether people's access tokens are for the facade: else it may be that it can read none. */
  readonly readsAccessTokens: boolean;
  readonly verify: (accessToken: string) => Promise<Verified>;
  readonly liveness: Liveness;
  readonly events: EditorEvents;
  readonly store: FacadeStore;
  readonly clock: Clock;
  readonly limit: Limit;
}

export interface FeedQuestion {
  readonly authorization: string | undefined;
  readonly proof: string | undefined;
  readonly url: string;
  readonly wait: string | undefined;
  readonly after: string | undefined;
  readonly signal: AbortSignal;
}

const longestWaitSeconds = 30;
const sessionMs = 24 * 60 * 60_000;

/** `GET /events`: what has happened to whoever the bearer token is of. */
export const answerFeed = async (question: FeedQuestion, parts: FeedParts): Promise<FacadeReply> => {
  const listener = await listenerOf(question, parts);
  if ("status" in listener) return listener;
  const { subject, sessionId } = listener;
  if (sessionId !== undefined) await parts.store.set(personOfSession(sessionId), subject, sessionMs);
  const seconds = Number(/^\d{1,4}$/.exec(question.wait ?? "")?.[0] ?? 0);
  const waitMs = Math.min(seconds, longestWaitSeconds) * 1000;
  const answer = await parts.events.after(subject, question.after, waitMs, question.signal);
  if (answer.kind === "unknownCursor") return body(410, { error: "unknown_cursor" });
  return body(200, { events: answer.events, cursor: answer.cursor });
};

/** Who listens, or why they may not. */
const listenerOf = async (
  { authorization, proof, url }: FeedQuestion,
  parts: FeedParts,
): Promise<FacadePerson | FacadeReply> => {
  const [, scheme, token] = /^(Bearer|DPoP) +([\w.~+/-]+=*)$/i.exec(authorization ?? "") ?? [];
  if (token === undefined) return unauthorized("Send the user's token.");
  const read = await parts.verify(token);
  if (read.kind === "refused") {
    const isUnread = !parts.readsAccessTokens && read.answer.kind !== "unavailable";
    return isUnread
      ? none("This facade cannot read your access tokens, so it tells you of no events.")
      : refusal(read.answer, "The token is not one for this facade.");
  }
  const { person } = read;
  const isProof = scheme?.toLowerCase() === "dpop";
  if ((person.keyThumbprint !== undefined) !== isProof) return unauthorized("The token's scheme is another.");
  const request = { method: "GET", url, proof, token, namesToken: true };
  const turnedAway = await admit(person, request, parts);
  if (turnedAway !== undefined) return turnedAway;
  const over = await parts.liveness(person);
  if (over?.kind === "misconfigured") return none(over.reason);
  return over === undefined ? person : refusal(over, "The session is over.");
};

/** Lets a person ask so often, with a proof that is remembered only then. */
const admit = async (
  { subject, keyThumbprint: key }: FacadePerson,
  request: ProofOf,
  { limit, clock, store }: FeedParts,
): Promise<FacadeReply | undefined> => {
  const name = key === undefined ? undefined : await readProof(request, key, clock);
  if (key !== undefined && name === undefined) return notProved();
  const retry = await limit(subject);
  if (retry !== undefined)
    return body(429, { error: "temporarily_unavailable" }, { "retry-after": String(retry) });
  return name === undefined || (await useProof(name, store)) ? undefined : notProved();
};

const notProved = (): FacadeReply => unauthorized("The DPoP proof is missing, or not good.");

/** The address is right, but there are no events for this person, which says nothing about the session. */
const none = (reason: string): FacadeReply =>
  body(501, { error: "not_implemented", error_description: reason });

const refusal = (answer: FacadeAnswer, reason: string): FacadeReply =>
  answer.kind === "unavailable"
    ? body(503, { error: "temporarily_unavailable" }, { "retry-after": "5" })
    : unauthorized(reason);

const body = (
  status: number,
  content: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): FacadeReply => ({ status, body: content, headers: { "cache-control": "no-store", ...headers } });

const unauthorized = (reason: string): FacadeReply =>
  body(
    401,
    { error: "invalid_token", error_description: reason },
    { "www-authenticate": `Bearer error="invalid_token", error_description="${reason}"` },
  );
