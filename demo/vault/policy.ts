import { acrMfa } from "../acr.ts";

/** What an administrator sets for one connector. */
export type PolicyState = "allow" | "needs-connection" | "step-up" | "deny" | "down";

/** How a person steps up: a prompt on the phone, a sign-in with MFA, or a page of the vault. */
export type PolicyStepUp = "push" | "reauthenticate" | "url";

export interface ConnectorPolicy {
  readonly state: PolicyState;
  readonly method: PolicyStepUp;
  /** Shown to the person when the state is `deny` or `down`. */
  readonly reason?: string;
  /** People whom a denial does not concern. */
  readonly exempt?: readonly string[];
}

/** How long MFA, or an approval, counts as fresh. */
export const freshSeconds = 300;

/** What is known of the person at the moment of asking. Times are seconds since the epoch. */
export interface SignInEvidence {
  readonly user: string;
  readonly nowSeconds: number;
  readonly acr: string | undefined;
  readonly authTimeSeconds: number | undefined;
  /** When the person last approved this connector, on the phone or on the vault's page. */
  readonly approvedAtSeconds: number | undefined;
  /** The person has connected an account of theirs. */
  readonly connected: boolean;
  /** The connector has refused a call of theirs because no step-up was fresh. */
  readonly stepUpDemanded: boolean;
}

/** `rule` names what fired, for the audit log. */
export type Decision =
  | { readonly kind: "issue"; readonly rule: string; readonly freshUntilSeconds: number }
  | { readonly kind: "connect"; readonly rule: string }
  | { readonly kind: "step-up"; readonly rule: string; readonly method: PolicyStepUp }
  | { readonly kind: "deny"; readonly rule: string; readonly reason: string }
  | { readonly kind: "down"; readonly rule: string; readonly reason: string };

/** When the freshest proof behind the evidence stops to count; 0 when there is none. */
export const freshUntilSeconds = (evidence: SignInEvidence): number =>
  Math.max(mfaUntil(evidence), approvalUntil(evidence));

const mfaUntil = ({ acr, authTimeSeconds }: SignInEvidence): number =>
  acr === acrMfa && authTimeSeconds !== undefined ? authTimeSeconds + freshSeconds : 0;

const approvalUntil = ({ approvedAtSeconds }: SignInEvidence): number =>
  approvedAtSeconds === undefined ? 0 : approvedAtSeconds + freshSeconds;

/** Who may have what, now. Pure: the same policy and evidence give the same decision. */
export const decide = (policy: ConnectorPolicy, evidence: SignInEvidence): Decision => {
  switch (policy.state) {
    case "down":
      return {
        kind: "down",
        rule: "maintenance",
        reason: policy.reason ?? "The vault is down for maintenance.",
      };
    case "deny":
      if (policy.exempt?.includes(evidence.user) === true) return issueUnlessDemanded(policy, evidence);
      return {
        kind: "deny",
        rule: "denied-by-policy",
        reason: policy.reason ?? "Your company does not allow this connector for you.",
      };
    case "needs-connection":
      return evidence.connected
        ? issueUnlessDemanded(policy, evidence)
        : { kind: "connect", rule: "own-account" };
    case "step-up":
      return isProven(policy.method, evidence)
        ? issue("step-up", evidence)
        : { kind: "step-up", rule: "step-up", method: policy.method };
    case "allow":
      return issueUnlessDemanded(policy, evidence);
  }
};

const issue = (rule: string, evidence: SignInEvidence): Decision => ({
  kind: "issue",
  rule,
  freshUntilSeconds: freshUntilSeconds(evidence),
});

/** A demand of the connector is met by either proof; it asked for freshness, not for a method. */
const issueUnlessDemanded = (policy: ConnectorPolicy, evidence: SignInEvidence): Decision =>
  evidence.stepUpDemanded && freshUntilSeconds(evidence) <= evidence.nowSeconds
    ? { kind: "step-up", rule: "demanded-by-connector", method: policy.method }
    : issue(evidence.stepUpDemanded ? "demanded-by-connector" : "allowed", evidence);

const isProven = (method: PolicyStepUp, evidence: SignInEvidence): boolean => {
  const until = method === "reauthenticate" ? mfaUntil(evidence) : approvalUntil(evidence);
  return until > evidence.nowSeconds;
};
