import { describe, expect, it } from "vitest";
import { Watch } from "../../../../src/core/identity/offboarding/watch.ts";
import type { Quirks } from "../../../support/fakeIdp.ts";
import { recordingLog } from "../../../support/ports.ts";
import { opened, signedIn, type Person } from "./fakePerson.ts";
import { never } from "./harness.ts";

const json = (status: number, body: unknown): Response => Response.json(body, { status });

const halfHour = async (
  quirks: Quirks,
  minutes = 35,
): Promise<Person & { readonly signedOutAtMin?: number }> => {
  const made = await signedIn(quirks);
  const { identity, clock } = made;
  const watch = new Watch({
    ...{ identity, clock, log: recordingLog(), random: () => 0.5, intervalMs: () => 30_000 },
    isFocused: () => true,
    isLeader: () => true,
    isAllowed: () => true,
  });
  opened.push(watch);
  let signedOutAtMin: number | undefined;
  const startMs = clock.now();
  for (let second = 0; second < minutes * 60; second += 10) {
    clock.advance(10_000);
    for (let turns = 0; turns < 2; turns += 1) await new Promise((resolve) => setTimeout(resolve, 1));
    if (second % 60 === 0) {
      const { kind } = await made.fresh();
      if (kind === "signedOut") signedOutAtMin ??= (clock.now() - startMs) / 60_000;
    }
  }
  return { ...made, ...(signedOutAtMin === undefined ? {} : { signedOutAtMin }) };
};

const withoutUserinfo = { metadata: { userinfo_endpoint: undefined } };

describe("35 minutes", () => {
  it("at an IdP without refresh token and userinfo: signed in until the token's end, then expired", async () => {
    const quirks: Quirks = {
      ...withoutUserinfo,
      accessTokenSeconds: 1800,
      reply: () => ({ refresh_token: undefined }),
    };
    const made = await halfHour(quirks);
    expect(made.signedOutAtMin).toBeGreaterThanOrEqual(30);
    expect(made.signedOutAtMin).toBeLessThanOrEqual(31.2);
    expect(await made.fresh()).toEqual({ kind: "signedOut", cause: "expired" });
    expect(made.idp.renewals()).toBe(0);
  }, 30_000);

  it.each<[string, Quirks]>([
    ["without userinfo", withoutUserinfo],
    ["whose userinfo is a page", { userinfo: () => new Response("<html></html>") }],
    ["whose userinfo answers 404", { userinfo: () => json(404, "") }],
    ["whose userinfo knows another person", { userinfo: () => json(200, { sub: "bob" }) }],
  ])(
    "at an IdP with refresh tokens %s: at most one refresh a token life",
    async (_name, quirks) => {
      const { idp, fresh } = await halfHour({ ...quirks, accessTokenSeconds: 300 });
      expect(idp.renewals()).toBeLessThanOrEqual(9);
      expect(await fresh()).toMatchObject({ kind: "active" });
    },
    30_000,
  );

  it.each([401, 403])(
    "at an IdP whose userinfo answers %i to API tokens: one refresh more",
    async (status) => {
      const { idp, fresh } = await halfHour({ userinfo: () => json(status, ""), accessTokenSeconds: 300 });
      expect(idp.renewals()).toBeLessThanOrEqual(10);
      expect(await fresh()).toMatchObject({ kind: "active" });
    },
    30_000,
  );

  it("without a refresh token, at a userinfo that can tell: a revocation is found", async () => {
    const made = await signedIn({ reply: () => ({ refresh_token: undefined }), accessTokenSeconds: 3600 });
    const [session] = await made.identity.list();
    expect(await made.identity.check(session?.id ?? "", never)).toEqual({ kind: "alive" });
    made.idp.end();
    expect(await made.identity.check(session?.id ?? "", never)).toEqual({
      kind: "signedOut",
      cause: "revoked",
    });
  });
});
