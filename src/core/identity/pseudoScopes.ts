import type { SessionNeed } from "./session.ts";

const issuerPrefix = "lanyard.issuer:";
const clientPrefix = "lanyard.client:";
const resourcePrefix = "lanyard.resource:";
const accountPrefix = "lanyard.account:";

/** A scope of the configuration that looks like one of ours would lead the sign-in elsewhere: it is left out. */
const isOurs = (scope: string): boolean =>
  [issuerPrefix, clientPrefix, resourcePrefix, accountPrefix].some((prefix) => scope.startsWith(prefix));

/**
 * The editor's authentication API knows one provider and its scopes, and no issuer. Which IdP and client are meant
 * travels as scopes of our own, which never reach the IdP.
 */
export const toPseudoScopes = (need: SessionNeed): string[] => [
  issuerPrefix + need.issuer,
  clientPrefix + need.clientId,
  ...(need.resource === undefined ? [] : [resourcePrefix + need.resource]),
  ...(need.account === undefined ? [] : [accountPrefix + need.account]),
  ...need.scopes.filter((scope) => !isOurs(scope)),
];

/** What a caller of the authentication API asks for: any part may be missing. */
export const fromPseudoScopes = (
  scopes: readonly string[],
): Partial<SessionNeed> & { readonly scopes: string[] } => {
  const valueOf = (prefix: string): string | undefined =>
    scopes.find((scope) => scope.startsWith(prefix))?.slice(prefix.length);
  const issuer = valueOf(issuerPrefix);
  const clientId = valueOf(clientPrefix);
  const resource = valueOf(resourcePrefix);
  const account = valueOf(accountPrefix);
  return {
    ...(issuer === undefined ? {} : { issuer }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(resource === undefined ? {} : { resource }),
    ...(account === undefined ? {} : { account }),
    scopes: scopes.filter((scope) => !isOurs(scope)),
  };
};
