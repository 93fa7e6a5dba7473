import { describe, expect, it } from "vitest";
import type { Connector } from "../../../../src/core/config/connector.ts";
import { needsOf, serves } from "../../../../src/core/identity/needs.ts";
import { connectorNamed } from "../../../support/connectors.ts";

const needing = (name: string, userAuth: Partial<Connector["userAuth"]>): Connector =>
  connectorNamed(name, { userAuth: { issuer: "https://a.example", clientId: "c", scopes: [], ...userAuth } });

describe("the sign-ins that connectors need", () => {
  it("is one for all who share issuer and client, with the scopes of all", () => {
    const needs = needsOf([
      needing("x", { scopes: ["openid", "profile"] }),
      needing("y", { scopes: ["openid", "email"] }),
    ]);
    expect(needs).toEqual([
      { issuer: "https://a.example", clientId: "c", scopes: ["openid", "profile", "email"] },
    ]);
  });

  it.each<[string, Partial<Connector["userAuth"]>]>([
    ["issuer", { issuer: "https://b.example" }],
    ["client", { clientId: "d" }],
    ["resource", { resource: "https://r.example" }],
  ])("is another one for another %s", (_what, userAuth) => {
    const needs = needsOf([needing("x", {}), needing("y", userAuth)]);
    expect(needs).toHaveLength(2);
    expect(needs[1]).toMatchObject(userAuth);
  });

  it("is none without connectors", () => {
    expect(needsOf([])).toEqual([]);
  });
});

describe("a session", () => {
  const session = {
    ...{ id: "s", issuer: "https://a.example", clientId: "c", subject: "alice", accountLabel: "Alice" },
    ...{ scopes: [], signedInAtMs: 0 },
  };

  it.each([
    ["https://a.example", "c", true],
    ["https://a.example/", "c", false],
    ["https://b.example", "c", false],
    ["https://a.example", "d", false],
  ])("serves issuer %s and client %s: %s", (issuer, clientId, does) => {
    expect(serves(session, { issuer, clientId })).toBe(does);
  });
});
