import { expect, test, describe } from "vitest";
import { ciba, pushesOf, pushing } from "./support/pushing.ts";
import { claims, refuses, sign } from "./support/world.ts";

describe("a push", () => {
  test("has the message as it is written where the identity provider takes that", async () => {
    const world = pushing([]);
    world.answer(ciba, () => Response.json({ auth_req_id: "request-1" }));
    expect((await world.ask(await sign(claims()))).body["binding_message"]).toMatch(/^CRM for Acme \d{5}$/);
    expect(world.to("/ciba")).toHaveLength(1);
  });

  test.each([
    ["a".repeat(60), /^a{44}-\d{5}$/],
    ["客户关系", /^\d{5}$/],
    ["CRM, für Acme", /^CRM-f-r-Acme-\d{5}$/],
  ])("has a code where the message is %s, and cannot be taken so", async (message, expected) => {
    const world = pushing([], { message });
    expect((await world.ask(await sign(claims()))).body["binding_message"]).toMatch(expected);
    expect(pushesOf(world)).toHaveLength(1);
  });

  // Each as Keycloak was seen to answer.
  test.each([
    ["CIBA is off for the client", 401, "invalid_grant", "unauthorized_client", "(CIBA)"],
    ["the client may not", 400, "unauthorized_client", "unauthorized_client", "(CIBA)"],
    ["nobody is known by the claim", 400, "invalid_request", "unauthorized_client", "loginHint"],
    ["no device can be asked", 503, "server_error", "temporarily_unavailable", "sends no push now"],
    ["the secret is wrong", 401, "unauthorized_client", "temporarily_unavailable", "sends no push now"],
  ])("blames rightly where %s", async (_, status, error, expected, words) => {
    const world = pushing([]);
    world.answer(ciba, () => refuses(status, { error, error_description: "canary" }));
    const { body } = await world.ask(await sign(claims()));
    expect(body["error"]).toBe(expected);
    expect(body["error_description"]).toContain(words);
    expect(body["error_description"]).not.toContain("canary");
  });
});
