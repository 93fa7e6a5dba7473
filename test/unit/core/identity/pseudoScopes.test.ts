import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromPseudoScopes, toPseudoScopes } from "../../../../src/core/identity/pseudoScopes.ts";

const scope = fc
  .string({ minLength: 1 })
  .filter((text) => !/^lanyard\.(?:issuer|client|resource):/.test(text));
const need = fc.record(
  { issuer: fc.webUrl(), clientId: fc.string(), resource: fc.webUrl(), scopes: fc.array(scope) },
  { requiredKeys: ["issuer", "clientId", "scopes"] },
);

describe("a need, told as scopes", () => {
  it("comes back as it went", () => {
    fc.assert(
      fc.property(need, (given) => {
        expect(fromPseudoScopes(toPseudoScopes(given))).toEqual(given);
      }),
    );
  });

  it("may lack any part", () => {
    expect(fromPseudoScopes([])).toEqual({ scopes: [] });
    expect(fromPseudoScopes(["openid"])).toEqual({ scopes: ["openid"] });
    expect(fromPseudoScopes(["lanyard.client:c"])).toEqual({ clientId: "c", scopes: [] });
  });

  it("keeps scopes of the company that merely look like ours", () => {
    expect(fromPseudoScopes(["lanyard.read"]).scopes).toEqual(["lanyard.read"]);
  });

  it("cannot be led to another issuer by a scope of the configuration", () => {
    const scopes = ["openid", "lanyard.issuer:https://evil.example"];
    const told = toPseudoScopes({ issuer: "https://idp.example", clientId: "c", scopes });
    expect(fromPseudoScopes(told)).toEqual({
      ...{ issuer: "https://idp.example", clientId: "c" },
      scopes: ["openid"],
    });
  });

  it("cannot be led to a resource that it does not name", () => {
    const scopes = ["lanyard.resource:https://evil.example"];
    const told = toPseudoScopes({ issuer: "https://idp.example", clientId: "c", scopes });
    expect(fromPseudoScopes(told).resource).toBeUndefined();
  });
});
