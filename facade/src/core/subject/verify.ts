import { errors, jwtVerify, type JWTPayload, type JWTVerifyResult } from "jose";
import { Secret } from "../../../../src/core/secret.ts";
import type { Clock } from "../../../../src/core/ports.ts";
import { deadSubject, notSetUp, unavailable, type FacadeAnswer } from "../answer.ts";
import type { FacadeIdp } from "../config/schema.ts";
import { KeysUnavailable, type FindKey } from "./keys.ts";
import { claimAt, type FacadePerson } from "./person.ts";

/** Signatures that a key of the issuer's alone can make: a secret shared with a client can not vouch for a person. */
export const signatureAlgorithms = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];

export type Verified =
  | { readonly kind: "person"; readonly person: FacadePerson }
  | { readonly kind: "refused"; readonly answer: FacadeAnswer };

/** What kind of JWT its header says it is (RFC 7515, section 4.1.9: "application/" may be left out). */
export const headerType = ({ typ }: { readonly typ?: string }): string | undefined =>
  typ?.toLowerCase().replace(/^application\//, "");

interface VerifyParts {
  readonly idp: FacadeIdp;
  readonly findKey: FindKey;
  readonly clock: Clock;
}

/** Of a JWT: RFC 9068, section 2.1, has a type for access tokens alone; before it there was none. */
const tokenTypes: Readonly<Record<FacadePerson["tokenKind"], ReadonlySet<string | undefined>>> = {
  access_token: new Set([undefined, "jwt", "at+jwt"]),
  id_token: new Set([undefined, "jwt"]),
};
/** Keycloak's own claim, which tells its kinds of token apart. */
const kinds = {
  access_token: new Set<unknown>([undefined, "Bearer", "DPoP"]),
  id_token: new Set<unknown>([undefined, "ID"]),
};
/** Where authorization servers name the client: RFC 9068, OpenID Connect, Okta, Entra's first version. */
const clientClaims = ["client_id", "azp", "cid", "appid"] as const;

/**
 * Verifies a user's token: the issuer's signature, issuer, expiry and type; that it was issued to one of the public
 * clients **and** is meant for this facade. A credential that the facade has handed out fails: it was issued to the
 * facade's client, not to a person's.
 */
export const verifySubject = async (
  token: string,
  tokenKind: FacadePerson["tokenKind"],
  parts: VerifyParts,
): Promise<Verified> =>
  parts.idp.subjectTokens.includes(tokenKind)
    ? verifyToken(token, tokenKind, parts)
    : refused(notSetUp(`This facade takes no ${tokenKind} as subject_token.`));

/** The same of a token that is used as itself, whichever are taken as subject tokens. */
export const verifyToken = async (
  token: string,
  tokenKind: FacadePerson["tokenKind"],
  { idp, findKey, clock }: VerifyParts,
): Promise<Verified> => {
  let read: JWTVerifyResult;
  try {
    read = await jwtVerify(token, findKey, {
      issuer: idp.issuer,
      algorithms: signatureAlgorithms,
      clockTolerance: 5,
      currentDate: new Date(clock.now()),
      requiredClaims: ["sub", "exp", "iat"],
    });
  } catch (error) {
    return refused(refusalOf(error));
  }
  const { payload, protectedHeader } = read;
  if (!tokenTypes[tokenKind].has(headerType(protectedHeader)) || !isKind(payload, tokenKind))
    return refused(deadSubject(`The subject_token is no ${tokenKind}.`));
  const stranger = strangerIn(payload, tokenKind, idp);
  if (stranger !== undefined) return refused(notSetUp(stranger));
  const { sub } = payload;
  if (typeof sub !== "string" || sub === "")
    return refused(deadSubject("The subject_token does not say whose it is (sub)."));
  return bound(payload, sub, token, tokenKind);
};

const refused = (answer: FacadeAnswer): Verified => ({ kind: "refused", answer });

const refusalOf = (error: unknown): FacadeAnswer => {
  if (error instanceof KeysUnavailable) return unavailable(error.message);
  if (error instanceof errors.JWTExpired) return deadSubject("The subject_token has expired.");
  if (error instanceof errors.JOSEError || error instanceof TypeError)
    return deadSubject("The subject_token is not one that the identity provider has signed for use here.");
  throw error;
};

/** An access token is no ID token, whose `at_hash` no access token has, and neither is an event. */
const isKind = (payload: JWTPayload, tokenKind: FacadePerson["tokenKind"]): boolean => {
  if (!kinds[tokenKind].has(payload["typ"]) || payload["events"] !== undefined) return false;
  return tokenKind === "id_token" || payload["at_hash"] === undefined;
};

/** Why the token is not this facade's to take: what administrators have to mend, or somebody tried. */
const strangerIn = (
  payload: JWTPayload,
  tokenKind: FacadePerson["tokenKind"],
  idp: FacadeIdp,
): string | undefined => {
  const audiences = [payload.aud ?? []].flat();
  const named = clientClaims.flatMap((claim) => (payload[claim] === undefined ? [] : [payload[claim]]));
  const isClient = (name: unknown): boolean => typeof name === "string" && idp.clients.includes(name);
  if (!named.every(isClient))
    return "The subject_token was issued to another client than people sign in with here.";
  if (tokenKind === "id_token")
    return audiences.length === 1 && audiences.every(isClient)
      ? undefined
      : "The ID token is for another client than people sign in with here.";
  if (named.length === 0)
    return "The subject_token does not say which client it was issued to (azp or client_id).";
  return audiences.includes(idp.audience)
    ? undefined
    : `The subject_token is not meant for this facade: its aud lacks ${JSON.stringify(idp.audience)}.`;
};

const bound = (
  payload: JWTPayload,
  subject: string,
  token: string,
  tokenKind: FacadePerson["tokenKind"],
): Verified => {
  const [thumbprint, confirmation] = [claimAt(payload, ["cnf", "jkt"]), payload["cnf"]];
  if (confirmation !== undefined && typeof thumbprint !== "string")
    return refused(notSetUp("The subject_token is bound to something else than a key of DPoP."));
  const sid = payload["sid"];
  return {
    kind: "person",
    person: {
      subject,
      sessionId: typeof sid === "string" ? sid : undefined,
      claims: payload,
      token: new Secret(token),
      tokenKind,
      issuedAtSeconds: payload.iat ?? 0,
      expiresAtSeconds: payload.exp ?? 0,
      keyThumbprint: typeof thumbprint === "string" ? thumbprint : undefined,
    },
  };
};
