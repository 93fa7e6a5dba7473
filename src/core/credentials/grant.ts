import type { Issue } from "../config/issues/issue.ts";
import type { Secret } from "../secret.ts";
import type { Connector } from "../config/connector.ts";

/** Request headers by name. Values are secrets until they are written to the one who asked. */
export type CredentialHeaders = Readonly<Record<string, Secret>>;

/** How a person proves more than they have proved so far (RFC 9470, or the vault's own page or push). */
export type StepUpMethod =
  | {
      readonly kind: "reauthenticate";
      readonly acrValues: readonly string[];
      readonly maxAgeSeconds?: number;
    }
  | { readonly kind: "url"; readonly url: string; readonly intervalMs: number; readonly expiresAtMs?: number }
  | {
      readonly kind: "push";
      readonly intervalMs: number;
      readonly expiresAtMs: number;
      readonly bindingMessage: string;
      readonly slowDown?: true;
      /** Nothing was sent yet: whoever asks because they want the credential has it sent. */
      readonly unsent?: true;
    };

export type DeniedBy = "policy" | "user" | "upstream";
export type SignedOutCause = "never" | "expired" | "revoked" | "storageLost";

/** The outcome of asking a credential source: `granted`, or one of the named reasons why not. */
export type Grant =
  { readonly kind: "granted"; readonly headers: CredentialHeaders; readonly expiresAtMs?: number } | Refusal;

export type Refusal =
  | {
      readonly kind: "needsConnection";
      readonly url: string;
      readonly intervalMs: number;
      readonly expiresAtMs?: number;
      readonly reason?: string;
    }
  | { readonly kind: "stepUp"; readonly how: StepUpMethod; readonly reason?: string }
  | {
      readonly kind: "pending";
      readonly intervalMs: number;
      readonly expiresAtMs: number;
      readonly message?: string;
      /** The question came too soon (RFC 8628, section 3.5): all that this answer says is to ask more slowly. */
      readonly slowDown?: true;
    }
  | {
      readonly kind: "denied";
      readonly by: DeniedBy;
      readonly reason: string;
      readonly helpUrl?: string;
    }
  /** `reason`: the words of a source that refuses the session's token. */
  | { readonly kind: "signedOut"; readonly cause: SignedOutCause; readonly reason?: string }
  /** `retryAtMs`: it may mend itself, and is asked again then. */
  | { readonly kind: "misconfigured"; readonly issues: readonly Issue[]; readonly retryAtMs?: number }
  | { readonly kind: "unavailable"; readonly reason: string; readonly retryAtMs: number };

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
