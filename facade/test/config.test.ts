import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { facadeSchemaFile, facadeSchemaText } from "../build.ts";
import { readFacadeConfig } from "../src/core/config/schema.ts";
import { crm, issuer, plainConfig, plainIdp, type Over } from "./support/world.ts";

const issuesOf = (plain: unknown): readonly string[] => {
  const read = readFacadeConfig(typeof plain === "string" ? plain : JSON.stringify(plain));
  return read.kind === "issues" ? read.issues : [];
};
const idp = (over: Over): Over => ({
  identityProvider: { ...plainIdp(), ...over },
});

test("the configuration of the tests is good", () => {
  expect(issuesOf(plainConfig())).toEqual([]);
});

test("a client of another server may have a public client's name", () => {
  const endpoint = "https://sts.example.com/token";
  const sts = { adapter: "oauth", endpoint, clientId: "lanyard", clientSecret: { file: "x" } };
  const targets = { [crm]: { vault: "sts" } };
  expect(issuesOf({ ...plainConfig(), vaults: { sts }, targets })).toEqual([]);
});

test.each<[string, unknown, string]>([
  ["no JSON", "{", "facade.json is not JSON: check its commas and quotation marks."],
  [
    "an address without https",
    { ...plainConfig(), url: "http://vault.example.com" },
    "url: Write an https address (http only on this machine), without a user name.",
  ],
  ["no address", { ...plainConfig(), url: undefined }, "url: It is missing."],
  [
    "a secret in the file",
    { ...plainConfig(), ...idp({ clientSecret: "hunter2-canary" }) },
    "identityProvider.clientSecret:",
  ],
  [
    "an audience that is the public client",
    { ...plainConfig(), ...idp({ audience: "lanyard" }) },
    "identityProvider.audience: Name an audience of the facade's own",
  ],
  [
    "the facade's own client among the public ones",
    { ...plainConfig(), ...idp({ clients: ["lanyard", "lanyard-facade"] }) },
    "identityProvider.clients: Take the facade's own client out",
  ],
  [
    "a public client that exchanges",
    {
      ...plainConfig(),
      vaults: {
        keycloak: { adapter: "keycloak-exchange", clientId: "lanyard", clientSecret: { file: "x" } },
      },
    },
    "vaults.keycloak.clientId: People sign in with this client",
  ],
  [
    "a public client that exchanges by RFC 8693 at the identity provider",
    {
      ...plainConfig(),
      vaults: {
        keycloak: {
          ...{ adapter: "oauth", endpoint: `${issuer}/token` },
          ...{ clientId: "lanyard", clientSecret: { file: "x" } },
        },
      },
    },
    "vaults.keycloak.clientId: People sign in with this client",
  ],
  [
    "a key that nothing reads",
    { ...plainConfig(), port: 1 },
    "facade.json: Take out port: nothing reads it.",
  ],
  [
    "a vault that is not there",
    { ...plainConfig(), targets: { [crm]: { vault: "other" } } },
    `targets."${crm}".vault: There is no vault "other". Write one of: keycloak.`,
  ],
  [
    "a target without what its vault needs",
    { ...plainConfig(), targets: { [crm]: { vault: "keycloak" } } },
    `targets."${crm}".ask.audience:`,
  ],
  ["another adapter", { ...plainConfig(), vaults: { x: { adapter: "magic" } } }, "vaults.x.adapter:"],
])("%s is told by its place", (_, plain, issue) => {
  const issues = issuesOf(plain);
  expect(issues.some((each) => each.startsWith(issue))).toBe(true);
  expect(issues.join("\n")).not.toContain("canary");
});

test("the schema in the repository is the one of the code", async () => {
  expect(await readFile(facadeSchemaFile, "utf8")).toBe(await facadeSchemaText());
});
