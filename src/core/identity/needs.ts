import type { Connector } from "../config/connector.ts";
import { apiOf, coversScopes } from "./scopes.ts";
import type { SessionInfo, SessionNeed, SignInNeed } from "./session.ts";

const accountIn = ({ id, account }: Partial<Pick<SessionInfo, "id" | "account">>): string | undefined =>
  account ?? id;

/** Whether a session is of the issuer and client that are needed, and of the account where one is chosen. */
export const serves = (
  session: Pick<SessionInfo, "issuer" | "clientId"> & Partial<Pick<SessionInfo, "id" | "account">>,
  need: Pick<SessionNeed, "issuer" | "clientId" | "account">,
): boolean =>
  (need.account === undefined || need.account === accountIn(session)) &&
  session.issuer === need.issuer &&
  session.clientId === need.clientId;

/** Whether a session is all that is needed: of the issuer and client, with the scopes. */
export const meets = (session: SessionInfo, need: SessionNeed): boolean =>
  serves(session, need) && coversScopes(session, need);

/** One need for each issuer and client, with the scopes of all the connectors that share it, as far as they may be joined. */
export const needsOf = (connectors: readonly Connector[]): readonly SignInNeed[] => {
  const needs = new Map<string, SignInNeed>();
  for (const { userAuth } of connectors) {
    const { issuer, clientId, resource, account, scopes: own } = userAuth;
    const key = JSON.stringify(
      [issuer, clientId, resource, account, apiOf(issuer, own)].map((each) => each ?? null),
    );
    const known = needs.get(key);
    const scopes = [...new Set([...(known?.scopes ?? []), ...userAuth.scopes])];
    needs.set(key, { ...userAuth, ...known, scopes });
  }
  return [...needs.values()];
};
