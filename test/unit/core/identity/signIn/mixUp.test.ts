import type { ServerMetadata } from "openid-client";
import { describe, expect, it } from "vitest";
import { defaultOptions, type IdentityContext } from "../../../../../src/core/identity/context.ts";
import { Discovery } from "../../../../../src/core/identity/idp/discovery.ts";
import { SessionStore } from "../../../../../src/core/identity/sessions/sessionStore.ts";
import { mixUpOf, type MixUp } from "../../../../../src/core/identity/signIn/mixUp.ts";
import { fakeClock, memoryMemory, memorySecrets, recordingLog } from "../../../../support/ports.ts";

const never = new AbortController().signal;

type Server = ServerMetadata;

const serverAt = (issuer: string, over: Partial<Server> = {}): Server => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  ...over,
});

/** Judges a sign-in at the first, of somebody who is or was signed in at the others. */
const judged = async (server: Server, others: readonly Server[] = []): Promise<MixUp> => {
  const clock = fakeClock();
  const fetch = (url: string): Promise<Response> => {
    const other = others.find(({ issuer }) => url.startsWith(`${issuer}/`));
    return Promise.resolve(other === undefined ? new Response("", { status: 404 }) : Response.json(other));
  };
  const store = new SessionStore({ secrets: memorySecrets(), memory: memoryMemory(), log: recordingLog() });
  for (const { issuer } of others) {
    await store.write({
      ...{ version: 1, kind: "ended", issuer, clientId: "lanyard", subject: "alice" },
      ...{ cause: "never", endedAtMs: 1 },
    });
  }
  const context: IdentityContext = {
    ...{ clock, fetch, store, log: recordingLog(), options: defaultOptions },
    discovery: new Discovery(fetch, clock),
  };
  return mixUpOf(context, server, never);
};

const company = serverAt("https://idp.company.example");
const saysWho = { authorization_response_iss_parameter_supported: true };

describe("a place to sign in that is not the issuer's", () => {
  it.each<[string, Partial<Server>]>([
    ["another's page", { authorization_endpoint: "https://idp.company.example/authorize" }],
    [
      "another's page, whatever it says of itself",
      { authorization_endpoint: "https://idp.company.example/authorize", ...saysWho },
    ],
    [
      "a page of another company altogether",
      { authorization_endpoint: "https://login.other.example/authorize" },
    ],
    ["a host that only ends alike", { authorization_endpoint: "https://notevil.example/authorize" }],
  ])("is refused: %s", async (_what, over) => {
    const server = serverAt("https://evil.example", over);
    expect((await judged(server)).kind).toBe("foreign");
    expect((await judged(server, [company])).kind).toBe("foreign");
  });

  it.each([
    ["a name without a dot", "https://idp", "https://evil.idp/authorize"],
    ["the top of a country", "https://example", "https://evil.example/authorize"],
    ["another port", "https://idp.example:8443", "https://other.test/authorize"],
  ])("is refused: below %s lies whoever wants to", async (_what, issuer, authorization_endpoint) => {
    expect((await judged(serverAt(issuer, { authorization_endpoint }))).kind).toBe("foreign");
  });

  it.each([
    ["a host below the issuer's", "https://login.evil.example/authorize"],
    ["the host above the issuer's", "https://example.com/authorize"],
  ])("may be %s", async (_what, authorization_endpoint) => {
    const issuer = authorization_endpoint.includes("evil")
      ? "https://evil.example"
      : "https://idp.example.com";
    expect((await judged(serverAt(issuer, { authorization_endpoint }))).kind).toBe("none");
  });

  it("is not looked at where it is no place to sign in at over a network", async () => {
    const server = serverAt("https://evil.example", {
      authorization_endpoint: "http://evil.example/authorize",
    });
    await expect(judged(server)).rejects.toThrow("evil.example");
  });

  it("is refused where nothing says where the code would be redeemed", async () => {
    const { token_endpoint: _none, ...server } = serverAt("https://evil.example", {
      authorization_endpoint: "https://login.other.example/authorize",
    });
    expect((await judged(server)).kind).toBe("foreign");
  });

  it("is none of anybody's where the metadata names no page", async () => {
    const { authorization_endpoint: _none, ...server } = serverAt("https://evil.example");
    expect((await judged(server, [company])).kind).toBe("none");
  });

  it("is refused where the code would be redeemed elsewhere than at the one whose page it is", async () => {
    const tenant = serverAt("https://a.vendor.example", {
      authorization_endpoint: "https://vendor.example/authorize",
    });
    const thief = serverAt("https://b.vendor.example", {
      authorization_endpoint: "https://vendor.example/authorize",
    });
    expect((await judged(thief, [tenant])).kind).toBe("foreign");
  });

  it.each<[string, Server]>([
    [
      "Google",
      serverAt("https://accounts.google.com", { token_endpoint: "https://oauth2.googleapis.com/token" }),
    ],
    [
      "Amazon Cognito",
      serverAt("https://cognito-idp.eu-west-1.amazonaws.com/pool", {
        authorization_endpoint: "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/authorize",
        token_endpoint: "https://acme.auth.eu-west-1.amazoncognito.com/oauth2/token",
      }),
    ],
    [
      "a page below the issuer's own domain",
      serverAt("https://example.com", {
        authorization_endpoint: "https://login.example.com/authorize",
        token_endpoint: "https://api.other.example/token",
      }),
    ],
  ])("is fine as vendors have it: %s", async (_vendor, server) => {
    expect(await judged(server)).toEqual({ kind: "none" });
    expect(await judged({ ...server, ...saysWho }, [company])).toEqual({ kind: "none" });
  });
});

describe("two identity providers", () => {
  it.each([
    ["neither says who answers", {}, {}, "indistinct"],
    ["the new one says it", saysWho, {}, "none"],
    ["the known one says it", {}, saysWho, "none"],
    ["both say it", saysWho, saysWho, "none"],
  ])("%s", async (_what, fresh, known, kind) => {
    const other = serverAt("https://other.example", fresh);
    expect((await judged(other, [serverAt(company.issuer, known)])).kind).toBe(kind);
  });

  it("are as good as indistinct where the known one cannot be asked", async () => {
    const gone = serverAt("https://gone.example", { token_endpoint: "no URL" });
    expect(await judged(serverAt("https://other.example"), [gone])).toEqual({
      kind: "indistinct",
      issuers: ["https://gone.example"],
    });
  });

  it("are the same one when somebody signs in again", async () => {
    expect(await judged(company, [company])).toEqual({ kind: "none" });
  });
});
