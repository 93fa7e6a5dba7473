import { errors, jwtVerify } from "jose";
import * as z from "zod";
import type { Clock } from "../../../src/core/ports.ts";
import { Secret } from "../../../src/core/secret.ts";
import { notSetUp, unavailable, type FacadeAnswer } from "./answer.ts";
import type { PushPolicy } from "./config/policy.ts";
import type { SecretPlace } from "./config/parts.ts";
import type { FacadeIdp } from "./config/schema.ts";
import { placesOf, type PushPlaces } from "./pushPlaces.ts";
import { askIdp, failureOfPush, sendPush, type PushResult } from "./pushWire.ts";
import type { FacadeStore } from "./state/store.ts";
import { KeysUnavailable, type FindKey } from "./subject/keys.ts";
import type { IdpMetadata } from "./subject/metadata.ts";
import { claimAt, type FacadePerson } from "./subject/person.ts";
import { signatureAlgorithms } from "./subject/verify.ts";
import { secondsOf, textOf, type Wire } from "./wire.ts";

export interface PushParts {
  readonly idp: FacadeIdp;
  readonly metadata: () => Promise<IdpMetadata | undefined>;
  readonly findKey: FindKey;
  readonly wire: Wire;
  readonly clock: Clock;
  readonly secret: (place: SecretPlace) => Promise<Secret>;
  readonly store: FacadeStore;
  /** By the request: ID tokens that say who approved, while the keys for them cannot be had. In memory alone. */
  readonly unread: Map<string, Secret>;
}

/** Whose approval is needed for what. */
export interface PushQuestion {
  readonly person: FacadePerson;
  readonly target: string;
  readonly policy: PushPolicy;
  /** Nobody asked for this now: nothing may reach a phone. */
  readonly unasked: boolean;
}

const openSchema = z.object({
  id: z.string(),
  /** The session that asked: what comes of it is for that one alone. */
  asker: z.string(),
  bindingMessage: z.string(),
  untilMs: z.number(),
  intervalMs: z.number(),
  nextMs: z.number(),
});
type OpenPush = z.output<typeof openSchema>;

const cibaGrant = "urn:openid:params:grant-type:ciba";
/** A person who has refused, or has not answered, is not asked again at once, whoever wants it. */
const pauseMs = 60_000;
/** Longer than all requests of one turn may take. */
const busyMs = 30_000;
const spendingMs = 60_000;
/** So long an approval for one credential waits for the vault to give it. */
const unspentMs = 300_000;
const mostUnread = 1000;
const refusedByPerson: FacadeAnswer = { kind: "denied", by: "user", reason: "It was refused on the phone." };
const unanswered: FacadeAnswer = {
  kind: "expired",
  reason: "It was not approved in time. Ask again in a minute.",
};
const reason = "Approve the request on your phone.";
const otherFirst: FacadeAnswer = {
  ...{ kind: "pending", reason: "Another request of yours waits on your phone. It comes first." },
};

/**
 * Asks the vault once the person has approved on another device (CIBA, poll mode): once for each session and target, or
 * for each credential where an approval holds for no time.
 */
export const afterPush = async (
  question: PushQuestion,
  parts: PushParts,
  ask: () => Promise<FacadeAnswer>,
): Promise<FacadeAnswer> => {
  const places = await placesOf(question.person, question.target);
  const answer = await unlessApproved(places, question, parts);
  if (answer !== undefined) return answer;
  return question.policy.validSeconds > 0 ? ask() : spend(places, parts, ask);
};

/** The approval is spent when the vault has given the credential, and by one question alone. */
const spend = async (
  { approved }: PushPlaces,
  { store }: PushParts,
  ask: () => Promise<FacadeAnswer>,
): Promise<FacadeAnswer> => {
  if (!(await store.add(`spending-${approved}`, "", spendingMs))) return { kind: "pending", reason };
  try {
    if ((await store.get(approved)) === undefined) return { kind: "pending", reason };
    const answer = await ask();
    if (answer.kind === "granted") await store.delete(approved);
    return answer;
  } finally {
    await store.delete(`spending-${approved}`);
  }
};

/** What is known of a question before anybody is asked. */
type Standing =
  /** Undefined once they have approved. */
  | { readonly kind: "said"; readonly answer: FacadeAnswer | undefined }
  /** The session's turn: to poll what is open, or to send. */
  | { readonly kind: "ours"; readonly open: OpenPush | undefined };

const said = (answer: FacadeAnswer | undefined): Standing => ({ kind: "said", answer });

const standingOf = async (
  { key, approved, asker }: PushPlaces,
  { unasked }: PushQuestion,
  { store, clock }: PushParts,
): Promise<Standing> => {
  if ((await store.get(approved)) !== undefined) return said(undefined);
  if ((await store.get(`refused:${key}`)) !== undefined) return said(refusedByPerson);
  if ((await store.get(`unanswered:${key}`)) !== undefined) return said(unanswered);
  const kept = await store.get(`push:${key}`);
  const open = kept === undefined ? undefined : openSchema.parse(JSON.parse(kept));
  if (open?.asker === asker) return { kind: "ours", open };
  if (unasked) return said({ kind: "pending", reason, unsent: true });
  if (open === undefined) return { kind: "ours", open };
  return said(clock.now() < open.untilMs ? otherFirst : unanswered);
};

/** @returns undefined once they have approved */
const unlessApproved = async (
  places: PushPlaces,
  question: PushQuestion,
  parts: PushParts,
): Promise<FacadeAnswer | undefined> => {
  const before = await standingOf(places, question, parts);
  if (before.kind === "said") return before.answer;
  // One question at a time sends or polls, whichever instance it came to.
  const busy = `push-busy:${places.key}`;
  if (!(await parts.store.add(busy, "", busyMs)))
    return before.open === undefined ? { kind: "pending", reason } : waiting(before.open, parts.clock);
  try {
    // Another may have done so since.
    const now = await standingOf(places, question, parts);
    if (now.kind === "said") return now.answer;
    return await (now.open === undefined
      ? start(places, question, parts)
      : poll(places, now.open, question, parts));
  } finally {
    await parts.store.delete(busy);
  }
};

const waiting = (open: OpenPush, clock: Clock): FacadeAnswer => ({
  kind: "pending",
  reason,
  bindingMessage: open.bindingMessage,
  expiresInSeconds: Math.max(1, Math.ceil((open.untilMs - clock.now()) / 1000)),
});

const start = async (
  { key, asker }: PushPlaces,
  { person, policy }: PushQuestion,
  parts: PushParts,
): Promise<FacadeAnswer | undefined> => {
  const url = (await parts.metadata())?.backchannel_authentication_endpoint;
  if (url === undefined)
    return notSetUp("The identity provider offers no approval on another device (CIBA).");
  const hint = claimAt(person.claims, policy.loginHint);
  if (typeof hint !== "string")
    return notSetUp("The user's token lacks the claim that names the person (push).");
  const { result, bindingMessage } = await sendPush(url, policy, hint, parts);
  const failed = failureOfPush(result);
  if (failed !== undefined) return failed;
  const { body } = result;
  const id = textOf(body, "auth_req_id");
  if (id === undefined) return notSetUp("The identity provider's answer to a push holds no auth_req_id.");
  const [now, lifeSeconds] = [parts.clock.now(), secondsOf(body, "expires_in") ?? 120];
  const intervalMs = (secondsOf(body, "interval") ?? 5) * 1000;
  const open = {
    ...{ id, asker },
    bindingMessage,
    untilMs: now + lifeSeconds * 1000,
    intervalMs,
    nextMs: now + intervalMs,
  };
  await keep(key, open, parts);
  return waiting(open, parts.clock);
};

/** It is kept a while longer than it lives, so that its end is told. */
const keep = (key: string, open: OpenPush, { store, clock }: PushParts): Promise<void> =>
  store.set(`push:${key}`, JSON.stringify(open), open.untilMs - clock.now() + 60_000);

const poll = async (
  places: PushPlaces,
  open: OpenPush,
  question: PushQuestion,
  parts: PushParts,
): Promise<FacadeAnswer | undefined> => {
  const { clock, unread } = parts;
  const now = clock.now();
  const idTokenHeld = unread.get(open.id);
  if (idTokenHeld !== undefined) return approval(places, open, idTokenHeld, question, parts);
  if (now < open.nextMs && now < open.untilMs) return waiting(open, clock);
  const url = (await parts.metadata())?.token_endpoint;
  if (url === undefined) return unavailable("The identity provider does not answer now.");
  const result = await askIdp(url, parts, { grant_type: cibaGrant, auth_req_id: open.id });
  if (result.kind === "reply" && result.status === 200) {
    const idToken = new Secret(textOf(result.body, "id_token") ?? "");
    return approval(places, open, idToken, question, parts);
  }
  return unapproved(places.key, open, result, parts);
};

/** What it is once somebody has approved. The identity provider says once who that was. */
const approval = async (
  { key, approved }: PushPlaces,
  open: OpenPush,
  idToken: Secret,
  { person, policy }: PushQuestion,
  parts: PushParts,
): Promise<FacadeAnswer | undefined> => {
  const { store, unread } = parts;
  const isTheirs = await isApprovedBy(person, idToken, parts);
  if (isTheirs === undefined) {
    if (unread.size >= mostUnread) unread.clear();
    unread.set(open.id, idToken);
    return unavailable("The identity provider's keys cannot be read now.");
  }
  unread.delete(open.id);
  await store.delete(`push:${key}`);
  if (!isTheirs)
    return { kind: "denied", by: "policy", reason: "Somebody else approved than the person who asks." };
  const lifeMs = policy.validSeconds > 0 ? policy.validSeconds * 1000 : unspentMs;
  await store.set(approved, "", lifeMs);
  return undefined;
};

/** What it is when it was not approved, or not yet. */
const unapproved = async (
  key: string,
  open: OpenPush,
  result: PushResult,
  parts: PushParts,
): Promise<FacadeAnswer> => {
  const { store, clock } = parts;
  const error = result.body["error"];
  if (error === "access_denied") {
    await store.delete(`push:${key}`);
    await store.set(`refused:${key}`, "", pauseMs);
    return refusedByPerson;
  }
  // An identity provider that has forgotten the request, as Keycloak has after a restart, calls it invalid.
  if (error === "expired_token" || error === "invalid_grant" || clock.now() >= open.untilMs) {
    await store.delete(`push:${key}`);
    await store.set(`unanswered:${key}`, "", pauseMs);
    return unanswered;
  }
  const intervalMs = open.intervalMs + (error === "slow_down" ? 5000 : 0);
  const next = { ...open, intervalMs, nextMs: clock.now() + intervalMs };
  await keep(key, next, parts);
  if (error === "authorization_pending" || error === "slow_down") return waiting(next, clock);
  return failureOfPush(result) ?? notSetUp("The identity provider refused to say whether it was approved.");
};

/** Whether who approved is the one who asks, by the ID token that came of it; undefined while that cannot be told. */
const isApprovedBy = async (
  { subject }: FacadePerson,
  idToken: Secret,
  { idp, findKey, clock }: PushParts,
): Promise<boolean | undefined> => {
  try {
    const { payload } = await jwtVerify(idToken.reveal(), findKey, {
      ...{ issuer: idp.issuer, audience: idp.clientId, algorithms: signatureAlgorithms },
      currentDate: new Date(clock.now()),
    });
    return payload.sub === subject;
  } catch (error) {
    if (error instanceof KeysUnavailable) return undefined;
    if (error instanceof errors.JOSEError || error instanceof TypeError) return false;
    throw error;
  }
};
