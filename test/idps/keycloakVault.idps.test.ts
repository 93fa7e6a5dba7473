import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import * as z from "zod";
import { SessionCache } from "../../src/core/credentials/sessionCache.ts";
import { reasonFor } from "../../src/core/connectors/sentences.ts";
import type { ActiveSession, SignInRequest } from "../../src/core/identity/session.ts";
import type { Grant } from "../../src/core/credentials/grant.ts";
import { Secret } from "../../src/core/secret.ts";
import { english } from "../../src/core/text.ts";
import { systemClock } from "../../src/node/clock.ts";
import { launchChromium } from "../editor/chromium.ts";
import { askOnce } from "../support/asks.ts";
import { recordingLog } from "../support/ports.ts";
import { startKeycloak, type Keycloak } from "./support/keycloak.ts";
import { brokered, giveRole, umaOf, upstreamRealm } from "./support/keycloakVault.ts";
import { never, Person } from "./support/person.ts";
import { keepAnswers, type Answered } from "./support/table.ts";

const installation = inject("keycloak");
const claims = z.looseObject({ aud: z.union([z.string(), z.array(z.string())]), azp: z.string() });

/** Of an access token, less what is left when it is renewed. */
const lifeMs = 250_000;

const uuid = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/;

describe.skipIf(installation === undefined)("Keycloak as a vault", () => {
  const answers: Answered[] = [];
  let keycloak: Keycloak;
  let browser: Browser;
  let person: Person;
  let stored: Awaited<ReturnType<typeof brokered>>;
  const keeper = new SessionCache();

  beforeAll(async () => {
    if (installation === undefined) throw new Error("Keycloak is not here.");
    [keycloak, browser] = await Promise.all([startKeycloak(installation), launchChromium("/tmp")]);
    person = await Person.with(browser);
    stored = await brokered(keycloak);
    await umaOf(keycloak, "crm");
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
  const ask = async (row: string, credential: object, over: Partial<ActiveSession> = {}): Promise<Grant> => {
    let reply = "";
    const { grant } = await askOnce(
      { realm: keycloak.issuer, ...credential },
      {
        ...{ clock: systemClock, log: recordingLog(), keeper },
        fetch: async (url, init) => {
          const response = await fetch(url, init);
          const text = await response.clone().text();
          reply = `${response.status} ${response.ok ? "" : text.replace(uuid, "…").slice(0, 120)}`.trim();
          return response;
        },
        tokenEndpoint: (issuer) => Promise.resolve(`${issuer}/protocol/openid-connect/token`),
      },
      { session: { ...(await session()), ...over } },
    );
    const seen = `${grant.kind}: ${reasonFor(grant, english, Date.now()).reason}`;
    if (!answers.some((each) => each.row === row)) answers.push({ row, answer: reply, seen });
    expect(seen).not.toMatch(uuid);
    return grant;
  };
  const tokenIn = (grant: Grant): string => {
    if (grant.kind !== "granted") throw new Error(grant.kind);
    return (grant.headers["Authorization"]?.reveal() ?? "").replace("Bearer ", "");
  };
  const github = { source: "keycloak", alias: "upstream" };
  const crm = { source: "keycloak-uma", audience: "crm" };
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
});
