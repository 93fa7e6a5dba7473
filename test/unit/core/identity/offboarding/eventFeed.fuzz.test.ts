import fc from "fast-check";
import { expect, test } from "vitest";
import { pollEvents } from "../../../../../src/core/identity/offboarding/eventFeed.ts";
import { LanyardError } from "../../../../../src/core/errors.ts";
import { Secret } from "../../../../../src/core/secret.ts";
import { systemClock } from "../../../../../src/node/clock.ts";
import { fuzzRuns } from "../../../../support/fuzz.ts";

const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(-1, 1e308, "x".repeat(600)),
);
const event = fc.record({ type: value, connector: value }, { requiredKeys: [] });
const body = fc.oneof(
  fc
    .record(
      { events: fc.oneof(fc.array(event, { maxLength: 5 }), value), cursor: value },
      { requiredKeys: [] },
    )
    .map((reply) => JSON.stringify(reply)),
  fc.json(),
  fc.string({ unit: "binary", maxLength: 100 }),
);
const status = fc.oneof(
  { weight: 4, arbitrary: fc.constant(200) },
  { weight: 1, arbitrary: fc.constantFrom(201, 302, 307, 400, 401, 404, 410, 429, 500, 503) },
);
const retryAfter = fc.oneof(
  fc.constantFrom("-1", "1e400", "Wed, 25 Nov 2026 00:00:00 GMT", "99999999999"),
  fc.nat().map(String),
);

/** A reply in the making of the platform's own fetch; what is read of it is what a real one gives. */
test("whatever a facade tells, it is events with a place to go on from, or a reason", async () => {
  await fc.assert(
    fc.asyncProperty(status, body, retryAfter, async (code, text, after) => {
      const asked: string[] = [];
      const fetch = (input: string | URL | Request): Promise<Response> => {
        asked.push(input instanceof Request ? input.url : String(input));
        return Promise.resolve(new Response(text, { status: code, headers: { "retry-after": after } }));
      };
      const answer = await pollEvents(
        {
          url: "https://vault.example.com/events",
          cursor: undefined,
          token: new Secret("token-canary"),
          sign: undefined,
          signal: new AbortController().signal,
        },
        { fetch, clock: systemClock },
      ).catch((error: unknown) => {
        if (!(error instanceof LanyardError)) throw error;
        return { kind: "error" } as const;
      });
      expect(asked).toHaveLength(1);
      expect(asked.join()).not.toContain("token-canary");
      if (answer.kind === "events") {
        expect(code).toBe(200);
        expect(answer.cursor.length).toBeLessThanOrEqual(512);
        for (const { type, connector } of answer.events)
          expect([typeof type, typeof (connector ?? "")]).toEqual(["string", "string"]);
      }
      if (answer.kind === "failed") {
        expect(answer.retryAfterMs).toBeGreaterThanOrEqual(0);
        expect(answer.retryAfterMs).toBeLessThanOrEqual(600_000);
      }
    }),
    { numRuns: fuzzRuns(1500) },
  );
});
