import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requestSchema } from "../../../../../src/core/credentials/declaration.ts";
import { buildRequest } from "../../../../../src/core/credentials/request/request.ts";
import { Secret } from "../../../../../src/core/secret.ts";

const declared = requestSchema.parse({
  method: "POST",
  url: "https://vault.example.com/users/{subject}/token?connector={connector}",
  headers: { Authorization: "Bearer {userToken}", "X-Tenant": "{audience}" },
  json: { user: "{subject}", audience: "{audience}", list: ["{scopes}", "fixed"] },
});
const variables = { userToken: new Secret("t"), subject: "alice", connector: "salesforce" };

describe("a request", () => {
  it("is filled in; what has no value is left out", () => {
    expect(buildRequest(declared, variables)).toEqual({
      kind: "request",
      request: {
        method: "POST",
        repeatable: false,
        url: "https://vault.example.com/users/alice/token?connector=salesforce",
        headers: { authorization: "Bearer t", "content-type": "application/json" },
        body: '{"user":"alice","list":["fixed"]}',
      },
    });
  });

  it.each([".", "..", "%2e%2e"])("does not climb by a value of %s", (subject) => {
    const built = buildRequest(declared, { ...variables, subject });
    if (built.kind === "request")
      expect(new URL(built.request.url).pathname).toMatch(/^\/users\/[^/]+\/token$/);
    else expect(built.args).toEqual([declared.url]);
  });

  it("does not end a header by a value with a line break, and does not repeat it", () => {
    const built = buildRequest(declared, { ...variables, userToken: new Secret("t\r\nX-Evil: 1") });
    expect(built).toEqual({
      kind: "problem",
      template: expect.any(String) as string,
      args: ["Authorization"],
    });
  });

  it("goes to the declared place, whatever the identity provider calls the user", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string({ unit: fc.constantFrom(".", "/", "\\", "%", "2", "e", "#", "?", "@", ":") }),
    );
    fc.assert(
      fc.property(text, text, (subject, connector) => {
        const built = buildRequest(declared, { ...variables, subject, connector });
        if (built.kind === "problem") return;
        const url = new URL(built.request.url);
        expect(url.origin).toBe("https://vault.example.com");
        expect(url.pathname).toMatch(/^\/users\/[^/]*\/token$/);
        expect([...url.searchParams.keys()]).toEqual(["connector"]);
        expect(url.hash).toBe("");
      }),
      { numRuns: 500 },
    );
  }, 60_000);
});
