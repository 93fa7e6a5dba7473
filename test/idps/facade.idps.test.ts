import { createRemoteJWKSet, jwtVerify } from "jose";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { reasonFor } from "../../src/core/connectors/sentences.ts";
import type { Grant } from "../../src/core/credentials/grant.ts";
import { SessionCache } from "../../src/core/credentials/sessionCache.ts";
import type { ActiveSession } from "../../src/core/identity/session.ts";
import { english } from "../../src/core/text.ts";
import { systemClock } from "../../src/node/clock.ts";
import { launchChromium } from "../editor/chromium.ts";
import { askOnce, type AskOver } from "../support/asks.ts";
import { recordingLog } from "../support/ports.ts";
import { CibaDevice, cibaReplies, setCiba } from "./support/ciba.ts";
import { startKeycloak, type Keycloak } from "./support/keycloak.ts";
import { crmResource, facadeBefore, pushResources, type KeycloakFacade } from "./support/keycloakFacade.ts";
import { never, Person } from "./support/person.ts";
import { keepAnswers, type Answered } from "./support/table.ts";

const installation = inject("keycloak");

/** Of an access token, less what is left when it is renewed. */
const lifeMs = 250_000;

/** A real sign-in, Lanyard's pipeline, the facade as it ships, and Keycloak's own token exchange behind it. */
describe.skipIf(installation === undefined)("the facade before Keycloak", () => {
  const stack = new AsyncDisposableStack();
  let keycloak: Keycloak;
  let facade: KeycloakFacade;
  let person: Person;
  let device: CibaDevice;

  beforeAll(async () => {
    if (installation === undefined) throw new Error("Keycloak is not here.");
    const browser: Browser = await launchChromium("/tmp");
    stack.defer(() => browser.close());
    device = stack.use(await CibaDevice.start());
    keycloak = stack.use(await startKeycloak(installation, device.url));
    facade = stack.use(await facadeBefore(keycloak));
    person = stack.use(await Person.with(browser));
    const { outcome } = await person.signIn(keycloak.need, (page: Page) => keycloak.logIn(page));
    expect(outcome).toMatchObject({ kind: "signedIn" });
  });
  afterAll(() => stack.disposeAsync());

  const session = async (): Promise<ActiveSession> => {
    const answer = await person.identity.fresh(keycloak.need, { signal: never });
    if (answer.kind !== "active") throw new Error(answer.kind);
    return answer.session;
  };
  const ask = async (asker: ActiveSession, resource = crmResource, over: AskOver = {}): Promise<Grant> => {
    const credential = { source: "token-exchange", endpoint: `${facade.url}/token`, resource };
    const ports = { clock: systemClock, log: recordingLog(), keeper: new SessionCache(), fetch };
    return (await askOnce(credential, ports, { session: asker, ...over })).grant;
  };
  const tokenIn = (grant: Grant): string => {
    if (grant.kind !== "granted")
      throw new Error(`${grant.kind}: ${reasonFor(grant, english, Date.now()).reason}`);
    return (grant.headers["Authorization"]?.reveal() ?? "").replace("Bearer ", "");
  };
  const exchange = async (token: string): Promise<unknown> => {
    const body = new URLSearchParams({
      ...{ grant_type: "urn:ietf:params:oauth:grant-type:token-exchange", client_id: keycloak.need.clientId },
      ...{ subject_token: token, resource: crmResource },
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
    });
    return (await fetch(`${facade.url}/token`, { method: "POST", body })).json();
  };

  test("denies who lacks the role, with the reason", async () => {
    const grant = await ask(await session());
    expect(grant.kind).toBe("denied");
    expect(reasonFor(grant, english, Date.now()).reason).toContain("you lack the role");
  });

  test("gives who has it a token for that audience alone", async () => {
    await facade.giveRole();
    person.passTime(lifeMs);
    const token = tokenIn(await ask(await session()));
    const keys = createRemoteJWKSet(new URL(`${keycloak.issuer}/protocol/openid-connect/certs`));
    const { payload } = await jwtVerify(token, keys, { issuer: keycloak.issuer, audience: "crm" });
    expect([payload.aud, payload["azp"]]).toEqual(["crm", "lanyard-facade"]);
  });

  test("takes no credential that it gave for a person's token", async () => {
    const token = tokenIn(await ask(await session()));
    expect(await exchange(token)).toMatchObject({ error: "unauthorized_client" });
  });

  describe("once the person has approved on another device", () => {
    const answers: Answered[] = [];
    const patient = { waitSeconds: 30 };
    beforeAll(() => setCiba(keycloak, { expiresInSeconds: 10, intervalSeconds: 1 }));
    afterAll(() => keepAnswers("Keycloak's CIBA", answers));

    /** @param row what is the matter, as the table has it */
    const push = async (row: string, resource: string, over: AskOver = {}): Promise<Grant> => {
      using heard = cibaReplies();
      const grant = await ask(await session(), resource, over);
      const seen = `${grant.kind}: ${reasonFor(grant, english, Date.now()).reason}`;
      answers.push({ row, answer: heard.replies.join(", "), seen });
      return grant;
    };

    test("asks with a code, and gives the credential to who approves", async () => {
      const asked = await push("asked", pushResources.approved);
      expect(asked).toMatchObject({ kind: "stepUp", how: { kind: "push" } });
      const shown = device.asked.at(-1);
      expect(shown?.login_hint).toBe("alice");
      expect(shown?.binding_message).toMatch(/^CRM-for-Acme-\d{5}$/);
      expect(JSON.stringify(asked)).toContain(shown?.binding_message);
      const waiting = push("approved", pushResources.approved, patient);
      expect(await device.answer(keycloak.issuer, "SUCCEED")).toBe(200);
      tokenIn(await waiting);
      expect(device.asked).toHaveLength(1);
    });

    test("is refused to who rejects", async () => {
      await push("asked", pushResources.refused);
      expect(await device.answer(keycloak.issuer, "UNAUTHORIZED")).toBe(200);
      const grant = await push("rejected", pushResources.refused, patient);
      expect(grant).toMatchObject({ kind: "denied", by: "user" });
    });

    test("is refused in words where nobody answers", async () => {
      await push("asked", pushResources.unanswered);
      const grant = await push("not answered", pushResources.unanswered, patient);
      expect(reasonFor(grant, english, Date.now()).reason).toContain("not approved in time");
    });

    test("waits longer where Keycloak says that it is asked too often", async () => {
      using heard = cibaReplies({ isPollDoubled: true });
      expect((await ask(await session(), pushResources.hurried)).kind).toBe("stepUp");
      await expect
        .poll(async () => {
          const grant = await ask(await session(), pushResources.hurried);
          expect(grant.kind).toBe("stepUp");
          return heard.replies;
        })
        .toContainEqual(expect.stringContaining("slow_down"));
      answers.push({ row: "polled twice", answer: heard.replies.join(", "), seen: "stepUp" });
      expect(await device.answer(keycloak.issuer, "SUCCEED")).toBe(200);
    });

    test("blames the configuration for a claim that Keycloak knows nobody by", async () => {
      const grant = await push("asked by sub", pushResources.unknown);
      expect(grant.kind).toBe("misconfigured");
      expect(reasonFor(grant, english, Date.now()).reason).toContain("loginHint");
    });

    test("blames Keycloak where its channel shows nothing, and the configuration where CIBA is off", async () => {
      device.status = 500;
      expect((await push("the device is broken", pushResources.broken)).kind).toBe("unavailable");
      device.status = 201;
      await setCiba(keycloak, { isOn: false });
      const grant = await push("CIBA is off for the client", pushResources.broken);
      expect(grant.kind).toBe("misconfigured");
      expect(reasonFor(grant, english, Date.now()).reason).toContain("(CIBA)");
    });
  });

  test("refuses within a second of an administrator's logout, and says so to who listens", async () => {
    const asker = await session();
    expect((await ask(asker)).kind).toBe("granted");
    const token = asker.accessToken.reveal();
    const listening = fetch(`${facade.url}/events?wait=30`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await expect
      .poll(async () => (await fetch(`${facade.url}/metrics`)).text())
      .toContain("lanyard_facade_waiting 1");
    await keycloak.endSessions?.();
    const endedMs = performance.now();
    const told: unknown = await (await listening).json();
    const heardMs = performance.now() - endedMs;
    expect(told).toMatchObject({ events: [{ type: "session-revoked" }] });
    expect((await ask(asker)).kind).toBe("signedOut");
    const refusedMs = performance.now() - endedMs;
    console.log(`Told ${heardMs.toFixed(0)} ms and refused ${refusedMs.toFixed(0)} ms after the logout.`);
    expect(refusedMs).toBeLessThan(1000);
  });

  test("writes down who got what, and no token", () => {
    const record = facade.lines.join("\n");
    expect(record).toContain('"outcome":"granted"');
    expect(record).toContain('"outcome":"denied"');
    expect(record).not.toMatch(/eyJ|canary/);
  });
});
