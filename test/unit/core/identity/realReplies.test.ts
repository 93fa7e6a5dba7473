/** What real identity providers answer, in memory: nobody is signed out by how it is spelt. */
import { describe, expect, it } from "vitest";
import { signInAtFake, type Quirks } from "../../../support/fakeIdp.ts";
import { person, signedIn, whileTimeStands } from "./fakePerson.ts";

const day = 24 * 3600;

describe("a sign-in's ID token", () => {
  it.each<[string, NonNullable<Quirks["claims"]>]>([
    ["the IdP's time", () => ({})],
    ["iat and nbf five minutes back", (_grant, now) => ({ iat: now - 300, nbf: now - 300 })],
    ["iat ten minutes back", (_grant, now) => ({ iat: now - 600 })],
    ["iat half an hour back", (_grant, now) => ({ iat: now - 1800, nbf: now - 1800 })],
    [
      "times as text",
      (_grant, now) => ({ iat: String(now), exp: String(now + 600), auth_time: String(now) }),
    ],
    ["auth_time as a date", (_grant, now) => ({ auth_time: new Date(now * 1000).toISOString() })],
    ["auth_time null", () => ({ auth_time: null, nbf: null, azp: null, acr: null })],
    ["auth_time empty", () => ({ auth_time: "", acr: "" })],
    ["two audiences without azp", () => ({ aud: ["lanyard", "https://api.example.com"] })],
    ["two audiences, azp null", () => ({ aud: ["https://api.example.com", "lanyard"], azp: null })],
    ["one audience in a list", () => ({ aud: ["lanyard"] })],
    ["half a second", (_grant, now) => ({ iat: now + 0.5, nbf: now - 0.5 })],
  ])("is taken: %s", async (_name, claims) => {
    const { idp, identity } = person({ claims });
    expect(await signInAtFake(identity, idp)).toMatchObject({ kind: "signedIn" });
  });

  it.each<[string, NonNullable<Quirks["claims"]>]>([
    ["iat an hour ahead", (_grant, now) => ({ iat: now + 3600, exp: now + 7200 })],
    ["iat five minutes ahead", (_grant, now) => ({ iat: now + 300 })],
    ["nbf an hour ahead", (_grant, now) => ({ nbf: now + 3600 })],
    ["over", (_grant, now) => ({ iat: now - day, exp: now - day + 60 })],
    ["of another audience", () => ({ aud: ["other", "https://api.example.com"] })],
    ["for another party", () => ({ aud: ["lanyard", "other"], azp: "other" })],
    ["of another issuer", () => ({ iss: "https://other.example.com" })],
  ])("is refused: %s", async (_name, claims) => {
    const { idp, identity } = person({ claims });
    expect(await signInAtFake(identity, idp)).toMatchObject({ kind: "failed" });
    expect(await identity.list()).toEqual([]);
  });

  it.each([
    ["just now", 0, "signedIn"],
    ["a minute ago", 60, "signedIn"],
    ["six minutes ago", 360, "failed"],
  ])("dated back five minutes, with auth_time %s, is measured by auth_time", async (_name, ago, kind) => {
    const claims: Quirks["claims"] = (_grant, now) => ({ iat: now - 300, auth_time: now - ago });
    const { idp, identity } = person({ claims });
    expect(await signInAtFake(identity, idp, { maxAgeSeconds: 100 })).toMatchObject({ kind });
  });
});

describe("a sign-in's reply", () => {
  it.each<[string, Readonly<Record<string, unknown>>]>([
    ["nothing odd", {}],
    ["refresh_token null", { refresh_token: null }],
    ["refresh_token empty", { refresh_token: "" }],
    ["no refresh_token", { refresh_token: undefined }],
    ["scope null", { scope: null }],
    ["scope empty", { scope: "" }],
    ["scope a list", { scope: ["openid"] }],
    ["expires_in null", { expires_in: null }],
    ["expires_in as text", { expires_in: "300" }],
    ["no expires_in", { expires_in: undefined }],
    ["token_type null", { token_type: null }],
    ["token_type in capitals", { token_type: "BEARER" }],
    ["no error, said", { error: null, error_description: null, error_uri: "" }],
    [
      "members that nobody asked for",
      { "not-before-policy": 0, session_state: null, id_token_expires_in: "" },
    ],
  ])("is taken: %s", async (_name, members) => {
    const { idp, identity } = person({ reply: () => members });
    expect(await signInAtFake(identity, idp)).toMatchObject({ kind: "signedIn" });
    expect(await identity.list()).toHaveLength(1);
  });
});

const renewal = (members: object): Quirks => ({
  reply: (grant) => (grant === "refresh_token" ? { ...members } : {}),
});
const renewedClaims = (claims: (now: number) => object): Quirks => ({
  claims: (grant, now) => (grant === "refresh_token" ? { ...claims(now) } : {}),
});

describe("a renewal", () => {
  it.each<[string, Quirks]>([
    ["nothing odd", {}],
    ["id_token null", renewal({ id_token: null })],
    ["id_token empty", renewal({ id_token: "" })],
    ["id_token no JWT", renewal({ id_token: "abc" })],
    ["id_token a number", renewal({ id_token: 7 })],
    ["no id_token", renewal({ id_token: undefined })],
    ["scope null", renewal({ scope: null })],
    ["scope a list", renewal({ scope: ["openid"] })],
    ["expires_in as text", renewal({ expires_in: "300" })],
    ["refresh_expires_in null", renewal({ refresh_expires_in: null })],
    ["no token_type", renewal({ token_type: undefined })],
    ["token_type null", renewal({ token_type: null })],
    ["token_type in capitals", renewal({ token_type: "BEARER" })],
    ["refresh_token null, not rotated", { ...renewal({ refresh_token: null }), rotates: false }],
    ["refresh_token empty, not rotated", { ...renewal({ refresh_token: "" }), rotates: false }],
    ["auth_time a date", renewedClaims((now) => ({ auth_time: new Date(now * 1000).toISOString() }))],
    ["two audiences", renewedClaims(() => ({ aud: ["lanyard", "api"] }))],
    ["an ID token of another audience", renewedClaims(() => ({ aud: "other" }))],
    ["an ID token that is over", renewedClaims((now) => ({ iat: now - day, exp: now - day + 9 }))],
    ["an ID token without iat", renewedClaims(() => ({ iat: undefined }))],
    ["an ID token without sub", renewedClaims(() => ({ sub: undefined }))],
  ])("lives on: %s", async (_name, quirks) => {
    const { fresh, clock, idp } = await signedIn(quirks);
    const tokens = new Set<string>();
    for (let n = 0; n < 3; n += 1) {
      clock.advance(400_000);
      const answer = await fresh();
      expect(answer.kind).toBe("active");
      if (answer.kind === "active") tokens.add(answer.session.accessToken.reveal());
    }
    expect([tokens.size, idp.renewals(), idp.refreshToken() !== undefined]).toEqual([3, 3, true]);
  });

  it("that brings another person ends the session, and gives back what came", async () => {
    const { fresh, clock, idp, identity } = await signedIn(
      renewedClaims(() => ({ sub: "mallory", aud: "x" })),
    );
    clock.advance(400_000);
    expect(await fresh()).toEqual({ kind: "signedOut", cause: "revoked" });
    expect(idp.revoked).toEqual(["rt-2", "at-2"]);
    expect(await identity.list()).toEqual([]);
  });

  it("keeps the ID token as it was sent", async () => {
    const { fresh, clock } = await signedIn(
      renewedClaims(() => ({ aud: ["lanyard", "api"], auth_time: "5" })),
    );
    clock.advance(400_000);
    const answer = await fresh();
    const kept = answer.kind === "active" ? answer.session.idToken?.reveal() : undefined;
    expect(JSON.parse(Buffer.from(kept?.split(".")[1] ?? "", "base64url").toString())).toMatchObject({
      ...{ aud: ["lanyard", "api"], auth_time: "5" },
    });
  });
});

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(typeof body === "string" ? body : JSON.stringify(body), {
    status,
    headers: { "content-type": typeof body === "string" ? "text/html" : "application/json", ...headers },
  });

describe("a renewal that is refused", () => {
  it.each<[string, () => Response]>([
    ["invalid_grant", () => json(400, { error: "invalid_grant" })],
    [
      "invalid_request, as Dex says it",
      () => json(400, { error: "invalid_request", error_description: "claimed" }),
    ],
    [
      "401 with a challenge",
      () => json(401, { error: "invalid_grant" }, { "www-authenticate": 'Bearer realm="i"' }),
    ],
    ["401, a challenge alone", () => json(401, "", { "www-authenticate": 'Bearer error="invalid_token"' })],
    ["unauthorized_client", () => json(400, { error: "unauthorized_client" })],
    ["403 access_denied", () => json(403, { error: "access_denied" })],
    ["200 with an error", () => json(200, { error: "invalid_grant" })],
    ["token_expired", () => json(400, { error: "token_expired" })],
    ["an error in an object", () => json(400, { error: { code: "invalid_grant", message: "gone" } })],
    ["unsupported_grant_type", () => json(400, { error: "unsupported_grant_type" })],
  ])("ends the session: %s", async (_name, refuse) => {
    const { fresh, clock, identity } = await signedIn({ refuse });
    clock.advance(400_000);
    expect(await fresh()).toMatchObject({ kind: "signedOut" });
    expect(await identity.list()).toEqual([]);
  });

  it.each<[string, () => Response]>([
    ["503", () => json(503, { error: "temporarily_unavailable" })],
    ["500 with a word", () => json(500, { error: "invalid_grant" })],
    ["408", () => json(408, { error: "invalid_request" })],
    ["429", () => json(429, { error: "invalid_grant" })],
    ["400 with a pace", () => json(400, { error: "rate_limit_exceeded" })],
    ["invalid_client", () => json(401, { error: "invalid_client" }, { "www-authenticate": "Basic" })],
    ["a page", () => json(403, "<html>Blocked</html>")],
    ["a page with 401", () => json(401, "<html>Sign in</html>", { "www-authenticate": "Basic realm=proxy" })],
    ["a firewall in JSON", () => json(403, { message: "Forbidden" })],
    ["a framework's page in JSON", () => json(403, { status: 403, error: "Forbidden" })],
    ["a network's sign-in", () => json(200, "<html>Welcome to the hotel</html>")],
    ["404", () => json(404, { error: "not_found" })],
    ["nothing", () => json(200, {})],
  ])("signs nobody out: %s", async (_name, refuse) => {
    const made = await signedIn({ refuse });
    made.clock.advance(400_000);
    expect(await made.fresh()).toMatchObject({ kind: "unavailable" });
    made.idp.quirks = {};
    made.clock.advance(60_000);
    expect(await made.fresh()).toMatchObject({ kind: "active" });
  });

  it("after a reply that was lost was not revoked by anybody", async () => {
    const garble = (): Promise<Response> => Promise.reject(new Error("ECONNRESET"));
    const made = await signedIn({ garble });
    made.clock.advance(280_000);
    await made.fresh();
    made.idp.quirks = {};
    made.clock.advance(10_000);
    expect(await made.fresh()).toEqual({ kind: "signedOut", cause: "expired" });
  });
});

describe("an access token of a short life", () => {
  it.each([10, 30, 60])("of %i s serves more than one question", async (accessTokenSeconds) => {
    const { fresh, idp } = await signedIn({ accessTokenSeconds });
    for (let n = 0; n < 5; n += 1) await fresh();
    expect(idp.renewals()).toBe(0);
  });
});

describe("a session that another extension asks for", () => {
  const gone = (): Response => new Response('{"error":"invalid_grant"}', { status: 400 });
  const down = (): Response => new Response("", { status: 503 });
  it.each<[string, number, Quirks, { renewals: number; has: "the first" | "a new one" | "none" }]>([
    ["at once", 0, {}, { renewals: 0, has: "the first" }],
    ["in the middle of the token's life", 120_000, {}, { renewals: 0, has: "the first" }],
    ["when the token is about to end", 295_000, {}, { renewals: 1, has: "a new one" }],
    ["when the token has ended", 400_000, {}, { renewals: 1, has: "a new one" }],
    ["a day later", day * 1000, {}, { renewals: 1, has: "a new one" }],
    ["when the sign-in is over", 400_000, { refuse: gone }, { renewals: 1, has: "none" }],
    ["while the identity provider is down", 400_000, { refuse: down }, { renewals: 1, has: "the first" }],
  ])(
    "%s has a token that lives, where one can be had",
    async (_when, passedMs, quirks, { renewals, has }) => {
      const made = await signedIn();
      const [info] = await made.identity.list();
      const first = info === undefined ? undefined : await made.identity.stored(info.id);
      if (first === undefined) throw new Error("Nobody is signed in.");
      made.idp.quirks = quirks;
      made.clock.advance(passedMs);
      const renewed = made.identity.renewed(first.id, new AbortController().signal);
      const session = await whileTimeStands(made.clock, renewed);
      const isFirst = session?.accessToken.reveal() === first.accessToken.reveal();
      expect(session === undefined ? "none" : isFirst ? "the first" : "a new one").toBe(has);
      if (has === "a new one") expect(made.idp.isLive(session?.accessToken.reveal() ?? "")).toBe(true);
      expect(made.idp.renewals()).toBe(renewals);
    },
  );
});
