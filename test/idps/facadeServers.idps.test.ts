import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GuardedStage, isStageHere } from "./support/guardedStage.ts";
import { crmResource, facadeBefore, wikiResource } from "./support/keycloakFacade.ts";

/** The whole way: a sign-in, the facade, Keycloak's token exchange, servers that check the audience, a real client. */
describe.skipIf(!isStageHere)("the facade's tokens, at servers that check the audience", () => {
  let stage: GuardedStage;

  beforeAll(async () => {
    stage = await GuardedStage.open(async (keycloak, stack) => {
      const facade = stack.use(await facadeBefore(keycloak));
      await facade.giveRole();
      const resources = { crm: crmResource, wiki: wikiResource };
      return (audience) => ({
        ...{ source: "token-exchange", endpoint: `${facade.url}/token`, resource: resources[audience] },
      });
    });
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  test("are taken by Claude Code's servers, and refused by the one that they are not for", async () => {
    await stage.expectAudiencesKept();
  });

  test.each([
    ["fastmcp", "crm"],
    ["sdk", "wiki"],
  ])("call %s as the person", async (name, audience) => {
    expect(await stage.whoami(name)).toEqual({ sub: await stage.subject(), aud: audience });
  });

  test("end with an administrator's logout: the first helper after it is refused", async () => {
    await stage.keycloak.endSessions?.();
    const endedMs = performance.now();
    const listed = await stage.list();
    console.log(`Claude Code's list ended ${(performance.now() - endedMs).toFixed(0)} ms after the logout.`);
    expect(listed).not.toContain("✔ Connected");
  });
});
