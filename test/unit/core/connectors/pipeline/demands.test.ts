import { describe, expect, it } from "vitest";
import { demandIn, Demands } from "../../../../../src/core/connectors/pipeline/demands.ts";
import type { ActiveSession } from "../../../../../src/core/identity/session.ts";
import { Secret } from "../../../../../src/core/secret.ts";
import { connectorNamed } from "../../../../support/connectors.ts";
import { fakeClock } from "../../../../support/ports.ts";

describe("a challenge", () => {
  it.each([
    ["Bearer", undefined],
    ['Bearer error="invalid_token"', undefined],
    ['Bearer error="insufficient_scope", scope="a"', undefined],
    ['Bearer error="insufficient_user_authentication"', { acrValues: [] }],
    [
      'Basic realm="x", Bearer error="insufficient_user_authentication", acr_values="a  b", max_age="300", error_description="Over\u202e 50"',
      { acrValues: ["a", "b"], maxAgeSeconds: 300, reason: "Over 50" },
    ],
    ['DPoP error="insufficient_user_authentication", max_age="-1"', { acrValues: [] }],
  ])("%s", (header, expected) => {
    expect(demandIn(header)).toEqual(expected);
  });
});

describe("a demand", () => {
  const github = connectorNamed("github");
  const session = (over: Partial<ActiveSession> = {}): ActiveSession => ({
    ...{ id: "s", issuer: "https://idp.example.com", clientId: "lanyard", subject: "ada" },
    ...{ accountLabel: "Ada", scopes: [], signedInAtMs: 0, acr: "mfa", accessToken: new Secret("t") },
    ...over,
  });
  const made = (): { demands: Demands; clock: ReturnType<typeof fakeClock> } => {
    const clock = fakeClock(1_000);
    const demands = new Demands(clock);
    demands.make(github, { acrValues: ["mfa", "phr"], maxAgeSeconds: 60, reason: "Over $50,000" });
    return { demands, clock };
  };

  it("stands in the vault's place, by the connector's own word", () => {
    expect(made().demands.unmet(github, session())).toEqual({
      grant: {
        ...{ kind: "stepUp", reason: "Over $50,000" },
        how: { kind: "reauthenticate", acrValues: ["mfa", "phr"], maxAgeSeconds: 60 },
      },
      answeredBy: "mcp.github.example.com",
    });
  });

  it.each<[string, Partial<ActiveSession>, boolean]>([
    ["a sign-in from before", { signedInAtMs: 1_000 }, false],
    ["a later one that proves too little", { signedInAtMs: 1_001, acr: "pwd" }, false],
    ["a later one that proves enough", { signedInAtMs: 1_001, acr: "phr" }, true],
  ])("%s: met is %s", (_what, over, isMet) => {
    const { demands } = made();
    expect(demands.unmet(github, session(over)) === undefined).toBe(isMet);
    // Once met it is over, whatever sign-in comes next.
    expect(demands.unmet(github, session()) === undefined).toBe(isMet);
  });

  it("holds for that entry alone, and not for ever", () => {
    const { demands, clock } = made();
    expect(demands.unmet({ ...github, url: "https://other.example.com" }, session())).toBeUndefined();
    clock.advance(300_001);
    expect(demands.unmet(github, session())).toBeUndefined();
  });
});
