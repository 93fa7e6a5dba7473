import type { Connector } from "../config/connector.ts";
import { apiOf, coversScopes } from "./scopes.ts";
import type { SessionInfo, SessionNeed, SignInNeed } from "./session.ts";

/** Whether a session is of the issuer and client that are needed. */
export const serves = (
  session: Pick<SessionInfo, "issuer" | "clientId">,
  need: Pick<SessionNeed, "issuer" | "clientId">,
): boolean => session.issuer === need.issuer && session.clientId === need.clientId;

/** Whether a session is all that is needed: of the issuer and client, with the scopes. */
export const meets = (session: SessionInfo, need: SessionNeed): boolean =>
  serves(session, need) && coversScopes(session, need);

/** One need for each issuer and client, with the scopes of all the connectors that share it, as far as they may be joined. */
export const needsOf = (connectors: readonly Connector[]): readonly SignInNeed[] => {
  const needs = new Map<string, SignInNeed>();
  for (const { userAuth } of connectors) {
    const { issuer, clientId, resource = null } = userAuth;
    const key = JSON.stringify([issuer, clientId, resource, apiOf(issuer, userAuth.scopes) ?? null]);
    const known = needs.get(key);
    const scopes = [...new Set([...(known?.scopes ?? []), ...userAuth.scopes])];
    needs.set(key, { ...userAuth, ...known, scopes });
  }
  return [...needs.values()];
};
