import type { Secret } from "../../secret.ts";
import type { SourceQuery } from "../source.ts";

/**
 * The closed set that a request may be made of. `deferralCode` is what an earlier `authorization_pending` carried;
 * `stepToken` and `clientAssertion` have a value only in sources with steps of their own.
 */
const variableNames = [
  "userToken",
  "idToken",
  "subject",
  "connector",
  "url",
  "issuer",
  "clientId",
  "resource",
  "audience",
  "scopes",
  "deferralCode",
  "stepToken",
  "clientAssertion",
] as const;
export type VariableName = (typeof variableNames)[number];

/** Never in a URL, and never in a header for the connector. */
export const secretVariables: ReadonlySet<string> = new Set([
  "userToken",
  "idToken",
  "deferralCode",
  "stepToken",
  "clientAssertion",
]);

export type Variables = Readonly<Partial<Record<VariableName, string | Secret>>>;

export const isVariableName = (name: string): name is VariableName =>
  variableNames.some((known) => known === name);

/** What of the connector's `credential` fills variables. */
export interface TokenTarget {
  readonly resource?: string | undefined;
  readonly audience?: string | undefined;
  readonly scopes?: string | undefined;
}

/** `resource` is the connector's own URL, as MCP names its servers, unless the entry names it or an audience. */
export const variablesOf = (query: SourceQuery, target: TokenTarget): Variables => {
  const { connector, session } = query;
  const resource = target.resource ?? (target.audience === undefined ? connector.url : undefined);
  return withoutUndefined<string | Secret>({
    userToken: session.accessToken,
    idToken: session.idToken,
    subject: session.subject,
    connector: connector.name,
    url: connector.url,
    issuer: session.issuer,
    clientId: session.clientId,
    resource,
    audience: target.audience,
    scopes: target.scopes,
  });
};

/** An object without the members that are `undefined`. */
export const withoutUndefined = <T>(members: Readonly<Record<string, T | undefined>>): Record<string, T> =>
  Object.fromEntries(
    Object.entries(members).filter((member): member is [string, T] => member[1] !== undefined),
  );
