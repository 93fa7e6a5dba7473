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

/** The outcome of asking a credential source: `granted`, or one of the named reasons why not. */
export type Grant =
  { readonly kind: "granted"; readonly headers: CredentialHeaders; readonly expiresAtMs?: number } | Refusal;

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
