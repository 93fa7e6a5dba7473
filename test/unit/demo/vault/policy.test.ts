import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide, type SignInEvidence, type ConnectorPolicy } from "../../../../demo/vault/policy.ts";

const now = 1_800_000_000;
const nothing: SignInEvidence = {
  user: "alice",
  nowSeconds: now,
  acr: "urn:acme:acr:pwd",
  authTimeSeconds: now - 10,
  approvedAtSeconds: undefined,
  connected: false,
  stepUpDemanded: false,
};
const mfa = (secondsAgo: number): Partial<SignInEvidence> => ({
  acr: "urn:acme:acr:mfa",
  authTimeSeconds: now - secondsAgo,
});
const kindOf = (policy: ConnectorPolicy, evidence: Partial<SignInEvidence>): string =>
  decide(policy, { ...nothing, ...evidence }).kind;

describe("a policy", () => {
  it.each<[string, ConnectorPolicy, Partial<SignInEvidence>, string]>([
    ["allow", { state: "allow", method: "push" }, {}, "issue"],
    ["deny", { state: "deny", method: "push" }, mfa(0), "deny"],
    ["deny, exempt", { state: "deny", method: "push", exempt: ["alice"] }, {}, "issue"],
    ["deny, someone else exempt", { state: "deny", method: "push", exempt: ["bob"] }, {}, "deny"],
    ["down", { state: "down", method: "push" }, mfa(0), "down"],
    ["needs-connection, not connected", { state: "needs-connection", method: "push" }, mfa(0), "connect"],
    [
      "needs-connection, connected",
      { state: "needs-connection", method: "push" },
      { connected: true },
      "issue",
    ],
    ["step-up by sign-in, password only", { state: "step-up", method: "reauthenticate" }, {}, "step-up"],
    ["step-up by sign-in, fresh MFA", { state: "step-up", method: "reauthenticate" }, mfa(299), "issue"],
    ["step-up by sign-in, stale MFA", { state: "step-up", method: "reauthenticate" }, mfa(300), "step-up"],
    ["step-up by push, MFA alone", { state: "step-up", method: "push" }, mfa(0), "step-up"],
    [
      "step-up by push, approved",
      { state: "step-up", method: "push" },
      { approvedAtSeconds: now - 299 },
      "issue",
    ],
    [
      "step-up by push, approved too long ago",
      { state: "step-up", method: "push" },
      { approvedAtSeconds: now - 300 },
      "step-up",
    ],
    ["allow, step-up demanded", { state: "allow", method: "push" }, { stepUpDemanded: true }, "step-up"],
    [
      "allow, step-up demanded and met by MFA",
      { state: "allow", method: "push" },
      { stepUpDemanded: true, ...mfa(5) },
      "issue",
    ],
  ])("%s", (_name, policy, evidence, kind) => {
    expect(kindOf(policy, evidence)).toBe(kind);
  });

  it("never lets anyone in while it denies or is down, whatever the evidence", () => {
    const evidence = fc.record<SignInEvidence>({
      user: fc.constantFrom("alice", "bob"),
      nowSeconds: fc.constant(now),
      acr: fc.constantFrom(undefined, "urn:acme:acr:pwd", "urn:acme:acr:mfa"),
      authTimeSeconds: fc.option(fc.integer({ min: 0, max: now }), { nil: undefined }),
      approvedAtSeconds: fc.option(fc.integer({ min: 0, max: now }), { nil: undefined }),
      connected: fc.boolean(),
      stepUpDemanded: fc.boolean(),
    });
    const method = fc.constantFrom("push", "reauthenticate", "url");
    const state = fc.constantFrom("deny", "down");
    fc.assert(
      fc.property(state, method, evidence, (closed, how, known) => {
        expect(decide({ state: closed, method: how }, known).kind).not.toBe("issue");
      }),
    );
  });

  it("says until when the step-up behind a credential counts", () => {
    const decision = decide({ state: "allow", method: "push" }, { ...nothing, ...mfa(100) });
    expect(decision).toMatchObject({ kind: "issue", freshUntilSeconds: now + 200 });
  });
});
