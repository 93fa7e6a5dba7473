import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import * as z from "zod";
import { SessionCache } from "../../src/core/credentials/sessionCache.ts";
import { refusesLiveToken } from "../../src/core/connectors/pipeline/problems.ts";
import { reasonFor } from "../../src/core/connectors/sentences.ts";
import type { ActiveSession, SignInRequest } from "../../src/core/identity/session.ts";
import type { Grant } from "../../src/core/credentials/grant.ts";
import type { Fetch } from "../../src/core/ports.ts";
import { Secret } from "../../src/core/secret.ts";
import { english } from "../../src/core/text.ts";
import { systemClock } from "../../src/node/clock.ts";
import { launchChromium } from "../editor/chromium.ts";
import { askOnce, connectorWith } from "../support/asks.ts";
import { recordingLog } from "../support/ports.ts";
import { logInAs, startKeycloak, type Keycloak } from "./support/keycloak.ts";
import { asFacade, exchangesOf, type Exchanges } from "./support/keycloakExchange.ts";
import { giveRole } from "./support/keycloakRealm.ts";
import { brokered, umaOf, upstreamRealm } from "./support/keycloakVault.ts";
import { never, Person } from "./support/person.ts";
import { openSignIn, redirects } from "./support/keycloakRedirects.ts";
import { keepAnswers, type Answered } from "./support/table.ts";

const installation = inject("keycloak");
const claims = z.looseObject({ aud: z.union([z.string(), z.array(z.string())]), azp: z.string() });

/** Of an access token, less what is left when it is renewed. */
const lifeMs = 250_000;

/** A key of a client's own, as an entry of ID-JAG names one; Keycloak knows none of it. */
const clientKey = async (): Promise<Secret> => {
  const { privateKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, [
    "sign",
    "verify",
  ]);
  return new Secret(JSON.stringify({ ...(await crypto.subtle.exportKey("jwk", privateKey)), alg: "ES256" }));
};

const uuid = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/;

describe.skipIf(installation === undefined)("Keycloak as a vault", () => {
  const answers: Answered[] = [];
  let keycloak: Keycloak;
  let browser: Browser;
  let person: Person;
  let stored: Awaited<ReturnType<typeof brokered>>;
  let exchanges: Exchanges;
  const keeper = new SessionCache();

  beforeAll(async () => {
    if (installation === undefined) throw new Error("Keycloak is not here.");
    [keycloak, browser] = await Promise.all([startKeycloak(installation), launchChromium("/tmp")]);
    person = await Person.with(browser);
    stored = await brokered(keycloak);
    await umaOf(keycloak, "crm");
    exchanges = await exchangesOf(keycloak);
    const request: SignInRequest = { ...keycloak.need, parameters: { kc_idp_hint: "upstream" } };
    const { outcome } = await person.signIn(request, (page: Page) => keycloak.logIn(page));
    expect(outcome).toMatchObject({ kind: "signedIn" });
    await stored.letRead();
    await renew();
  });
  afterAll(async () => {
    await keepAnswers("Keycloak as a vault", answers);
    await person[Symbol.asyncDispose]();
    await browser.close();
    await keycloak[Symbol.asyncDispose]();
  });

  const session = async (): Promise<ActiveSession> => {
    const answer = await person.identity.fresh(keycloak.need, { signal: never });
    if (answer.kind !== "active") throw new Error(answer.kind);
    return answer.session;
  };
  /** A new access token: roles are in it as they are now. */
  const renew = async (): Promise<void> => {
    const before = await session();
    person.passTime(lifeMs);
    expect((await session()).accessToken.reveal()).not.toBe(before.accessToken.reveal());
  };

  /** Asks as the pipeline does, and notes what Keycloak answered and what the person reads. */
  const ask = async (
    row: string,
    credential: object,
    over: Partial<ActiveSession> = {},
    through: (fetch: Fetch) => Fetch = (fetch) => fetch,
  ): Promise<Grant> => {
    let reply = "";
    const heard: Fetch = async (url, init) => {
      const response = await fetch(url, init);
      const text = await response.clone().text();
      reply = `${response.status} ${response.ok ? "" : text.replace(uuid, "…").slice(0, 120)}`.trim();
      return response;
    };
    const endpoint = `${keycloak.issuer}/protocol/openid-connect/token`;
    const asksTokenEndpoint =
      "source" in credential && /^(?:token-exchange|id-jag)$/.test(String(credential.source));
    const entry = asksTokenEndpoint ? { endpoint, ...credential } : { realm: keycloak.issuer, ...credential };
    const { grant, answeredBy } = await askOnce(
      entry,
      {
        ...{ clock: systemClock, log: recordingLog(), keeper, fetch: through(heard) },
        tokenEndpoint: () => Promise.resolve(endpoint),
        clientKey,
      },
      { session: { ...(await session()), ...over } },
    );
    // What the pipeline makes of a refusal while the sign-in stands.
    const isRefusedAlive = grant.kind === "signedOut" && over.accessToken === undefined;
    const told = isRefusedAlive
      ? refusesLiveToken(connectorWith(entry), answeredBy, grant.reason, Date.now())
      : grant;
    const seen = `${told.kind}: ${reasonFor(told, english, Date.now()).reason}`;
    if (!answers.some((each) => each.row === row)) answers.push({ row, answer: reply, seen });
    expect(seen).not.toMatch(uuid);
    return told;
  };
  const tokenIn = (grant: Grant): string => {
    if (grant.kind !== "granted") throw new Error(grant.kind);
    return (grant.headers["Authorization"]?.reveal() ?? "").replace("Bearer ", "");
  };
  const github = { source: "keycloak", alias: "upstream" };
  const crm = { source: "keycloak-uma", audience: "crm" };
  const exchange = {
    ...{ source: "token-exchange", audience: "target", scopes: "to-target" },
  };
  const garbage = { accessToken: new Secret("garbage") };

  test("a stored token is the provider's own", async () => {
    const token = tokenIn(await ask("linked", github));
    const url = `${keycloak.base}/realms/${upstreamRealm}/protocol/openid-connect/userinfo`;
    expect((await fetch(url, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
  });

  test("eight that ask for one that is over get it renewed, and the grant lives on", async () => {
    await stored.untilOver();
    const grants = await Promise.all(Array.from({ length: 8 }, () => ask("over, eight at once", github)));
    expect(grants.map(({ kind }) => kind)).toEqual(Array(8).fill("granted"));
    await stored.untilOver();
    expect((await ask("over once more", github)).kind).toBe("granted");
  });

  test("a token that the provider has ended has to be linked again", async () => {
    await stored.endUpstream();
    await stored.untilOver();
    expect(await ask("over, and ended by the provider", github)).toMatchObject({ kind: "needsConnection" });
  });

  test.each([
    ["another alias", () => ({ ...github, alias: "nobody" }), {}, "misconfigured"],
    ["another realm", () => ({ ...github, realm: `${keycloak.base}/realms/none` }), {}, "misconfigured"],
    ["a token that is none", () => github, garbage, "signedOut"],
  ] as const)("%s", async (row, credential, over, kind) => {
    expect((await ask(row, credential(), over)).kind).toBe(kind);
  });

  test("a provider that is disabled, or stores nothing", async () => {
    await stored.change({ enabled: false });
    expect((await ask("provider disabled", github)).kind).toBe("misconfigured");
    await stored.change({ enabled: true, storeToken: false });
    expect((await ask("Store tokens off", github)).kind).toBe("misconfigured");
    await stored.change({ enabled: true, storeToken: true });
  });

  test("an account that is not linked, or a person without the role", async () => {
    await stored.unlink();
    expect(await ask("not linked", github)).toMatchObject({ kind: "needsConnection" });
    await stored.linkWithoutToken();
    expect(await ask("linked, nothing stored", github)).toMatchObject({ kind: "needsConnection" });
    await stored.keepFromReading();
    await renew();
    expect((await ask("no role broker.read-token", github)).kind).toBe("denied");
  });

  test("a token for one audience, if the policies let the person have one", async () => {
    expect((await ask("UMA: without the role", crm)).kind).toBe("denied");
    await giveRole(keycloak, "seller");
    await renew();
    const token = tokenIn(await ask("UMA: with the role", crm));
    const { aud, azp } = claims.parse(
      JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()),
    );
    expect([aud, azp]).toEqual(["crm", keycloak.need.clientId]);
  });

  test.each([
    ["UMA: another audience", { ...crm, audience: "nobody" }, {}, "misconfigured"],
    ["UMA: another permission", { ...crm, permission: "nothing" }, {}, "misconfigured"],
    ["UMA: a token that is none", crm, garbage, "signedOut"],
  ] as const)("%s", async (row, credential, over, kind) => {
    expect((await ask(row, credential, over)).kind).toBe(kind);
  });

  test("an exchange by the public client, and by a facade whose name the token lacks", async () => {
    expect((await ask("exchange: public client, switch off", exchange)).kind).toBe("misconfigured");
    await exchanges.letPublic();
    expect((await ask("exchange: public client, switch on", exchange)).kind).toBe("misconfigured");
    const row = "exchange by a facade that is not in the token's aud";
    expect((await ask(row, exchange, {}, asFacade)).kind).toBe("denied");
  });

  test("an exchange by a facade", async () => {
    await exchanges.nameFacade();
    await renew();
    const token = tokenIn(await ask("exchange by a facade", exchange, {}, asFacade));
    const payload: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    expect(claims.parse(payload)).toMatchObject({ aud: "target", azp: "facade" });
  });

  test.each([
    ["scope not asked for", { scopes: undefined }, {}, "misconfigured"],
    ["unknown audience", { audience: "nobody" }, {}, "misconfigured"],
    ["unknown scope", { scopes: "nothing" }, {}, "misconfigured"],
    ["the ID token as subject", { subjectToken: "id_token" }, {}, "misconfigured"],
    ["a token that is none", {}, garbage, "signedOut"],
  ] as const)("an exchange with %s", async (row, entry, over, kind) => {
    expect((await ask(`exchange: ${row}`, { ...exchange, ...entry }, over, asFacade)).kind).toBe(kind);
  });

  test("an exchange that the person would have to consent to", async () => {
    await exchanges.setConsent(true);
    const row = "exchange: the facade's client asks for consent";
    expect((await ask(row, exchange, {}, asFacade)).kind).toBe("misconfigured");
    await exchanges.setConsent(false);
    expect((await ask("exchange by a facade", exchange, {}, asFacade)).kind).toBe("granted");
  });

  test.each([
    ["the ID token", "id_token"],
    ["the access token", "access_token"],
  ])("an identity assertion (ID-JAG) for %s, which this version gives nobody", async (what, subjectToken) => {
    const jag = { source: "id-jag", audience: "https://as.example.com", clientKey: "k", subjectToken };
    expect((await ask(`ID-JAG for ${what}`, jag)).kind).toBe("misconfigured");
  });

  test("an exchange with a disabled target, and a facade with a wrong secret", async () => {
    await exchanges.setTarget(false);
    expect((await ask("exchange: disabled target", exchange, {}, asFacade)).kind).toBe("misconfigured");
    await exchanges.setTarget(true);
    const wrong = (fetch: Fetch): Fetch => asFacade(fetch, "wrong");
    expect((await ask("exchange: the facade's secret is wrong", exchange, {}, wrong)).kind).toBe(
      "misconfigured",
    );
  });

  test.each(redirects)("a redirect registered as %s is %s: %s", async (registered, used, isTaken) => {
    const { status, says } = await openSignIn(keycloak, registered, used);
    answers.push({
      row: `sign-in: ${registered} registered, ${used} used`,
      ...{ answer: `${status}`, seen: isTaken ? "the page to sign in on" : says },
    });
    expect(status).toBe(isTaken ? 200 : 400);
  });

  test("a token that is over where the provider gives no refresh tokens, and a person who is logged out", async () => {
    await stored.withoutRefreshTokens();
    await using bob = await Person.with(browser);
    const request: SignInRequest = { ...keycloak.need, parameters: { kc_idp_hint: "upstream" } };
    const { outcome } = await bob.signIn(request, (page) => logInAs(page, "bob"));
    expect(outcome).toMatchObject({ kind: "signedIn" });
    await stored.letBobRead();
    bob.passTime(lifeMs);
    const own = await bob.identity.fresh(keycloak.need, { signal: never });
    if (own.kind !== "active") throw new Error(own.kind);
    const { id, accessToken } = own.session;
    await stored.untilOver();
    const row = "over, no refresh token stored";
    expect(await ask(row, github, { id, accessToken })).toMatchObject({ kind: "needsConnection" });

    await stored.logOutBob();
    const over = { id, accessToken };
    const headers = { authorization: `Bearer ${accessToken.reveal()}` };
    const userinfo = `${keycloak.issuer}/protocol/openid-connect/userinfo`;
    expect((await fetch(userinfo, { headers })).status).toBe(401);
    expect((await ask("logged out by an administrator", github, over)).kind).toBe("signedOut");
    expect((await ask("UMA: logged out", crm, over)).kind).toBe("signedOut");
    expect((await ask("exchange: logged out", exchange, over, asFacade)).kind).toBe("signedOut");
    bob.passTime(lifeMs);
    const renewed = await bob.identity.fresh(keycloak.need, { signal: never });
    answers.push({
      ...{ row: "renewal after that", answer: String(bob.sent.at(-1)?.status) },
      seen: `${renewed.kind}: ${renewed.kind === "signedOut" ? renewed.cause : ""}`,
    });
    expect(renewed).toMatchObject({ kind: "signedOut" });
  });

  test("a person who is disabled", async () => {
    const dead = { accessToken: (await session()).accessToken };
    await stored.disablePerson();
    expect((await ask("person disabled", github, dead)).kind).toBe("signedOut");
    expect((await ask("UMA: person disabled", crm, dead)).kind).toBe("signedOut");
    expect((await ask("exchange: person disabled", exchange, dead, asFacade)).kind).toBe("signedOut");
  });
});
