import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Grant } from "../../../../src/core/credentials/grant.ts";
import { resolvePointer } from "../../../../src/core/credentials/request/pointer.ts";
import { fuzzRuns } from "../../../support/fuzz.ts";
import { askOnce, plain, sourcePorts, userToken } from "../../../support/asks.ts";
import type { SourceCase } from "../../../support/vaults/case.ts";
import { sourceCases } from "../../../support/vaults/cases.ts";

/** A document with this value at the end of the pointer, and these members beside the first step. */
const documentWith = (pointer: string, held: unknown, beside: object): object => {
  const [first = "", ...rest] = pointer.slice(1).split("/");
  const inner = rest.reduceRight<unknown>((within, name) => ({ [name]: within }), held);
  return { ...beside, [first]: inner };
};

/** Bodies that look like answers: the members that rules ask for, with values that they know and do not know. */
const word = fc.constantFrom(
  ...["interaction_required", "access_denied", "slow_down", "authorization_pending", "invalid_token", "what"],
  ...[
    "https://vault.example.com/x",
    "javascript:alert(1)",
    "Bearer",
    "urn:ietf:params:oauth:token-type:id-jag",
  ],
  ...["a\r\nHost: evil", "credential", "", "-1", "1700000900"],
);
const value = fc.oneof(word, fc.integer(), fc.boolean(), fc.constant(null), fc.jsonValue({ maxDepth: 1 }));
const member = fc.constantFrom(
  ...[
    "error",
    "access_token",
    "interaction_uri",
    "expires_in",
    "interval",
    "claims",
    "acr_values",
    "max_age",
  ],
  ...[
    "token_type",
    "issued_token_type",
    "binding_message",
    "active",
    "api_key",
    "errorMessage",
    "expires_at",
  ],
);
const flat = fc.dictionary(member, value, { noNullPrototype: true });
const nested = fc.dictionary(
  fc.constantFrom("data", "token", "auth", "credential", "wrap_info"),
  fc.dictionary(
    fc.constantFrom("data", "key", "accessToken", "client_token", "value", "token"),
    fc.oneof(value, flat),
    {
      noNullPrototype: true,
    },
  ),
  { noNullPrototype: true },
);
const bodyFor = (place: string): fc.Arbitrary<string> =>
  fc.oneof(
    fc
      .tuple(fc.oneof(fc.constant("credential"), value), flat)
      .map(([held, beside]) => JSON.stringify(documentWith(place, held, beside))),

    fc.tuple(flat, nested).map(([one, other]) => JSON.stringify({ ...one, ...other })),
    fc.json(),
    fc.string(),
  );
const status = fc.oneof(
  fc.constantFrom(200, 201, 400, 401, 403, 404, 429, 503),
  fc.integer({ min: 200, max: 599 }),
);
const headers = fc.record(
  {
    "www-authenticate": fc.constantFrom('Bearer error="insufficient_user_authentication"', "Basic", 'x="'),
    "retry-after": fc.constantFrom("5", "soon", "-1"),
    "content-type": fc.constantFrom("application/json", "text/html"),
  },
  { requiredKeys: [] },
);

interface Sent {
  readonly status: number;
  readonly body: string;
  readonly headers: Record<string, string>;
}

const responseOf = ({ status: code, body: text, headers: given }: Sent): Response =>
  new Response([204, 205, 304].includes(code) ? null : text, { status: code, headers: given });

const isSafe = (url: string): boolean => /^https:\/\/|^http:\/\/(?:localhost|127\.|\[::1\])/.test(url);

const urlsOf = (grant: Grant): readonly (string | undefined)[] => {
  if (grant.kind === "needsConnection") return [grant.url];
  if (grant.kind === "denied") return [grant.helpUrl];
  return grant.kind === "stepUp" && grant.how.kind === "url" ? [grant.how.url] : [];
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return Object.fromEntries(new URLSearchParams(text));
  }
};

type Headers = Readonly<Record<string, string>>;

/** A bare secret is sent as it is, also one with blanks around it; of one with quotes or a scheme, nothing but a part. */
const expectOf = (credential: string, source: SourceCase, sent: Headers): void => {
  const bare = credential.replace(/^[\s\uFEFF]+|[\s\uFEFF]+$/g, "");
  const whole = source.headers(bare);
  if (/^[^\s"'\uFEFF]+$/.test(bare)) {
    expect(sent).toEqual(whole);
    return;
  }
  expect(Object.keys(sent)).toEqual(Object.keys(whole));
  for (const [name, value] of Object.entries(sent))
    if (value !== whole[name]) expect(credential).toContain(value.replace(/^[\w-]+ /, ""));
};

describe.each(sourceCases)("whatever the vault of $source answers", (source: SourceCase) => {
  it("grants only what the declaration allows, and nothing that cannot be sent or opened", async () => {
    const { place } = source;
    const reply = fc.record({ status, body: bodyFor(place), headers });
    const first = source.firstStep;
    const good = { status: 200, body: JSON.stringify(first), headers: {} };
    await fc.assert(
      fc.asyncProperty(
        fc.array(reply, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        async (given, passes) => {
          const replies = first !== undefined && passes ? [good, ...given] : given;
          let last = replies[0];
          let asked = 0;
          const scene = { origin: "https://vault.example.com", nowMs: 0 };
          const ports = sourcePorts({
            ...source.ports?.(scene),
            fetch: () => {
              last = replies[Math.min(asked, replies.length - 1)] ?? last;
              asked += 1;
              return Promise.resolve(last === undefined ? Response.error() : responseOf(last));
            },
          });
          const { grant } = await askOnce(source.entry(scene), ports);
          expect(JSON.stringify(grant)).not.toContain(userToken);
          for (const url of urlsOf(grant)) expect(url === undefined || isSafe(url)).toBe(true);
          if (grant.kind !== "granted") return;
          expect(last?.status).toBeGreaterThanOrEqual(200);
          expect(last?.status).toBeLessThan(300);
          const credential = resolvePointer(parsed(last?.body ?? ""), place);
          const sent = plain(grant);
          if (sent.kind !== "granted") throw new Error("unreachable");
          expectOf(String(credential), source, sent.headers);
          expect(() => new Headers(sent.headers)).not.toThrow();
          expect(grant.expiresAtMs === undefined || grant.expiresAtMs > ports.clock.now()).toBe(true);
        },
      ),
      { numRuns: fuzzRuns(200) },
    );
  }, 600_000);
});
