import { sha256Hex } from "../../hash.ts";
import * as z from "zod";
import { LanyardError } from "../../errors.ts";
import { Secret } from "../../secret.ts";
import type { ActiveSession, SessionInfo } from "../session.ts";

/** A string at rest, a `Secret` in memory. */
const secret = z.codec(z.string().min(1), z.instanceof(Secret), {
  decode: (text) => new Secret(text),
  encode: (value) => value.reveal(),
});

const name = z.string().min(1).max(2048);
const timeMs = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);

/** Whose session a record is. The three together name it. */
const binding = {
  version: z.literal(1),
  issuer: name,
  clientId: name,
  subject: name,
};

/** So many are remembered; older ones are forgotten. */
export const mostReplaced = 32;

const liveRecord = z.strictObject({
  ...binding,
  kind: z.literal("live"),
  accountLabel: name,
  /** Asked for or granted: asking again for what the IdP left out would end in a loop of sign-ins. */
  scopes: z.array(name).max(1000),
  resource: name.exactOptional(),
  /** Where one sign-in is good for one API alone: which. Part of the record's name. */
  api: name.exactOptional(),
  /** The record's name without the API. */
  account: name.exactOptional(),
  /** Of a client that has one, which everybody who has the application knows. */
  clientSecret: secret.exactOptional(),
  signedInAtMs: timeMs,
  acr: name.exactOptional(),
  authTimeSeconds: z.number().nonnegative().exactOptional(),
  accessToken: secret,
  /** When it was received; its life is counted from here. */
  accessTokenFromMs: timeMs.exactOptional(),
  accessTokenExpiresAtMs: timeMs.exactOptional(),
  refreshToken: secret.exactOptional(),
  idToken: secret.exactOptional(),
  /**
   * Refresh tokens that newer sign-ins took the place of, and those of sign-ins that were refused. They share a grant
   * with the one above at many IdPs, which would end with them: so they are revoked when the session is.
   */
  replaced: z.array(secret).max(mostReplaced).exactOptional(),
  /** ES256 key pair of a sender-constrained session (RFC 9449): a private JWK. */
  proofKey: secret.exactOptional(),
});

const endedRecord = z.strictObject({
  ...binding,
  kind: z.literal("ended"),
  api: name.exactOptional(),
  account: name.exactOptional(),
  cause: z.enum(["never", "expired", "revoked"]),
  endedAtMs: timeMs,
});

const sessionRecord = z.discriminatedUnion("kind", [liveRecord, endedRecord]);

/** A session with its tokens, as it lies in secret storage. */
export type LiveRecord = z.output<typeof liveRecord>;
/** What stays in the place of a session that ended: no token, but why, for the other windows and the next start. */
export type EndedRecord = z.output<typeof endedRecord>;
export type SessionRecord = LiveRecord | EndedRecord;

/** @returns undefined for text that is not a record of this version. */
export const parseRecord = (text: string): SessionRecord | undefined => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = sessionRecord.safeParse(json);
  return parsed.success ? parsed.data : undefined;
};

/**
 * Nothing is written that could not be read again.
 * @throws LanyardError `badReply` when what the IdP sent does not fit a record.
 */
export const formatRecord = (record: SessionRecord): string => {
  const encoded = z.safeEncode(sessionRecord, record);
  if (encoded.success) return JSON.stringify(encoded.data);
  const places = encoded.error.issues.map((issue) => issue.path.join(".")).join(", ");
  throw new LanyardError("badReply", `The identity provider's answer makes no valid session (${places}).`);
};

/** Names the record of one person at one IdP with one client (and one API, where that must be): a hash, so that no key tells who signed in where. */
export const recordId = (of: {
  readonly issuer: string;
  readonly clientId: string;
  readonly subject: string;
  readonly api?: string;
}): Promise<string> => {
  const api = of.api === undefined ? [] : [of.api];
  return sha256Hex(JSON.stringify([of.issuer, of.clientId, of.subject, ...api]));
};

/** What stays of a session: whose it was and why it ended. */
export const endedFrom = (record: LiveRecord, cause: EndedRecord["cause"], nowMs: number): EndedRecord => ({
  version: 1,
  kind: "ended",
  issuer: record.issuer,
  clientId: record.clientId,
  subject: record.subject,
  ...(record.api === undefined ? {} : { api: record.api }),
  ...(record.account === undefined ? {} : { account: record.account }),
  cause,
  endedAtMs: nowMs,
});

/** What may be shown of a session. */
export const infoOf = (id: string, record: LiveRecord): SessionInfo => ({
  id,
  ...(record.account === undefined ? {} : { account: record.account }),
  issuer: record.issuer,
  clientId: record.clientId,
  subject: record.subject,
  accountLabel: record.accountLabel,
  scopes: record.scopes,
  signedInAtMs: record.signedInAtMs,
  ...(record.acr === undefined ? {} : { acr: record.acr }),
  ...(record.authTimeSeconds === undefined ? {} : { authTimeSeconds: record.authTimeSeconds }),
});

/** The session with the tokens that requests carry; the refresh token stays behind. */
export const activeOf = (id: string, record: LiveRecord): ActiveSession => ({
  ...infoOf(id, record),
  accessToken: record.accessToken,
  ...(record.accessTokenExpiresAtMs === undefined
    ? {}
    : { accessTokenExpiresAtMs: record.accessTokenExpiresAtMs }),
  ...(record.idToken === undefined ? {} : { idToken: record.idToken }),
  ...(record.proofKey === undefined ? {} : { senderConstrained: true as const }),
});

export const sameSecret = (a: Secret | undefined, b: Secret | undefined): boolean =>
  a?.reveal() === b?.reveal();
