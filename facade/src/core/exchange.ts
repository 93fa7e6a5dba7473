import type { Clock } from "../../../src/core/ports.ts";
import type { Secret } from "../../../src/core/secret.ts";
import { adapters } from "../adapters/registry.ts";
import { deadSubject, isOpenAnswer, notSetUp, unavailable, type FacadeAnswer } from "./answer.ts";
import type { AuditSink } from "./audit.ts";
import type { Wakers } from "./changes.ts";
import type { SecretPlace } from "./config/parts.ts";
import type { FacadeConfig, FacadeTarget } from "./config/schema.ts";
import type { Deferrals } from "./deferrals.ts";
import { judge } from "./policy.ts";
import { afterPush, type PushParts } from "./push.ts";
import { preferencesIn, questionIn } from "./question.ts";
import { replyOf, type FacadeReply } from "./reply.ts";
import type { FacadeStore } from "./state/store.ts";
import type { Liveness } from "./subject/liveness.ts";
import type { IdpMetadata } from "./subject/metadata.ts";
import type { FacadePerson } from "./subject/person.ts";
import { isProved } from "./subject/proofs.ts";
import type { Verified } from "./subject/verify.ts";
import type { Wire } from "./wire.ts";

/** What the questions need, made of one configuration. */
export interface ExchangeParts {
  readonly config: FacadeConfig;
  readonly verify: (token: string, tokenKind: FacadePerson["tokenKind"]) => Promise<Verified>;
  readonly liveness: Liveness;
  readonly metadata: () => Promise<IdpMetadata | undefined>;
  readonly push: PushParts;
  readonly wire: (traceId: string | undefined) => Wire;
  readonly secret: (place: SecretPlace) => Promise<Secret>;
  readonly store: FacadeStore;
  readonly clock: Clock;
  /** Seconds until this person may ask again. */
  readonly limit: (subject: string) => number | undefined;
  readonly wakers: Wakers;
  readonly deferrals: Deferrals;
  readonly audit: AuditSink;
}

/** A question as it came in. */
export interface IncomingQuestion {
  readonly form: URLSearchParams;
  readonly url: string;
  readonly prefer: string | undefined;
  readonly proof: string | undefined;
  readonly traceId: string | undefined;
  readonly signal: AbortSignal;
}

/** Whose question it is, once that is known, and what for. */
interface KnownQuestion {
  readonly person: FacadePerson;
  readonly target: string;
  readonly mayDefer: boolean;
}

/** So often is a vault asked again while an answer is held. */
const heldPauseMs = 2000;

/** Answers a question for a credential. Expected outcomes are replies; what is thrown is a fault of the facade's. */
export const answerQuestion = async (
  incoming: IncomingQuestion,
  parts: ExchangeParts,
): Promise<FacadeReply> => {
  const startedMs = parts.clock.now();
  const question = questionIn(incoming.form, parts.config.identityProvider.clients);
  if (question.kind === "malformed") return question.reply;
  const known =
    question.kind === "deferred"
      ? parts.deferrals.find(question.code)
      : await identify(question.token, question.tokenKind, question, incoming, parts);
  if (known === undefined)
    return replyOf({ kind: "expired", reason: "The deferral_code is not known any more." });
  const answer = "kind" in known ? known : (tooOften(known, parts) ?? (await held(known, incoming, parts)));
  const asked = "kind" in known ? undefined : known;
  record(
    answer,
    asked,
    question.kind === "exchange" ? question.target : undefined,
    incoming,
    parts,
    startedMs,
  );
  if (asked?.mayDefer !== true || answer.kind !== "pending" || answer.unsent === true) {
    if (question.kind === "deferred" && !isOpenAnswer(answer)) parts.deferrals.drop(question.code);
    return replyOf(answer);
  }
  const code = question.kind === "deferred" ? question.code : parts.deferrals.add(asked);
  return replyOf(answer, code);
};

const identify = async (
  token: string,
  tokenKind: FacadePerson["tokenKind"],
  { target, mayDefer }: { readonly target: string; readonly mayDefer: boolean },
  { proof, url }: IncomingQuestion,
  parts: ExchangeParts,
): Promise<KnownQuestion | FacadeAnswer> => {
  const verified = await parts.verify(token, tokenKind);
  if (verified.kind === "refused") return verified.answer;
  const { person } = verified;
  if (person.keyThumbprint !== undefined) {
    const proved = { method: "POST", url, proof, token, namesToken: false };
    if (!(await isProved(proved, person.keyThumbprint, parts)))
      return deadSubject("The subject_token is bound to a key, and the DPoP proof is missing or not good.");
  }
  // A code would be good without the key.
  return { person, target, mayDefer: mayDefer && person.keyThumbprint === undefined };
};

const tooOften = ({ person }: KnownQuestion, { limit }: ExchangeParts): FacadeAnswer | undefined => {
  const seconds = limit(person.subject);
  return seconds === undefined
    ? undefined
    : { ...unavailable("You have asked too often.", seconds), tooMany: true };
};

/** The answer, once it is not open any more or the caller has waited long enough. */
const held = async (
  known: KnownQuestion,
  incoming: IncomingQuestion,
  parts: ExchangeParts,
): Promise<FacadeAnswer> => {
  const { waitMs, unasked } = preferencesIn(incoming.prefer);
  const endMs = parts.clock.now() + waitMs;
  for (;;) {
    const answer = await answerOnce(known, unasked, incoming, parts);
    const leftMs = endMs - parts.clock.now();
    if (!isOpenAnswer(answer) || leftMs <= 0 || incoming.signal.aborted) return answer;
    await parts.wakers.wait(known.person.subject, Math.min(leftMs, heldPauseMs), incoming.signal);
  }
};

const answerOnce = async (
  { person, target: asked }: KnownQuestion,
  unasked: boolean,
  incoming: IncomingQuestion,
  parts: ExchangeParts,
): Promise<FacadeAnswer> => {
  const over = await parts.liveness(person);
  if (over !== undefined) return over;
  const found = targetNamed(asked, parts.config);
  if (found === undefined) return { kind: "unknownTarget" };
  const { name, target } = found;
  const judged = judge(target.policy, person, parts.clock.now());
  if (judged !== undefined) return judged;
  const { push } = target.policy;
  const ask = (): Promise<FacadeAnswer> => askTarget(target, person, incoming, parts);
  const answer =
    push === undefined
      ? await ask()
      : await afterPush({ person, target: name, policy: push, unasked }, parts.push, ask);
  // It may have ended while the vault was asked: nothing is given to who has just been signed out.
  return answer.kind === "granted" ? ((await parts.liveness(person)) ?? answer) : answer;
};

const askTarget = async (
  target: FacadeTarget,
  person: FacadePerson,
  { traceId }: IncomingQuestion,
  parts: ExchangeParts,
): Promise<FacadeAnswer> => {
  const vault = parts.config.vaults[target.vault];
  if (vault === undefined) return notSetUp("The target's vault is not configured.");
  return adapters[vault.adapter].ask({
    ...{ vault, target: target.ask, person, idp: parts.config.identityProvider },
    ...{ secret: parts.secret, wire: parts.wire(traceId) },
    tokenEndpoint: async () => (await parts.metadata())?.token_endpoint,
  });
};

/**
 * By its name to the letter, or as the URL that it is. @returns with the name as it is configured: a caller's many
 * spellings of one URL are one target, for pushes and for the record.
 */
const targetNamed = (
  name: string,
  { targets }: FacadeConfig,
): { readonly name: string; readonly target: FacadeTarget } | undefined => {
  const href = URL.parse(name)?.href;
  const found = Object.entries(targets).find(
    ([key]) => key === name || (href !== undefined && URL.parse(key)?.href === href),
  );
  return found === undefined ? undefined : { name: found[0], target: found[1] };
};

const record = (
  answer: FacadeAnswer,
  known: KnownQuestion | undefined,
  named: string | undefined,
  { traceId }: IncomingQuestion,
  { audit, clock, config }: ExchangeParts,
  startedMs: number,
): void => {
  const found = targetNamed(known?.target ?? named ?? "", config);
  audit({
    event: "exchange",
    outcome: answer.kind,
    ...(known === undefined ? {} : { subject: known.person.subject }),
    // What nobody configured is the caller's own text, and stays out of the record.
    ...(found === undefined ? {} : { target: found.name, vault: found.target.vault }),
    ...("reason" in answer ? { reason: answer.reason } : {}),
    ...(traceId === undefined ? {} : { traceId }),
    tookMs: Math.round(clock.now() - startedMs),
  });
};
