import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Discovery } from "../../../../../src/core/identity/idp/discovery.ts";
import { failureOf } from "../../../../../src/core/identity/failures.ts";
import { boundedFetch } from "../../../../../src/core/http.ts";
import type { Fetch } from "../../../../../src/core/ports.ts";
import { fakeClock } from "../../../../support/ports.ts";

const issuer = "https://idp.example.com/tenant";
const never = new AbortController().signal;

const metadata = {
  issuer,
  authorization_endpoint: `${issuer}/auth`,
  token_endpoint: `${issuer}/token`,
};

/** An IdP that serves the given documents, by path. */
const serving = (documents: Readonly<Record<string, () => Response>>) => {
  const asked: string[] = [];
  const clock = fakeClock();
  const fetch: Fetch = (url) => {
    const { pathname } = new URL(url);
    asked.push(pathname);
    return Promise.resolve(documents[pathname]?.() ?? new Response(null, { status: 404 }));
  };
  return { asked, clock, discovery: new Discovery(boundedFetch(fetch, clock), clock) };
};

const oidcPath = "/tenant/.well-known/openid-configuration";
const oauthPath = "/.well-known/oauth-authorization-server/tenant";
const good = (): Response => Response.json(metadata);

describe("discovery", () => {
  it("asks as OpenID Connect has it, and once for some minutes", async () => {
    const { discovery, asked, clock } = serving({ [oidcPath]: good });
    await discovery.metadata(issuer, never);
    clock.advance(299_000);
    await discovery.metadata(issuer, never);
    expect(asked).toEqual([oidcPath]);
    clock.advance(2000);
    await discovery.metadata(issuer, never);
    expect(asked).toEqual([oidcPath, oidcPath]);
  });

  it("asks as RFC 8414 has it where the other document does not exist", async () => {
    const { discovery, asked } = serving({ [oauthPath]: good });
    expect((await discovery.metadata(issuer, never)).token_endpoint).toBe(`${issuer}/token`);
    expect(asked).toEqual([oidcPath, oauthPath]);
  });

  it("asks once for all who want it at the same time", async () => {
    const { discovery, asked } = serving({ [oidcPath]: good });
    await Promise.all(Array.from({ length: 50 }, () => discovery.metadata(issuer, never)));
    expect(asked).toHaveLength(1);
  });

  it("does not remember a failure, and does not take one for an absence", async () => {
    let works = false;
    const { discovery, asked } = serving({
      [oidcPath]: () => (works ? good() : new Response(null, { status: 503 })),
    });
    await expect(discovery.metadata(issuer, never)).rejects.toThrow();
    works = true;
    await discovery.metadata(issuer, never);
    expect(asked).toEqual([oidcPath, oidcPath]);
  });

  it.each<[string, () => Response, string, string]>([
    [
      "an outage",
      () => new Response(null, { status: 503 }),
      "network",
      "idp.example.com answered with HTTP 503.",
    ],
    [
      "too many questions",
      () => new Response(null, { status: 429 }),
      "network",
      "idp.example.com answered with HTTP 429.",
    ],
    ["nothing", () => new Response(null, { status: 404 }), "badReply", `${issuer} has no metadata.`],
    [
      ...([
        "another issuer's",
        () => Response.json({ ...metadata, issuer: "https://other.example" }),
      ] as const),
      ...(["badReply", `The metadata of ${issuer} names another issuer: https://other.example.`] as const),
    ],
  ])(
    "tells whoever wants the token endpoint in words where there is %s",
    async (_what, reply, code, message) => {
      const { discovery } = serving({ [oidcPath]: reply });
      await expect(discovery.tokenEndpoint(issuer, never)).rejects.toMatchObject({ code, message });
    },
  );

  it("goes on for the others when one gives up", async () => {
    const { discovery, asked } = serving({ [oidcPath]: good });
    const caller = new AbortController();
    const given = discovery.metadata(issuer, caller.signal);
    const other = discovery.metadata(issuer, never);
    caller.abort(new Error("gave up"));
    await expect(given).rejects.toThrow("gave up");
    expect((await other).issuer).toBe(issuer);
    expect(asked).toHaveLength(1);
  });

  it.each(["https://idp.example.com/tenant/", "https://IDP.example.com/tenant", "https://evil.example"])(
    "refuses the issuer %s: it must be the same to the letter",
    async (named) => {
      const { discovery } = serving({ [oidcPath]: () => Response.json({ ...metadata, issuer: named }) });
      const error: unknown = await discovery.metadata(issuer, never).catch((caught: unknown) => caught);
      expect(failureOf(error, issuer)).toMatchObject({ failure: "wrongIssuer" });
      expect(failureOf(error, issuer).args).toContain(named);
    },
  );

  it("fails in a way that has a name, whatever the document says", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string()), async (text) => {
        const reply = (): Response => new Response(text, { headers: { "content-type": "application/json" } });
        const { discovery } = serving({ [oidcPath]: reply, [oauthPath]: reply });
        const error: unknown = await discovery.metadata(issuer, never).catch((caught: unknown) => caught);
        expect(["rejected", "noMetadata", "wrongIssuer"]).toContain(failureOf(error, issuer).failure);
      }),
    );
  });

  it("takes an optional endpoint that is null for one that there is not", async () => {
    const { discovery } = serving({
      [oidcPath]: () => Response.json({ ...metadata, userinfo_endpoint: null, scopes_supported: null }),
    });
    expect(await discovery.metadata(issuer, never)).toEqual(metadata);
  });

  it("refuses metadata in which any endpoint is not a URL", async () => {
    for (const name of ["authorization_endpoint", "token_endpoint", "userinfo_endpoint"]) {
      for (const value of ["nowhere", 7, {}]) {
        const { discovery } = serving({ [oidcPath]: () => Response.json({ ...metadata, [name]: value }) });
        await expect(discovery.metadata(issuer, never)).rejects.toMatchObject({ code: "badReply" });
      }
    }
  });
});
