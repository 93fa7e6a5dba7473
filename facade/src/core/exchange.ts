import type { Clock } from "../../../src/core/ports.ts";
import type { Secret } from "../../../src/core/secret.ts";
import type { AskingFor } from "../adapters/adapter.ts";
import { deadSubject, isOpenAnswer, unavailable, type FacadeAnswer } from "./answer.ts";
import type { AuditSink } from "./audit.ts";
import type { Wakers } from "./changes.ts";
import type { SecretPlace } from "./config/parts.ts";
import type { FacadeConfig } from "./config/schema.ts";
import { pageAddresses } from "./connect/flow.ts";
import type { Deferrals } from "./deferrals.ts";
import type { Limit } from "./limit.ts";
import { judge } from "./policy.ts";
import { afterPush, type PushParts } from "./push.ts";
import { preferencesIn, questionIn, type ExchangeQuestion } from "./question.ts";
import { replyOf, requestFailure, type FacadeReply } from "./reply.ts";
import type { FacadeStore } from "./state/store.ts";
import type { Liveness } from "./subject/liveness.ts";
import type { IdpMetadata } from "./subject/metadata.ts";
import type { FacadePerson } from "./subject/person.ts";
import { readProof, useProof } from "./subject/proofs.ts";
import type { Verified } from "./subject/verify.ts";
import type { FacadeTarget, FindTarget } from "./targets.ts";
import type { Wire } from "./wire.ts";

/** What the questions need, made of one configuration. */
export interface ExchangeParts {
  readonly config: FacadeConfig;
  readonly findTarget: FindTarget;
  readonly verify: (token: string, tokenKind: FacadePerson["tokenKind"]) => Promise<Verified>;
  readonly liveness: Liveness;
  readonly metadata: () => Promise<IdpMetadata | undefined>;
  readonly push: PushParts;
  readonly wire: (traceId: string | undefined) => Wire;
  /** Makes pages on which a person connects an account. */
  readonly page: (target: string, subject: string) => AskingFor["page"];
  readonly secret: (place: SecretPlace) => Promise<Secret>;
  readonly store: FacadeStore;
  readonly clock: Clock;
  readonly limit: Limit;
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
  /** Of a token that is bound to a key: what its proof is remembered by. */
  readonly proof?: string;
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
  if (question.kind === "malformed") {
    const { error, reason } = question;
    record({ kind: "malformed", reason: `${error}: ${reason}` }, {}, incoming, parts, startedMs);
    return requestFailure(error, reason);
  }
  const known = await knownIn(question, incoming, parts);
  if ("kind" in known) {
    const target = question.kind === "exchange" ? parts.findTarget(question.target) : undefined;
    record(known, { target }, incoming, parts, startedMs);
    return replyOf(known);
  }
  const answer =
    (await tooOften(known, parts)) ??
    (await usedBefore(known, parts)) ??
    (await held(known, incoming, parts));
  const target = parts.findTarget(known.target);
  record(answer, { person: known.person, target }, incoming, parts, startedMs);
  return replyOf(answer, await codeFor(answer, known, question, parts));
};

/** The question, or what it is answered where it is nobody's. */
const knownIn = async (
  question: Exclude<ExchangeQuestion, { readonly kind: "malformed" }>,
  incoming: IncomingQuestion,
  parts: ExchangeParts,
): Promise<KnownQuestion | FacadeAnswer> => {
  if (question.kind === "exchange") return identify(question, incoming, parts);
  const found = await parts.deferrals.find(question.code);
  if (found === undefined) return { kind: "expired", reason: "The deferral_code is not known any more." };
  const verified = await parts.verify(found.token, found.tokenKind);
  if (verified.kind === "refused") return verified.answer;
  return { person: verified.person, target: found.target, mayDefer: true };
};

/** The code that the same question may be asked by from now on. */
const codeFor = async (
  answer: FacadeAnswer,
  known: KnownQuestion,
  question: ExchangeQuestion,
  { deferrals }: ExchangeParts,
): Promise<string | undefined> => {
  const code = question.kind === "deferred" ? question.code : undefined;
  if (known.mayDefer && answer.kind === "pending" && answer.unsent !== true)
    return code ?? (await deferrals.add(known.person, known.target));
  if (code !== undefined && !isOpenAnswer(answer)) await deferrals.drop(code);
  return undefined;
};

const identify = async (
  { token, tokenKind, target, mayDefer }: Extract<ExchangeQuestion, { readonly kind: "exchange" }>,
  { proof, url }: IncomingQuestion,
  parts: ExchangeParts,
): Promise<KnownQuestion | FacadeAnswer> => {
  const verified = await parts.verify(token, tokenKind);
  if (verified.kind === "refused") return verified.answer;
  const { person } = verified;
  if (person.keyThumbprint === undefined) return { person, target, mayDefer };
  const proved = { method: "POST", url, proof, token, namesToken: false };
  const name = await readProof(proved, person.keyThumbprint, parts.clock);
  // A code would be good without the key.
  return name === undefined ? notProved : { person, target, mayDefer: false, proof: name };
};

const notProved = deadSubject(
  "The subject_token is bound to a key, and the DPoP proof is missing or not good.",
);

const usedBefore = async (
  { proof }: KnownQuestion,
  { store }: ExchangeParts,
): Promise<FacadeAnswer | undefined> =>
  proof === undefined || (await useProof(proof, store)) ? undefined : notProved;

const tooOften = async (
  { person }: KnownQuestion,
  { limit }: ExchangeParts,
): Promise<FacadeAnswer | undefined> => {
  const seconds = await limit(person.subject);
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
    const isAtEnd = leftMs <= 0 || incoming.signal.aborted || parts.wakers.isClosed;
    if (!isOpenAnswer(answer) || isAtEnd) return answer;
    await parts.wakers.wait(known.person.subject, Math.min(leftMs, heldPauseMs), incoming.signal);
  }
};

const answerOnce = async (
  { person, target: asked }: KnownQuestion,
  unasked: boolean,
  { traceId }: IncomingQuestion,
  parts: ExchangeParts,
): Promise<FacadeAnswer> => {
  const over = await parts.liveness(person);
  if (over !== undefined) return over;
  const target = parts.findTarget(asked);
  if (target === undefined) return { kind: "unknownTarget" };
  const judged = judge(target.policy, person, parts.clock.now());
  if (judged !== undefined) return judged;
  const { push } = target.policy;
  const ask = (): Promise<FacadeAnswer> =>
    target.ask({
      ...{ person, idp: parts.config.identityProvider, secret: parts.secret, wire: parts.wire(traceId) },
      ...{ page: parts.page(target.name, person.subject), returnTo: pageAddresses(parts.config).done },
      tokenEndpoint: async () => (await parts.metadata())?.token_endpoint,
    });
  const answer =
    push === undefined
      ? await ask()
      : await afterPush({ person, target: target.name, policy: push, unasked }, parts.push, ask);
  // It may have ended while the vault was asked: nothing is given to who has just been signed out.
  return answer.kind === "granted" ? ((await parts.liveness(person)) ?? answer) : answer;
};

/** What nobody configured is the caller's own text, and stays out of the record. */
const record = (
  answer: FacadeAnswer | { readonly kind: "malformed"; readonly reason: string },
  {
    person,
    target,
  }: { readonly person?: FacadePerson | undefined; readonly target?: FacadeTarget | undefined },
  { traceId }: IncomingQuestion,
  { audit, clock }: ExchangeParts,
  startedMs: number,
): void => {
  audit({
    event: "exchange",
    outcome: answer.kind,
    ...(person === undefined ? {} : { subject: person.subject }),
    ...(target === undefined ? {} : { target: target.name, vault: target.vault }),
    ...("reason" in answer ? { reason: answer.reason } : {}),
    ...(traceId === undefined ? {} : { traceId }),
    tookMs: Math.round(clock.now() - startedMs),
  });
};
