import { describe, expect, it } from "vitest";
import { isBearerToken } from "../../../../../src/core/identity/signIn/tokens.ts";
import { hostileTexts } from "../../../../support/hostile.ts";

describe("an access token (RFC 6750, section 2.1)", () => {
  it.each(["a", "eyJhbGciOiJub25lIn0.e30.", "AZaz09-._~+/", "bm90aGluZw==", "1/fFAGRNJru1FTz70BzhT3Zg"])(
    "may be %s",
    (token) => {
      expect(isBearerToken(token)).toBe(true);
    },
  );

  it.each([
    ...["", "=", "a=b", "a b", "a\n", "a\u001b[31m", "tökén", 'a"b', "a,b", "a|b"].map(
      (text) => ["", text] as const,
    ),
    ...hostileTexts,
  ])("is none with other characters: %s %j", (_kind, token) => {
    expect(isBearerToken(token)).toBe(false);
  });
});
