import { describe, expect, it } from "vitest";
import type { Grant } from "../../../../../src/core/credentials/grant.ts";
import { askOnce, plain, sourcePorts } from "../../../../support/asks.ts";
import { json, serve } from "../../../../support/vaults/server.ts";

/** What a vault's secret makes, in the header that an entry's template spells. */
const made = async (stored: string, template = "Bearer {credential}"): Promise<Grant> => {
  const { origin } = await serve(() => json(200, { access_token: stored }));
  const entry = { source: "vault-lookup", url: `${origin}/v1`, headers: { Authorization: template } };
  return (await askOnce(entry, sourcePorts())).grant;
};

describe("a stored secret with more than itself", () => {
  it.each([
    ["abc", "Bearer {credential}", "Bearer abc"],
    ["Bearer abc", "Bearer {credential}", "Bearer abc"],
    ["bearer abc", "Bearer {credential}", "Bearer abc"],
    ["BEARER   abc\n", "Bearer {credential}", "Bearer abc"],
    ["Authorization: Bearer abc", "Bearer {credential}", "Bearer abc"],
    ["authorization:bearer abc\r\n", "Bearer {credential}", "Bearer abc"],
    ['"Bearer abc"', "Bearer {credential}", "Bearer abc"],
    ["Token abc", "Token {credential}", "Token abc"],
    ["Bearer abc", "{credential}", "Bearer abc"],
  ])("%j in %s is %s", async (stored, template, header) => {
    expect(plain(await made(stored, template))).toMatchObject({
      kind: "granted",
      headers: { Authorization: header },
    });
  });

  it.each(["Basic YWJj", "abc def", "abc\ndef", "Token abc", "Bearer abc def", "Bearer"])(
    "%j is refused in words, or is one word",
    async (stored) => {
      const grant = plain(await made(stored));
      if (grant.kind === "granted") expect(grant.headers["Authorization"]).toMatch(/^Bearer \S+$/);
      else expect(grant.kind).toBe("misconfigured");
    },
  );
});
