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

  const entra = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0";

  it.each<[string, readonly string[], readonly string[], number]>([
    ["two APIs", ["openid", "api://crm/read"], ["openid", "api://mail/read"], 2],
    ["an API and Graph, whose scopes have no address", ["api://crm/read"], ["User.Read"], 2],
    ["one API", ["api://crm/read"], ["api://crm/write"], 1],
    ["OpenID's alone", ["openid"], ["openid", "email"], 1],
  ])("at Entra, which takes one API a request, is counted by API: %s", (_what, first, second, count) => {
    const ask = (issuer: string): number =>
      needsOf([needing("x", { issuer, scopes: first }), needing("y", { issuer, scopes: second })]).length;
    expect(ask(entra)).toBe(count);
    expect(ask("https://idp.example.com")).toBe(1);
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
