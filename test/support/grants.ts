import type { Grant, Refusal } from "../../src/core/credentials/grant.ts";
import { Secret } from "../../src/core/secret.ts";

type Of<K extends Grant["kind"]> = Extract<Grant, { readonly kind: K }>;

/** One grant of every kind, as a vault would give it; `over` changes what a test is about. */
export const grants = {
  granted: (over: Partial<Of<"granted">> = {}): Of<"granted"> => ({
    kind: "granted",
    headers: { authorization: new Secret("Bearer of-the-vault") },
    ...over,
  }),
  needsConnection: (over: Partial<Of<"needsConnection">> = {}): Of<"needsConnection"> => ({
    kind: "needsConnection",
    url: "https://vault.example.com/connect/notion",
    intervalMs: 5_000,
    ...over,
  }),
  reauthenticate: (): Of<"stepUp"> => ({
    kind: "stepUp",
    how: { kind: "reauthenticate", acrValues: ["urn:acme:mfa"], maxAgeSeconds: 300 },
  }),
  stepUpPage: (): Of<"stepUp"> => ({
    kind: "stepUp",
    how: { kind: "url", url: "https://idp.example.com/step-up", intervalMs: 5_000 },
  }),
  push: (over: Partial<Extract<Of<"stepUp">["how"], { readonly kind: "push" }>> = {}): Of<"stepUp"> => ({
    kind: "stepUp",
    how: {
      kind: "push",
      intervalMs: 5_000,
      expiresAtMs: 1_700_000_120_000,
      bindingMessage: "Allow $50,000, code 4711",
      ...over,
    },
  }),
  pending: (over: Partial<Of<"pending">> = {}): Of<"pending"> => ({
    kind: "pending",
    intervalMs: 5_000,
    expiresAtMs: 1_700_000_120_000,
    ...over,
  }),
  denied: (): Of<"denied"> => ({ kind: "denied", by: "policy", reason: "Contractors may not." }),
  signedOut: (): Of<"signedOut"> => ({ kind: "signedOut", cause: "revoked" }),
  misconfigured: (): Of<"misconfigured"> => ({ kind: "misconfigured", issues: [] }),
  unavailable: (over: Partial<Of<"unavailable">> = {}): Of<"unavailable"> => ({
    kind: "unavailable",
    reason: "vault.example.com answered 503.",
    retryAtMs: 1_700_000_005_000,
    ...over,
  }),
};

/** Every refusal, by a name that says which. */
export const refusals = {
  needsConnection: grants.needsConnection(),
  reauthenticate: grants.reauthenticate(),
  stepUpPage: grants.stepUpPage(),
  push: grants.push(),
  pending: grants.pending(),
  denied: grants.denied(),
  signedOut: grants.signedOut(),
  misconfigured: grants.misconfigured(),
  unavailable: grants.unavailable(),
} as const satisfies Readonly<Record<string, Refusal>>;
