import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GuardedStage, isStageHere } from "./support/guardedStage.ts";
import { giveRole } from "./support/keycloakRealm.ts";
import { umaOf } from "./support/keycloakVault.ts";

/** With tokens that Keycloak gives a public client by its UMA. */
describe.skipIf(!isStageHere)("MCP servers that check the audience", () => {
  let stage: GuardedStage;

  beforeAll(async () => {
    stage = await GuardedStage.open(async (keycloak) => {
      await umaOf(keycloak, "crm", "wiki");
      await giveRole(keycloak, "seller");
      return (audience) => ({ source: "keycloak-uma", audience });
    });
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  test("tell who asks without a credential where to get one", async () => {
    for (const { url } of Object.values(stage.servers)) {
      const response = await fetch(url, { method: "POST" });
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toMatch(/^Bearer .*resource_metadata="http/);
      await response.body?.cancel();
    }
  });

  test("are listed by Claude Code, and refuse what is meant for the other", async () => {
    await stage.expectAudiencesKept();
  });

  test.each([
    ["fastmcp", "crm"],
    ["sdk", "wiki"],
  ])("%s is called as the person, with a token of its own", async (name, audience) => {
    expect(await stage.whoami(name)).toEqual({ sub: await stage.subject(), aud: audience });
  });
});
