import { describe, expect, it } from "vitest";
import {
  issuerProblem,
  resourceProblem,
  serverUrlProblem,
} from "../../../../../src/core/config/issues/urlProblem.ts";
import { hostileTexts } from "../../../../support/hostile.ts";

describe("an issuer", () => {
  it.each([
    "https://idp.example.com",
    "https://idp.example.com/realms/acme",
    "https://login.example.com/4b2c%20x/v2.0/",
    "https://xn--mnchen-3ya.example/~a/b;c=1,2:@!$&'()*+",
    "http://127.0.0.1:8080/a",
    "https://[2001:db8::1]:8443/x",
  ])("is fine as %s", (issuer) => {
    expect(issuerProblem(issuer)).toBeUndefined();
  });

  it.each([
    "https://münchen.example",
    "https://idp.example.com/ü",
    "https://idp.example.com/a b",
    "https://idp.example.com/\u001b[31m",
    "https://idp.example.com/\u202e",
    "https://idp.exam\tple.com",
    "https://idp.example.com\\evil",
    "https://idp.example.com/<b>",
    "https://idp.example.com/[fa](https://evil.example)",
    "https://idp.example.com/%zz",
    "https://idp.example.com/`x`",
    "https://idp.example.com/\u200b",
    " https://idp.example.com",
    "https://idp.example.com\n",
  ])("has no other characters than a URL: %j", (issuer) => {
    expect(issuerProblem(issuer)).toBe("strangeUrl");
  });

  it.each(hostileTexts)("never holds %s", (_kind, text) => {
    const plain = /^[\x21-\x7e]*$/.test(text) && !/[[\]<>"{}\\^`|]/.test(text);
    expect(issuerProblem(`https://idp.example.com/${text}`) === undefined).toBe(plain);
  });
});

describe.each([
  ["a server's URL", serverUrlProblem],
  ["a resource", resourceProblem],
])("%s", (_what, problemOf) => {
  it.each([
    "https://mcp.exam\tple.com/mcp",
    "https://mcp.example.com\\@evil.example/",
    "https://a.example/\u202e",
    "https://a.example/x y",
  ])("is not what it does not look like: %j", (url) => {
    expect(problemOf(url)).toBe("strangeUrl");
  });

  it("may have letters of any script", () => {
    expect(problemOf("https://münchen.example/straße")).toBeUndefined();
  });
});
