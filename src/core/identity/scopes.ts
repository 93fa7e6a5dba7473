import type { SessionInfo, SessionNeed } from "./session.ts";

/** Of OpenID Connect: they belong to no API. */
const openIdScopes: ReadonlySet<string> = new Set([
  ...["openid", "profile", "email", "address", "phone", "offline_access"],
]);

/** Entra, in its three clouds: it refuses a request for scopes of two APIs (AADSTS28000, AADSTS70011). */
const entraHosts = /^login\.(?:microsoftonline\.(?:com|us)|partner\.microsoftonline\.cn)$/;

/**
 * The API that scopes belong to, at an identity provider that gives out one API's a request: entries of two APIs are
 * signed in for one by one there. `undefined` where scopes of all kinds may be asked for together.
 */
export const apiOf = (issuer: string, scopes: readonly string[]): string | undefined => {
  if (!entraHosts.test(URL.parse(issuer)?.hostname ?? "")) return undefined;
  const apis = scopes.filter((scope) => !openIdScopes.has(scope)).map(apiNamedIn);
  return apis.length === 0 ? undefined : [...new Set(apis)].sort().join(" ");
};

/** Scopes without an address are those of Microsoft Graph. */
const apiNamedIn = (scope: string): string => {
  const end = scope.lastIndexOf("/");
  return end < 0 ? "https://graph.microsoft.com" : scope.slice(0, end);
};

/** Offline access is a wish that an IdP may leave out of its answer; whether a refresh token came shows on use. */
export const coversScopes = (
  session: Pick<SessionInfo, "scopes">,
  need: Pick<SessionNeed, "scopes">,
): boolean => need.scopes.every((scope) => scope === "offline_access" || session.scopes.includes(scope));

/**
 * What was asked for and not granted (RFC 6749, section 5.1: a reply without `scope` has granted all). Some name a scope
 * by its address: Google `…/auth/userinfo.email`, Entra `https://graph.microsoft.com/User.Read`. What shows by itself is
 * left out: an ID token, a refresh token.
 */
export const notGranted = (
  asked: readonly string[],
  granted: readonly string[] | undefined,
): readonly string[] => {
  if (granted === undefined) return [];
  const has = (scope: string): boolean =>
    granted.some((each) => each === scope || each.endsWith(`/${scope}`) || each.endsWith(`.${scope}`));
  return asked.filter((scope) => scope !== "openid" && scope !== "offline_access" && !has(scope));
};
