import type * as oauth from "openid-client";
import { untilAborted } from "../../abort.ts";
import { assertSecureUrl, hostOf } from "../../urls.ts";
import type { IdentityContext } from "../context.ts";

/** Whether a code that comes back may be another IdP's than the one whose token endpoint would get it. */
export type MixUp =
  | { readonly kind: "none" }
  /** The person would be sent to a place that is neither the issuer's nor its token endpoint's, or another's own. */
  | { readonly kind: "foreign"; readonly host: string }
  /** Neither says in its answers who answers (RFC 9207), so an answer of one could pass for the other's. */
  | { readonly kind: "indistinct"; readonly issuers: readonly string[] };

/**
 * Mix-up (RFC 9700, section 4.4): a bad IdP has the person sign in at a good one, and gets the good one's code and the
 * PKCE verifier. Redirects stay as they are registered, for many IdPs compare them exactly; so what stands between two
 * IdPs is `iss` in the answer of either, and where neither sends it, the person.
 */
export const mixUpOf = async (
  context: IdentityContext,
  metadata: oauth.ServerMetadata,
  signal: AbortSignal,
): Promise<MixUp> => {
  const { authorization_endpoint: endpoint } = metadata;
  if (endpoint === undefined) return { kind: "none" };
  assertSecureUrl(endpoint);
  if (isForeign(endpoint, metadata)) return { kind: "foreign", host: hostOf(endpoint) };
  const others = await othersKnown(context, metadata.issuer, signal);
  if (others.some((other) => sharesDoor(metadata, other))) return { kind: "foreign", host: hostOf(endpoint) };
  if (saysWho(metadata)) return { kind: "none" };
  const issuers = others.filter((other) => !saysWho(other)).map(({ issuer }) => issuer);
  return issuers.length === 0 ? { kind: "none" } : { kind: "indistinct", issuers };
};

type Other = Partial<oauth.ServerMetadata> & { readonly issuer: string };

const saysWho = (metadata: Other): boolean =>
  metadata.authorization_response_iss_parameter_supported === true;

/** A vendor's endpoints may lie on other hosts than its issuer (Amazon Cognito), or apart from each other (Google). */
const isForeign = (endpoint: string, { issuer, token_endpoint: token }: oauth.ServerMetadata): boolean =>
  !isKin(endpoint, issuer) && (token === undefined || !isKin(endpoint, token));

const isKin = (a: string, b: string): boolean => {
  const [one, other] = [URL.parse(a), URL.parse(b)];
  if (one === null || other === null) return false;
  if (one.origin === other.origin) return true;
  const within = (host: string, domain: string): boolean =>
    domain.includes(".") && !/^[\d.]+$/.test(domain) && host.endsWith(`.${domain}`);
  return within(one.hostname, other.hostname) || within(other.hostname, one.hostname);
};

/** The same place to sign in, and another to redeem the code at. */
const sharesDoor = (a: oauth.ServerMetadata, b: Other): boolean =>
  (samePlace(a.authorization_endpoint, b.authorization_endpoint) ||
    samePlace(a.pushed_authorization_request_endpoint, b.pushed_authorization_request_endpoint)) &&
  !samePlace(a.token_endpoint, b.token_endpoint);

const samePlace = (a: string | undefined, b: string | undefined): boolean => {
  const [one, other] = [URL.parse(a ?? ""), URL.parse(b ?? "")];
  return one !== null && other !== null && one.origin === other.origin && one.pathname === other.pathname;
};

/** The other IdPs at which somebody is or was signed in here. One that cannot be asked counts as one that says nothing. */
const othersKnown = async (
  { store, discovery }: IdentityContext,
  issuer: string,
  signal: AbortSignal,
): Promise<readonly Other[]> => {
  const known = (await untilAborted(store.all("forPerson"), signal)).flatMap((stored) => {
    if (stored.kind === "absent") return [];
    return [stored.kind === "lost" ? stored.issuer : stored.record.issuer];
  });
  const others = [...new Set(known)].filter((other) => other !== issuer);
  return Promise.all(
    others.map(async (other): Promise<Other> => {
      try {
        return await discovery.metadata(other, signal);
      } catch (error) {
        if (signal.aborted) throw error;
        return { issuer: other };
      }
    }),
  );
};
