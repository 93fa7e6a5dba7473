import type { Connector } from "../config/connector.ts";
import type { SessionInfo, SessionNeed, SignInNeed } from "./session.ts";

/** Whether a session is of the issuer and client that are needed. */
export const serves = (
  session: Pick<SessionInfo, "issuer" | "clientId">,
  need: Pick<SessionNeed, "issuer" | "clientId">,
): boolean => session.issuer === need.issuer && session.clientId === need.clientId;

/** One need for each issuer and client, with the scopes of all the connectors that share it. */
export const needsOf = (connectors: readonly Connector[]): readonly SignInNeed[] => {
  const needs = new Map<string, SignInNeed>();
  for (const { userAuth } of connectors) {
    const key = JSON.stringify([userAuth.issuer, userAuth.clientId, userAuth.resource ?? null]);
    const known = needs.get(key);
    const scopes = [...new Set([...(known?.scopes ?? []), ...userAuth.scopes])];
    needs.set(key, { ...userAuth, ...known, scopes });
  }
  return [...needs.values()];
};
