import type { Clock } from "../../../../src/core/ports.ts";
import type { Secret } from "../../../../src/core/secret.ts";
import { deadSubject, notSetUp, unavailable, type FacadeAnswer } from "../answer.ts";
import type { FacadeIdp } from "../config/schema.ts";
import type { SecretPlace } from "../config/parts.ts";
import { clientForm, type Wire, type WireRequest } from "../wire.ts";
import { Ending } from "../state/ending.ts";
import type { Endings } from "./endings.ts";
import type { IdpMetadata } from "./metadata.ts";
import type { FacadePerson } from "./person.ts";

export interface LivenessParts {
  readonly idp: FacadeIdp;
  readonly metadata: () => Promise<IdpMetadata | undefined>;
  readonly wire: Wire;
  readonly clock: Clock;
  readonly secret: (place: SecretPlace) => Promise<Secret>;
  readonly endings: Endings;
}

/** Asks whether a person's session still lives; undefined where it does. */
export type Liveness = (person: FacadePerson) => Promise<FacadeAnswer | undefined>;

/**
 * By introspection (RFC 7662) or userinfo. That it lives is believed for seconds; that it is over, or that the identity
 * provider cannot be asked, is never remembered.
 */
export const livenessBy = (parts: LivenessParts): Liveness => {
  const alive = new Ending<true>(parts.clock);
  return async (person) => {
    const over = deadSubject("The session is over.");
    if (await parts.endings.isOver(person)) return over;
    if (person.expiresAtSeconds * 1000 <= parts.clock.now())
      return deadSubject("The subject_token has expired.");
    if (parts.idp.liveness === "none") return undefined;
    const token = person.token.reveal();
    if (alive.get(token) === true) return undefined;
    const found = await ask(person, parts);
    if (found !== "alive") {
      alive.delete(token);
      return found === "over" ? over : found;
    }
    alive.put(token, true, parts.idp.livenessSeconds * 1000);
    // It may have ended while the identity provider was asked.
    return (await parts.endings.isOver(person)) ? over : undefined;
  };
};

const ask = async (person: FacadePerson, parts: LivenessParts): Promise<"alive" | "over" | FacadeAnswer> => {
  if (parts.idp.liveness === "userinfo" && !isForUserinfo(person))
    return notSetUp(
      "Userinfo cannot be asked by an ID token, nor by one that is bound to a key: see liveness.",
    );
  const metadata = await parts.metadata();
  if (metadata === undefined) return unavailable("The identity provider does not answer now.");
  const request = await requestOf(person, metadata, parts);
  if (request === undefined)
    return unavailable(`The identity provider offers no ${parts.idp.liveness}: see facade.json, liveness.`);
  const result = await parts.wire(request);
  if (result.kind === "unreachable") return unavailable("The identity provider does not answer now.");
  const { status, body } = result;
  if (parts.idp.liveness === "userinfo") {
    if (status === 401 || status === 403) return "over";
    if (status === 200) return body["sub"] === undefined || body["sub"] === person.subject ? "alive" : "over";
  } else if (status === 200) {
    return body["active"] === true ? "alive" : "over";
  }
  const reason = status === 401 ? "refuses the facade's secret" : "does not answer now";
  return unavailable(`The identity provider ${reason}.`, result.retryAfterSeconds);
};

/** Userinfo takes neither an ID token nor one without its key, and would refuse both as if the session were over. */
const isForUserinfo = ({ tokenKind, keyThumbprint }: FacadePerson): boolean =>
  tokenKind === "access_token" && keyThumbprint === undefined;

const requestOf = async (
  { token }: FacadePerson,
  metadata: IdpMetadata,
  { idp, secret }: LivenessParts,
): Promise<WireRequest | undefined> => {
  if (idp.liveness === "userinfo") {
    const url = metadata.userinfo_endpoint;
    if (url === undefined) return undefined;
    return { method: "GET", url, headers: { authorization: `Bearer ${token.reveal()}` } };
  }
  const url = metadata.introspection_endpoint;
  if (url === undefined) return undefined;
  return clientForm(url, idp, await secret(idp.clientSecret), { token: token.reveal() });
};
