import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseBody, parseRetryAfter, safeUrlAt } from "../../../../../src/core/credentials/reply/reply.ts";

const nowMs = Date.UTC(2026, 0, 1);

describe("Retry-After (RFC 9110, section 10.2.3)", () => {
  it.each([
    ["120", 120_000],
    ["Thu, 01 Jan 2026 00:01:00 GMT", 60_000],
    ["Wed, 31 Dec 2025 00:00:00 GMT", 0],
    ["99999999", 86_400_000],
    ["soon", undefined],
    ["-5", undefined],
    [null, undefined],
  ])("%s", (header, waitMs) => expect(parseRetryAfter(header, nowMs)).toBe(waitMs));
});

describe("a URL that a person may be asked to open", () => {
  it.each([
    "https://vault.example.com/a?b#c",
    "http://127.0.0.1:8080/",
    "http://localhost/",
    "http://[::1]/",
  ])("%s", (url) => expect(safeUrlAt(url)).toBe(url));

  it.each([
    "http://vault.example.com/",
    "javascript:alert(1)",
    "command:workbench.action.quit",
    "file:///etc/passwd",
    "vscode://publisher.extension",
    "data:text/html,hi",
    "https://user@vault.example.com/",
    "//vault.example.com/",
    "vault.example.com",
    "",
    `https://vault.example.com/${"a".repeat(5000)}`,
  ])("not %s", (url) => expect(safeUrlAt(url)).toBeUndefined());

  it("is https or of this machine, whatever the vault sends", () => {
    const text = fc.oneof(
      fc.webUrl({ withQueryParameters: true, validSchemes: ["http", "https", "ftp"] }),
      fc.string(),
    );
    fc.assert(
      fc.property(text, (given) => {
        const url = safeUrlAt(given);
        if (url !== undefined)
          expect(url).toMatch(/^https:\/\/[^/?#@]+\/|^http:\/\/(localhost|127\.|\[::1\])/);
      }),
    );
  }, 60_000);
});

describe("a body", () => {
  it.each([
    ['{"a":1}', "json", { a: 1 }],
    ["a=1&b=x%20y", "json", undefined],
    ["a=1&b=x%20y", "jsonOrForm", { a: "1", b: "x y" }],
    ["<p class=x>", "jsonOrForm", undefined],
    ["", "jsonOrForm", undefined],
  ] as const)("%s read as %s", (text, replies, body) => expect(parseBody(text, replies)).toEqual(body));
});
