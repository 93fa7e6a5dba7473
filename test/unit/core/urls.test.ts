import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LanyardError } from "../../../src/core/errors.ts";
import { assertSecureUrl, hostOf, isLoopback, shownUrl } from "../../../src/core/urls.ts";

const refusal = (url: string): LanyardError | undefined => {
  try {
    assertSecureUrl(url);
    return undefined;
  } catch (error) {
    if (error instanceof LanyardError) return error;
    throw error;
  }
};

describe("a URL that may carry a credential", () => {
  it.each([
    "https://idp.example.com",
    "https://idp.example.com:8443/tenant",
    "http://127.0.0.1:1234/callback",
    "http://127.4.5.6/",
    "http://127.10.20.130/",
    "http://localhost:8080",
    "http://[::1]:9/",
  ])("%s is accepted", (url) => {
    expect(assertSecureUrl(url).href).toBe(new URL(url).href);
  });

  it.each([
    "http://idp.example.com",
    "http://127.0.0.1.evil.example",
    "http://localhost.evil.example",
    "http://0.0.0.0:80",
    "http://10.0.0.1",
    "http://evil.localhost",
    "https://user:pw@idp.example.com",
    "https://user@idp.example.com",
    "https://:pw@idp.example.com",
    "http://user@127.0.0.1/",
    "ftp://127.0.0.1/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "command:workbench.action.quit",
    "not a url",
    "",
  ])("%s is refused", (url) => {
    expect(refusal(url)?.code).toBe("insecureUrl");
  });

  it("is named in the refusal without the password it held", () => {
    expect(refusal("https://alice:hunter2@idp.example.com/")?.message).toBe(
      "https://idp.example.com is refused: only https URLs without a user name are used, and http on this machine.",
    );
    expect(refusal("no url")?.message).toBe('"no url" is not a URL.');
  });

  it("is refused with one line of plain text, whatever was given", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const error = refusal(text);
        expect(error?.message ?? "").not.toMatch(/[\u0000-\u001f\u202a-\u202e]/);
      }),
    );
  });
});

describe("loopback", () => {
  it("is decided by the address, not by how it is written", () => {
    expect(isLoopback(new URL("http://2130706433/"))).toBe(true);
    expect(isLoopback(new URL("http://0x7f.1/"))).toBe(true);
    expect(isLoopback(new URL("http://127.0.0.1@evil.example/"))).toBe(false);
  });
});

describe("a URL for people to read", () => {
  it.each([
    ["https://mcp.example.com:8443/x?y", "mcp.example.com:8443"],
    ["https://ex\u0430mple.com/mcp", "xn--exmple-4nf.com"],
    ["no\u202eURL", "no URL"],
  ])("the host of %s is %s", (url, host) => {
    expect(hostOf(url)).toBe(host);
  });

  it.each([
    ["https://idp.example.com", "https://idp.example.com"],
    ["https://idp.example.com/", "https://idp.example.com/"],
    ["https://ex\u0430mple.com/mcp", "https://xn--exmple-4nf.com/mcp"],
    ["not a url", "not a url"],
  ])("%s is shown as %s", (url, shown) => {
    expect(shownUrl(url)).toBe(shown);
  });
});
