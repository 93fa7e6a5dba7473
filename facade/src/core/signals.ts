import { errors, jwtVerify, type JWTPayload } from "jose";
import * as z from "zod";
import { sha256Base64url } from "../../../src/core/hash.ts";
import type { Clock } from "../../../src/core/ports.ts";
import type { AuditSink } from "./audit.ts";
import type { EditorEvents } from "./events.ts";
import type { FacadeStore } from "./state/store.ts";
import type { Endings } from "./subject/endings.ts";
import { KeysUnavailable, type FindKey } from "./subject/keys.ts";
import { headerType, signatureAlgorithms } from "./subject/verify.ts";

/** What became of a token that tells of an event; errors are those of RFC 8935, section 2.4. */
export type SignalOutcome =
  | { readonly kind: "taken" }
  | { readonly kind: "refused"; readonly error: SignalError; readonly reason: string }
  | { readonly kind: "unavailable" };

export type SignalError = "invalid_request" | "invalid_key" | "invalid_issuer" | "invalid_audience";

export interface SignalParts {
  readonly endings: Endings;
  readonly events: Pick<EditorEvents, "tell">;
  readonly store: FacadeStore;
  readonly clock: Clock;
  readonly audit: AuditSink;
}

/** Who signs, and for whom. */
export interface SignalSource {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly findKey: FindKey;
  /** Subjects count that this issuer names: those of the identity provider. */
  readonly people: string;
}

const logoutEvent = "http://schemas.openid.net/event/backchannel-logout";
const caep = "https://schemas.openid.net/secevent/caep/event-type/";
const issSub = z.looseObject({ format: z.literal("iss_sub"), iss: z.string(), sub: z.string() });
const opaque = z.looseObject({ format: z.literal("opaque"), id: z.string() });
const simple = z.union([issSub, opaque]);
const complex = z.looseObject({
  format: z.literal("complex"),
  user: simple.optional(),
  session: opaque.optional(),
});
const subjectId = z.union([simple, complex]);

/** Whom an event is about: their person, their session, or both. */
interface About {
  readonly subject?: string;
  readonly sessionId?: string;
}

/** A logout token of OpenID Connect Back-Channel Logout 1.0, section 2.4. */
export const takeLogout = (token: string, source: SignalSource, parts: SignalParts): Promise<SignalOutcome> =>
  takeOnce(token, logoutToken, source, parts, async (payload) => {
    const { sub, sid } = payload;
    const told = z.looseObject({ [logoutEvent]: z.looseObject({}) }).safeParse(payload["events"]);
    if (!told.success || payload["nonce"] !== undefined)
      return refused("invalid_request", "This is no logout token.");
    const about: About = {
      ...(sub === undefined ? {} : { subject: sub }),
      ...(typeof sid === "string" ? { sessionId: sid } : {}),
    };
    if (about.subject === undefined && about.sessionId === undefined)
      return refused("invalid_request", "The logout token names neither sub nor sid.");
    await end(about, "back-channel logout", parts);
    return { kind: "taken" };
  });

/** A security event token (RFC 8417) of a Shared Signals transmitter, with an event of CAEP. */
export const takeSignal = (token: string, source: SignalSource, parts: SignalParts): Promise<SignalOutcome> =>
  takeOnce(token, eventToken, source, parts, async (payload) => {
    const events = z.record(z.string(), z.looseObject({})).safeParse(payload["events"]);
    if (!events.success) return refused("invalid_request", "There are no events in it.");
    for (const [type, event] of Object.entries(events.data)) {
      // Older transmitters name the subject within the event.
      const about = aboutOf(payload["sub_id"] ?? event["subject"], source.people);
      if (about === undefined) continue;
      if (type === `${caep}session-revoked`) await end(about, "session-revoked", parts);
      // The person is asked about at the identity provider: by themselves these end nothing.
      else if (type.startsWith(caep) && about.subject !== undefined)
        await parts.events.tell(about.subject, { type: "session-revoked" });
    }
    return { kind: "taken" };
  });

const end = async (
  about: About,
  reason: string,
  { endings, events, store, audit }: SignalParts,
): Promise<void> => {
  const subject =
    about.subject ??
    (about.sessionId === undefined ? undefined : await store.get(personOfSession(about.sessionId)));
  await endings.end({ ...about, ...(subject === undefined ? {} : { subject }) });
  audit({ event: "session-ended", outcome: "ended", reason, ...(subject === undefined ? {} : { subject }) });
  if (subject !== undefined) await events.tell(subject, { type: "session-revoked" });
};

/** Where the store keeps whose session it is. */
export const personOfSession = (sessionId: string): string => `session-of:${sessionId}`;

const aboutOf = (value: unknown, people: string): About | undefined => {
  const read = subjectId.safeParse(value);
  if (!read.success) return undefined;
  const user = read.data.format === "complex" ? read.data.user : read.data;
  const session = read.data.format === "complex" ? read.data.session : undefined;
  if (user?.format === "iss_sub" && user.iss !== people) return undefined;
  const subject = user === undefined ? undefined : user.format === "iss_sub" ? user.sub : user.id;
  if (subject === undefined && session === undefined) return undefined;
  return {
    ...(subject === undefined ? {} : { subject }),
    ...(session === undefined ? {} : { sessionId: session.id }),
  };
};

const refused = (error: SignalError, reason: string): SignalOutcome => ({ kind: "refused", error, reason });

const daysMs = 24 * 60 * 60_000;

/** What a token of its kind has to say of itself. */
interface TokenKind {
  readonly types: readonly (string | undefined)[];
  readonly claims: readonly string[];
}

const logoutToken: TokenKind = { types: ["logout+jwt", "jwt", undefined], claims: ["exp"] };
/** An event does not expire (RFC 8417, section 2.2). */
const eventToken: TokenKind = { types: ["secevent+jwt"], claims: [] };

/**
 * Told once is enough: a repetition of what was taken is taken, and does nothing (RFC 8935, section 2). What was refused
 * is judged anew, and leaves a line each time, however it came.
 */
const takeOnce = async (
  token: string,
  kind: TokenKind,
  source: SignalSource,
  parts: SignalParts,
  take: (payload: JWTPayload) => Promise<SignalOutcome>,
): Promise<SignalOutcome> => {
  const read = await verified(token, kind, source, parts);
  const outcome = read.kind === "payload" ? await takenOf(read.payload, source, parts, take) : read;
  if (outcome.kind === "refused")
    parts.audit({ event: "signal-refused", outcome: outcome.error, reason: outcome.reason });
  return outcome;
};

const takenOf = async (
  payload: JWTPayload,
  { issuer }: SignalSource,
  { store }: SignalParts,
  take: (payload: JWTPayload) => Promise<SignalOutcome>,
): Promise<SignalOutcome> => {
  const name = `signal:${await sha256Base64url(`${issuer} ${payload.jti ?? ""}`)}`;
  if ((await store.get(name)) !== undefined) return { kind: "taken" };
  const outcome = await take(payload);
  if (outcome.kind === "taken") await store.set(name, "", daysMs);
  return outcome;
};

const verified = async (
  token: string,
  { types, claims }: TokenKind,
  { issuer, audiences, findKey }: SignalSource,
  { clock }: SignalParts,
): Promise<{ readonly kind: "payload"; readonly payload: JWTPayload } | SignalOutcome> => {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, findKey, {
      ...{ issuer, audience: [...audiences], algorithms: signatureAlgorithms, clockTolerance: 60 },
      ...{ currentDate: new Date(clock.now()), requiredClaims: ["iat", "jti", "events", ...claims] },
    });
    return types.includes(headerType(protectedHeader))
      ? { kind: "payload", payload }
      : refused("invalid_request", "It is of another type.");
  } catch (error) {
    return failureIn(error);
  }
};

const failureIn = (error: unknown): SignalOutcome => {
  if (error instanceof KeysUnavailable) return { kind: "unavailable" };
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === "iss")
    return refused("invalid_issuer", "It is of another issuer.");
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === "aud")
    return refused("invalid_audience", "It is for another audience.");
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey)
    return refused("invalid_key", "Its signature is not good.");
  if (error instanceof errors.JOSEError || error instanceof TypeError)
    return refused("invalid_request", "It is no token that can be read.");
  throw error;
};
