import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { withBrokerApi2 } from "../../scripts/idps/keycloakInstall.ts";
import { reasonFor } from "../../src/core/connectors/sentences.ts";
import type { Grant } from "../../src/core/credentials/grant.ts";
import { SessionCache } from "../../src/core/credentials/sessionCache.ts";
import type { ActiveSession } from "../../src/core/identity/session.ts";
import type { Fetch } from "../../src/core/ports.ts";
import { Secret } from "../../src/core/secret.ts";
import { english } from "../../src/core/text.ts";
import { systemClock } from "../../src/node/clock.ts";
import { launchChromium } from "../editor/chromium.ts";
import { askOnce } from "../support/asks.ts";
import { recordingLog } from "../support/ports.ts";
import { cibaReplies } from "./support/ciba.ts";
import { startKeycloak, type Keycloak } from "./support/keycloak.ts";
import {
  facadeBefore,
  pushResources,
  upstreamResource,
  type KeycloakFacade,
} from "./support/keycloakFacade.ts";
import { brokered, upstreamRealm, type Brokered } from "./support/keycloakVault.ts";
import { never, Person } from "./support/person.ts";
import { keepAnswers, type Answered } from "./support/table.ts";

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
  afterAll(async () => {
    await keepAnswers("Keycloak's broker interface, version 2", answers);
    await stack.disposeAsync();
  });

  const answers: Answered[] = [];
  const garbage = { accessToken: new Secret("garbage") };
  const session = async (): Promise<ActiveSession> => {
    const answer = await person.identity.fresh(keycloak.need, { signal: never });
    if (answer.kind !== "active") throw new Error(answer.kind);
    return answer.session;
  };
  /** @param row what is the matter, as the table has it */
  const ask = async (row: string, over: Partial<ActiveSession> = {}, given?: object): Promise<Grant> => {
    const current = await session();
    const credential = given ?? {
      ...{ source: "token-exchange", endpoint: `${facade.url}/token`, resource: upstreamResource },
    };
    let reply = "";
    const heard: Fetch = async (url, init) => {
      const response = await fetch(url, init);
      reply = `${response.status} ${response.ok ? "" : (await response.clone().text()).slice(0, 120)}`.trim();
      return response;
    };
    const ports = { clock: systemClock, log: recordingLog(), keeper: new SessionCache(), fetch: heard };
    const { grant } = await askOnce(credential, ports, { session: { ...current, ...over } });
    answers.push({
      ...{ row, answer: reply },
      seen: `${grant.kind}: ${reasonFor(grant, english, Date.now()).reason}`,
    });
    return grant;
  };

  test("gives the provider's own token, and no refresh token", async () => {
    const grant = await ask("facade: linked");
    if (grant.kind !== "granted") throw new Error(JSON.stringify(grant));
    const headers = { authorization: grant.headers["Authorization"]?.reveal() ?? "" };
    const userinfo = `${keycloak.base}/realms/${upstreamRealm}/protocol/openid-connect/userinfo`;
    expect((await fetch(userinfo, { headers })).status).toBe(200);
    const { accessToken } = await session();
    const body = new URLSearchParams({
      ...{ grant_type: "urn:ietf:params:oauth:grant-type:token-exchange", client_id: keycloak.need.clientId },
      ...{ subject_token: accessToken.reveal(), resource: upstreamResource },
      subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
    });
    const reply: unknown = await (await fetch(`${facade.url}/token`, { method: "POST", body })).json();
    expect(reply).toHaveProperty("access_token");
    expect(reply).not.toHaveProperty("refresh_token");
  });

  test("is needed: a public client is refused at either version, and the row says which is off", async () => {
    const direct = { source: "keycloak", alias: "upstream", realm: keycloak.issuer };
    const grant = await ask("asked directly, by the first version", {}, direct);
    expect(grant).toMatchObject({ kind: "misconfigured" });
    expect(JSON.stringify(grant)).toContain("first version of its brokering interface turned off");
    const { accessToken } = await session();
    const response = await fetch(`${keycloak.issuer}/broker/upstream/token`, {
      method: "POST",
      body: new URLSearchParams({ client_id: keycloak.need.clientId, token: accessToken.reveal() }),
    });
    answers.push({
      ...{
        row: "asked directly, by the second version",
        answer: `${response.status} ${await response.text()}`,
      },
      seen: "(no source asks so)",
    });
    expect(response.status).toBe(403);
  });

  test("says that nothing can be sent where Keycloak knows no device to send to", async () => {
    using heard = cibaReplies();
    const credential = {
      ...{ source: "token-exchange", endpoint: `${facade.url}/token`, resource: pushResources.approved },
    };
    const grant = await ask("facade: Keycloak has no channel for CIBA", {}, credential);
    expect(heard.replies.at(-1)).toMatch(/^503 server_error/);
    expect(grant.kind).toBe("unavailable");
    expect(reasonFor(grant, english, Date.now()).reason).toContain("sends no push now");
  });

  test("passes on that a token is none, and that the provider has ended the grant", async () => {
    expect((await ask("facade: a token that is none", garbage)).kind).toBe("signedOut");
    await stored.endUpstream();
    await stored.untilOver();
    expect((await ask("facade: ended by the provider")).kind).toBe("needsConnection");
  });

  test("sends who is not linked to link", async () => {
    await stored.unlink();
    const grant = await ask("facade: not linked");
    expect(grant.kind).toBe("needsConnection");
    expect(JSON.stringify(grant)).toContain("kc_action=idp_link%3Aupstream");
  });
});
