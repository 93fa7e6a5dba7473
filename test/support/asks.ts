import type { Connector } from "../../src/core/config/connector.ts";
import { queryConfigured } from "../../src/core/credentials/querySource.ts";
import type { CredentialHeaders, Grant, SourceResult } from "../../src/core/credentials/grant.ts";
import { SessionCache } from "../../src/core/credentials/sessionCache.ts";
import type { SourceQuery, SourcePorts } from "../../src/core/credentials/source.ts";
import { credentialConfigSchema } from "../../src/core/credentials/sources.ts";
import type { ActiveSession } from "../../src/core/identity/session.ts";
import { Secret } from "../../src/core/secret.ts";
import { startTrace } from "../../src/core/trace.ts";
import { fakeClock, recordingLog } from "./ports.ts";

/** The user's tokens: canaries that no text of ours may hold. */
export const userToken = "canary-user-token-7f3a";
export const idToken = "canary-id-token-91cc";

export const session: ActiveSession = {
  id: "session-1",
  issuer: "https://idp.example.com",
  clientId: "lanyard",
  subject: "alice",
  accountLabel: "Alice",
  scopes: ["openid"],
  signedInAtMs: 0,
  accessToken: new Secret(userToken),
  idToken: new Secret(idToken),
};

/** A connector of `.mcp.json` with this `credential`. */
export const connectorWith = (credential: unknown): Connector => ({
  id: "workspace:salesforce",
  name: "salesforce",
  transport: "http",
  url: "https://mcp.example.com/mcp",
  userAuth: { issuer: session.issuer, clientId: session.clientId, scopes: session.scopes },
  credential: credentialConfigSchema.parse(credential),
  helper: { kind: "lanyard" },
  origin: { kind: "workspace", file: "/work/.mcp.json", folder: "/work" },
  place: { file: "/work/.mcp.json", line: 1, column: 2, endLine: 3, endColumn: 4 },
});

/** Ports over the real network and a clock that stands still. */
export const sourcePorts = (
  over: Partial<SourcePorts> = {},
): SourcePorts & { readonly clock: ReturnType<typeof fakeClock>; readonly keeper: SessionCache } => {
  const clock = fakeClock();
  return {
    fetch: (url, init) => fetch(url, init),
    log: recordingLog(),
    keeper: new SessionCache(),
    ...over,
    clock,
  };
};

export type AskOver = Partial<
  Pick<SourceQuery, "connector" | "session" | "signal" | "trace" | "waitSeconds" | "unasked">
>;

/** Asks the source of an entry, as the pipeline does. */
export const askOnce = (
  credential: unknown,
  ports: SourcePorts,
  over: AskOver = {},
): Promise<SourceResult> => {
  const connector = connectorWith(credential);
  const query = { connector, session, trace: startTrace(), signal: new AbortController().signal, ...over };
  return queryConfigured(connector.credential, query, ports);
};

/** A grant with its headers in plain text, to compare. */
export type PlainGrant =
  | Exclude<Grant, { kind: "granted" }>
  | { kind: "granted"; headers: Record<string, string>; expiresAtMs?: number };

export const plain = (grant: Grant): PlainGrant =>
  grant.kind === "granted" ? { ...grant, headers: plainHeaders(grant.headers) } : grant;

export const plainHeaders = (headers: CredentialHeaders): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()]));
