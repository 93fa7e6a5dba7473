/** Whatever a token endpoint answers to a renewal: no session is lost to it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { idTokenOf } from "../../../support/fakeIdp.ts";
import { signedIn } from "./fakePerson.ts";

const members = fc.dictionary(
  fc.constantFrom(
    "token_type",
    "expires_in",
    "scope",
    "id_token",
    "access_token",
    "error",
    "error_description",
    "x",
  ),
  fc.oneof(
    fc.constantFrom<unknown>(
      null,
      "",
      0,
      -1,
      "soon",
      "Bearer",
      "mac",
      true,
      [],
      {},
      undefined,
      "a b",
      "a\nb",
    ),
    fc.constant(idTokenOf({ sub: "alice" })),
    fc.jsonValue({ maxDepth: 1 }),
  ),
  { maxKeys: 5 },
);

describe("whatever members a token endpoint's replies have", () => {
  it("no refresh token that it has issued is lost, and no session that a following renewal would have kept", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(members, { minLength: 1, maxLength: 4 }), async (replies) => {
        let n = 0;
        const made = await signedIn({
          reply: (grant) => (grant === "refresh_token" ? { ...replies[n++] } : {}),
        });
        for (const _reply of replies) {
          made.clock.advance(400_000);
          await made.fresh();
          const stored = [...made.secrets.entries.values()].join();
          expect(stored).toContain(`"${made.idp.refreshToken() ?? "ended by reuse"}"`);
        }
        made.idp.quirks = {};
        made.clock.advance(400_000);
        expect(await made.fresh()).toMatchObject({ kind: "active" });
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  it("nor where the identity provider rotates none and spells that in its way", async () => {
    const none = fc.constantFrom<unknown>(null, "", undefined, 0, false, [], {});
    // Without an access token an error is a refusal.
    const beside = members.map(({ access_token: _token, ...rest }) => rest);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(beside, none), { minLength: 1, maxLength: 3 }), async (replies) => {
        let n = 0;
        const made = await signedIn({
          rotates: false,
          reply: (grant) => {
            if (grant !== "refresh_token") return {};
            const [more, refreshToken] = replies[n++] ?? [];
            return { ...more, refresh_token: refreshToken };
          },
        });
        const first = made.idp.refreshToken();
        for (const _reply of replies) {
          made.clock.advance(400_000);
          await made.fresh();
          expect([...made.secrets.entries.values()].join()).toContain(`"${String(first)}"`);
        }
        made.idp.quirks = { rotates: false };
        made.clock.advance(400_000);
        expect(await made.fresh()).toMatchObject({ kind: "active" });
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});
