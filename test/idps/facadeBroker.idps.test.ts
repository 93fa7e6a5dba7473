import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { withBrokerApi2 } from "../../scripts/idps/keycloakInstall.ts";
import type { Grant } from "../../src/core/credentials/grant.ts";
import { SessionCache } from "../../src/core/credentials/sessionCache.ts";
import { systemClock } from "../../src/node/clock.ts";
import { launchChromium } from "../editor/chromium.ts";
import { askOnce } from "../support/asks.ts";
import { recordingLog } from "../support/ports.ts";
import { startKeycloak, type Keycloak } from "./support/keycloak.ts";
import { facadeBefore, upstreamResource, type KeycloakFacade } from "./support/keycloakFacade.ts";
import { brokered, upstreamRealm, type Brokered } from "./support/keycloakVault.ts";
import { never, Person } from "./support/person.ts";

const installation = inject("keycloak");

/** Keycloak with version 2 of its broker interface, which public clients are refused: the facade asks it. */
describe.skipIf(installation === undefined)("the facade before Keycloak's stored tokens", () => {
  const stack = new AsyncDisposableStack();
  let keycloak: Keycloak;
  let stored: Brokered;
  let facade: KeycloakFacade;
  let person: Person;

  beforeAll(async () => {
    if (installation === undefined) throw new Error("Keycloak is not here.");
    const browser: Browser = await launchChromium("/tmp");
    stack.defer(() => browser.close());
    keycloak = stack.use(await startKeycloak(await withBrokerApi2(installation)));
    stored = await brokered(keycloak);
    facade = stack.use(await facadeBefore(keycloak));
    person = stack.use(await Person.with(browser));
    const request = { ...keycloak.need, parameters: { kc_idp_hint: "upstream" } };
    const { outcome } = await person.signIn(request, (page: Page) => keycloak.logIn(page));
    expect(outcome).toMatchObject({ kind: "signedIn" });
  });
  afterAll(() => stack.disposeAsync());

  const ask = async (): Promise<Grant> => {
    const answer = await person.identity.fresh(keycloak.need, { signal: never });
    if (answer.kind !== "active") throw new Error(answer.kind);
    const credential = {
      ...{ source: "token-exchange", endpoint: `${facade.url}/token`, resource: upstreamResource },
    };
    const ports = { clock: systemClock, log: recordingLog(), keeper: new SessionCache(), fetch };
    return (await askOnce(credential, ports, { session: answer.session })).grant;
  };

  test("gives the provider's own token, and no refresh token", async () => {
    const grant = await ask();
    if (grant.kind !== "granted") throw new Error(JSON.stringify(grant));
    const headers = { authorization: grant.headers["Authorization"]?.reveal() ?? "" };
    const userinfo = `${keycloak.base}/realms/${upstreamRealm}/protocol/openid-connect/userinfo`;
    expect((await fetch(userinfo, { headers })).status).toBe(200);
    const answer = await person.identity.fresh(keycloak.need, { signal: never });
    if (answer.kind !== "active") throw new Error(answer.kind);
    const body = new URLSearchParams({
      ...{ grant_type: "urn:ietf:params:oauth:grant-type:token-exchange", client_id: keycloak.need.clientId },
      ...{ subject_token: answer.session.accessToken.reveal(), resource: upstreamResource },
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
    });
    const reply: unknown = await (await fetch(`${facade.url}/token`, { method: "POST", body })).json();
    expect(reply).toHaveProperty("access_token");
    expect(reply).not.toHaveProperty("refresh_token");
  });

  test("sends who is not linked to link", async () => {
    await stored.unlink();
    const grant = await ask();
    expect(grant.kind).toBe("needsConnection");
    expect(JSON.stringify(grant)).toContain("kc_action=idp_link%3Aupstream");
  });
});
