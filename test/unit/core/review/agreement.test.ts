import { describe, expect, test } from "vitest";
import type { Connector } from "../../../../src/core/config/connector.ts";
import { agreementOf, shownHost, type FactKind } from "../../../../src/core/review/agreement.ts";
import { connectorNamed } from "../../../support/connectors.ts";

const crm = connectorNamed("crm");
const signIn = (over: Partial<Connector["userAuth"]>): Connector => ({
  ...crm,
  userAuth: { ...crm.userAuth, ...over },
});
const lookup = (url: string): Connector["credential"] => ({ source: "vault-lookup", url });

const idJag = { source: "id-jag", audience: "https://as.mcp.example.com", clientKey: "laptop" } as const;
const withSource = (credential: Connector["credential"]): Connector => ({ ...crm, credential });

describe("what a person agrees to", () => {
  const facts: readonly [FactKind, Connector, string][] = [
    ["command", crm, "lanyard headers"],
    [
      "command",
      { ...crm, helper: { kind: "script", command: "./get.sh --all", stdin: false } },
      "./get.sh --all",
    ],
    ["url", crm, "https://mcp.crm.example.com/mcp"],
    ["url", { ...crm, url: "https://mcp.\u0441rm.example/mcp" }, "https://mcp.xn--rm-nmc.example/mcp"],
    ["issuer", crm, "https://idp.example.com"],
    ["tokenHosts", crm, "idp.example.com"],
    [
      "tokenHosts",
      { ...crm, credential: lookup("https://vault.example.com:8443/x") },
      "vault.example.com:8443",
    ],
    [
      "tokenHosts",
      {
        ...signIn({ events: "https://events.attacker.example/feed" }),
        credential: lookup("https://v.example/x"),
      },
      "v.example events.attacker.example",
    ],
    ["clientKey", withSource(idJag), "laptop"],
    ["idTokenHosts", withSource(idJag), "idp.example.com"],
    ["idTokenHosts", withSource({ ...idJag, endpoint: "https://t.idp.example.com/t" }), "t.idp.example.com"],
    ["tokenHosts", withSource(idJag), "idp.example.com as.mcp.example.com"],
    [
      "idTokenHosts",
      withSource({
        ...{ source: "custom", credential: { value: "/token" } },
        request: { method: "POST", url: "https://v.example/x", form: { id: "{idToken}" } },
      }),
      "v.example",
    ],
    ["clientId", crm, "lanyard"],
    ["scopes", crm, "openid profile"],
    ["resource", signIn({ resource: "https://api.example.com" }), "https://api.example.com"],
    ["parameters", signIn({ parameters: { audience: "a", hd: "b" } }), "audience=a hd=b"],
    ["parameters", signIn({ parameters: { audience: "a hd=b" } }), 'audience="a hd=b"'],
    ["transport", crm, "http"],
    ["source", { ...crm, credential: { source: "script" } }, '{\n "source": "script"\n}'],
  ];
  test.each(facts)("its %s", (kind, connector, text) => {
    expect(agreementOf(connector).facts[kind]).toBe(text);
  });

  test("names environment variables, and shows by the variable what the value would tell", () => {
    const shown = {
      url: "https://${MCP_HOST}/mcp",
      issuer: "https://idp.example.com",
      credential: '{"key":"${API_KEY}"}',
      variables: ["API_KEY", "MCP_HOST"],
    };
    const agreement = agreementOf({ ...crm, shown });
    expect(agreement.facts).toMatchObject({
      url: "https://${MCP_HOST}/mcp (mcp.crm.example.com)",
      issuer: "https://idp.example.com",
      variables: "API_KEY MCP_HOST",
      source: '{"key":"${API_KEY}"}',
    });
  });

  test("points out no letters where a word of another script stands beside words of ours", () => {
    expect(agreementOf({ ...crm, name: "\u041f\u0440\u0438\u0432\u0435\u0442" }).lookAlikes).toEqual([]);
  });

  test("shows as it is what is no URL", () => {
    expect(agreementOf({ ...crm, url: "no URL" }).facts.url).toBe("no URL");
  });

  test("names no ID token where none goes, and no key where none signs", () => {
    for (const source of [{ ...idJag, subjectToken: "access_token" as const }, crm.credential])
      expect(Object.keys(agreementOf(withSource(source)).facts)).not.toContain("idTokenHosts");
    expect(Object.keys(agreementOf(crm).facts)).not.toContain("clientKey");
  });

  test("leaves out what there is not", () => {
    expect(Object.keys(agreementOf(crm).facts)).not.toContain("resource");
    expect(Object.keys(agreementOf(crm).facts)).not.toContain("variables");
    expect(Object.keys(agreementOf(crm).facts)).not.toContain("parameters");
  });

  test("is a script's where the token itself goes to a command", () => {
    expect(agreementOf(crm).isScript).toBe(false);
    expect(agreementOf({ ...crm, helper: { kind: "script", command: "./x", stdin: false } }).isScript).toBe(
      true,
    );
  });

  test.each([
    ["name", { ...crm, name: "p\u0430ypal" }],
    ["URL's path", { ...crm, url: "https://mcp.example.com/p\u0430y" }],
    ["issuer", signIn({ issuer: "https://id\u0440.example.com" })],
    ["client", signIn({ clientId: "lany\u0430rd" })],
    ["command", { ...crm, helper: { kind: "script" as const, command: "./g\u0435t.sh", stdin: false } }],
  ] satisfies readonly [string, Connector][])(
    "points out letters that look like others in the %s",
    (_where, connector) => {
      expect(agreementOf(connector).lookAlikes).toHaveLength(1);
    },
  );
});

test.each([
  ["https://mcp.example.com:8443/x", "mcp.example.com:8443"],
  // The host that it has, and not the one that it would have without the variable.
  ["https://${A}.acme.com/x (evil.example)", "evil.example"],
  ["https://good.com${A}/ (good.com.evil.example)", "good.com.evil.example"],
  ["https://${A}/ (acme.com)/x (evil.example)", "evil.example"],
  ["https://[::1]:80/x ([::1]:80)", "[::1]:80"],
  ["no URL", undefined],
])("the host of %s is %s", (text, host) => {
  expect(shownHost(text)).toBe(host);
});
