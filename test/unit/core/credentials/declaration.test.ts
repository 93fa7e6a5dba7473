import { describe, expect, it } from "vitest";
import * as z from "zod";
import { declarationSchema, type DeclarationInput } from "../../../../src/core/credentials/declaration.ts";
import { credentialConfigSchema } from "../../../../src/core/credentials/sources.ts";

const declaration = (over: object): unknown => ({
  request: { url: "https://vault.example.com/token" },
  credential: {},
  rules: [{ when: { status: 200 }, then: { grant: "granted" } }],
  ...over,
});
const accepts = (over: object): boolean => declarationSchema.safeParse(declaration(over)).success;
const rule = (when: object, then: object): object => ({ rules: [{ when, then }] });

describe("a source's declaration", () => {
  it("asks with the user's token as bearer and hands the credential on as bearer, unless it says otherwise", () => {
    expect(declarationSchema.parse(declaration({}))).toMatchObject({
      request: { method: "GET", headers: { Authorization: "Bearer {userToken}" } },
      credential: { value: "/access_token" },
      headers: { Authorization: "Bearer {credential}" },
    });
  });

  it.each([
    [
      "a variable of the closed set in the path",
      { request: { url: "https://vault.example.com/{subject}?c={connector}" } },
    ],
    ["http on this machine", { request: { url: "http://127.0.0.1:8200/v1" } }],
    [
      "the token in a form",
      { request: { method: "POST", url: "https://v.example.com/", form: { t: "{userToken}" } } },
    ],
    [
      "the token in a JSON body",
      {
        request: {
          method: "POST",
          url: "https://v.example.com/",
          json: { a: [{ t: "{userToken}" }, 1, null] },
        },
      },
    ],
    ["several pointers in one header", { headers: { Authorization: "Basic {/user}:{/password}" } }],
    [
      "a literal page to connect on",
      rule({ status: 404 }, { grant: "needsConnection", url: "https://example.com/connect" }),
    ],
  ])("may have %s", (_what, over) => expect(accepts(over)).toBe(true));

  it.each([
    ["the user's token in the URL", { request: { url: "https://vault.example.com/?t={userToken}" } }],
    ["the ID token in the URL", { request: { url: "https://vault.example.com/{idToken}" } }],
    [
      "the user's token in the page to connect on",
      { connect: { request: { url: "https://v.example.com/{userToken}" }, url: "/url" } },
    ],
    ["the user's token in a header for the connector", { headers: { Authorization: "Bearer {userToken}" } }],
    ["a variable for its host", { request: { url: "https://{subject}.example.com/" } }],
    ["a variable for the end of its host", { request: { url: "https://vault.example.com{subject}/" } }],
    ["a variable for its scheme", { request: { url: "{url}" } }],
    ["plain http", { request: { url: "http://vault.example.com/" } }],
    ["a user name in its URL", { request: { url: "https://a:b@vault.example.com/" } }],
    ["another scheme", { request: { url: "file:///etc/passwd" } }],
    ["a variable that nobody knows", { request: { url: "https://vault.example.com/{secret}" } }],
    [
      "a pointer in a request",
      { request: { url: "https://vault.example.com/", headers: { "X-A": "{/a}" } } },
    ],
    ["a forbidden header for the connector", { headers: { Host: "{credential}" } }],
    ["no header for the connector", { headers: {} }],
    ["two bodies", { request: { method: "POST", url: "https://v.example.com/", form: {}, json: {} } }],
    ["a body in a GET", { request: { url: "https://v.example.com/", json: {} } }],
    ["a pointer that is none", { credential: { value: "access_token" } }],
    ["a grant for any status", rule({}, { grant: "granted" })],
    ["a grant for 401", rule({ status: 401 }, { grant: "granted" })],
    ["a grant for 2xx or 401", rule({ status: ["2xx", 401] }, { grant: "granted" })],
    [
      "a literal page that is not https",
      rule({ status: 404 }, { grant: "needsConnection", url: "http://example.com/" }),
    ],
    [
      "a misspelt condition, which would match everything",
      rule({ status: 200, mach: {} }, { grant: "granted" }),
    ],
    ["a grant that there is not", rule({ status: 200 }, { grant: "allowed" })],
  ])("may not have %s", (_what, over) => expect(accepts(over)).toBe(false));

  it("reads what it has read as the same", () => {
    const once = declarationSchema.parse(declaration({}));
    const input: DeclarationInput = once;
    expect(declarationSchema.parse(input)).toEqual(once);
  });
});

describe("userAuth.credential", () => {
  it("has a JSON schema, with one alternative for each source", () => {
    const schema = z.toJSONSchema(credentialConfigSchema, { io: "input" });
    expect(schema.oneOf?.length ?? schema.anyOf?.length).toBe(credentialConfigSchema.options.length);
  });

  it.each([
    [{ source: "token-exchange" }],
    [{ source: "token-exchange", resource: "https://mcp.example.com", unknown: "kept out" }],
    [{ source: "script" }],
  ])("takes %j", (credential) => expect(credentialConfigSchema.safeParse(credential).success).toBe(true));

  it.each([
    [{ source: "magic" }],
    [{}],
    [{ source: "token-exchange", endpoint: "http://idp.example.com/token" }],
    [{ source: "token-exchange", resource: "not a uri" }],
    [{ source: "vault-lookup", url: "https://vault.example.com/{userToken}" }],
    [{ source: "api-key", url: "https://vault.example.com/", header: "Mcp-Session-Id" }],
    [{ source: "hashicorp-vault", address: "https://v.example.com", role: "r", path: "{userToken}" }],
    [{ source: "custom", request: { url: "https://v.example.com/" }, rulez: [] }],
  ])("refuses %j", (credential) => expect(credentialConfigSchema.safeParse(credential).success).toBe(false));
});
