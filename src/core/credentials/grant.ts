import type * as z from "zod";
import type { Issue } from "../config/issues/issue.ts";
import type { refusalSchema, stepUpSchema } from "./grantSchema.ts";
import type { Secret } from "../secret.ts";
import type { Connector } from "../config/connector.ts";

/** Request headers by name. Values are secrets until they are written to the one who asked. */
export type CredentialHeaders = Readonly<Record<string, Secret>>;

/** How a person proves more than they have proved so far (RFC 9470, or the vault's own page or push). */
export type StepUpMethod = z.infer<typeof stepUpSchema>;

/** The named reasons why there is no credential. */
export type Refusal = z.infer<typeof refusalSchema>;

export type DeniedBy = Extract<Refusal, { kind: "denied" }>["by"];
export type SignedOutCause = Extract<Refusal, { kind: "signedOut" }>["cause"];

/** One request to a connector, as far as a signature covers it. */
export interface RequestToSign {
  readonly method: string;
  readonly url: string;
  /** SHA-256 of the body, in lower-case hex; empty where there is none. */
  readonly bodyHash: string;
  /** The server's own time, where it refused an earlier signature. */
  readonly serverTimeMs?: number;
  /** What the server wants in the next proof (RFC 9449, section 9). */
  readonly nonce?: string;
}

/** The headers with their secrets, for who sends them. */
export const revealed = (headers: CredentialHeaders): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.reveal()]));

/** Makes the headers that hold for one request. The key stays where this was made. */
export type SignOne = (request: RequestToSign) => Promise<CredentialHeaders>;

export interface Granted {
  readonly kind: "granted";
  /** What any request may carry; none where each is signed. */
  readonly headers: CredentialHeaders;
  readonly sign?: SignOne;
  readonly expiresAtMs?: number;
}

/** The outcome of asking a credential source: `granted`, or one of the named reasons why not. */
export type Grant = Granted | Refusal;

export type GrantKind = Grant["kind"];

/** A grant and who gave it: a host, or the name of a script. */
export interface SourceResult {
  readonly grant: Grant;
  readonly answeredBy: string;
}

export type Misconfigured = Extract<Refusal, { kind: "misconfigured" }>;

/** A grant that says what somebody has to mend. With a connector, it points at its entry. */
export const misconfigured = (
  connector: Connector | undefined,
  template: string,
  ...args: (string | number)[]
): Misconfigured => {
  const issue: Issue = { code: "sourceRefused", severity: "error", template, args };
  if (connector === undefined) return { kind: "misconfigured", issues: [issue] };
  return { kind: "misconfigured", issues: [{ ...issue, place: connector.place, connector: connector.name }] };
};
