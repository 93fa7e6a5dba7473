import { describe, expect, test } from "vitest";
import {
  claims,
  grants,
  issuer,
  plainConfig,
  plainIdp,
  refuses,
  sign,
  World,
  type Over,
} from "./support/world.ts";

describe("an ID token as subject token", () => {
  const type = { subject_token_type: "urn:ietf:params:oauth:token-type:id_token" };
  const idToken = (over: Over = {}): Over =>
    claims({ aud: "lanyard", azp: undefined, typ: "ID", at_hash: "x", nonce: "y", ...over });
  const taking = (over: Over = {}): World => {
    const identityProvider = { ...plainIdp(), subjectTokens: ["id_token"], ...over };
    const world = new World(plainConfig({}, { identityProvider }));
    world.vault(() => grants());
    return world;
  };

  test("is taken where it is configured", async () => {
    expect((await taking().ask(await sign(idToken()), { form: type })).status).toBe(200);
    expect((await taking().ask(await sign(idToken({ typ: undefined })), { form: type })).status).toBe(200);
  });

  test("is not taken where it is not", async () => {
    const answer = await new World().ask(await sign(idToken()), { form: type });
    expect(answer.body["error"]).toBe("unauthorized_client");
    const other = await taking().ask(await sign(claims()));
    expect(other.body["error"]).toBe("unauthorized_client");
  });

  test.each<[string, Over, Over, string]>([
    ["is for the facade's client", { aud: "lanyard-facade" }, {}, "unauthorized_client"],
    ["is for another one too", { aud: ["lanyard", "crm"] }, {}, "unauthorized_client"],
    ["was issued to another client", { azp: "crm" }, {}, "unauthorized_client"],
    ["is an access token by its claim", { typ: "Bearer" }, {}, "invalid_request"],
    ["is an access token by its header", { typ: undefined }, { typ: "at+jwt" }, "invalid_request"],
    [
      "is an access token by its header, in full",
      { typ: undefined },
      { typ: "application/at+jwt" },
      "invalid_request",
    ],
    ["is a logout token", { typ: undefined, events: {} }, {}, "invalid_request"],
  ])("is refused where it %s", async (_, over, header, error) => {
    const world = taking();
    const answer = await world.ask(await sign(idToken(over), header), { form: type });
    expect(answer).toMatchObject({ status: 400, body: { error } });
    expect(world.to("/token")).toEqual([]);
  });

  test("is not asked about at userinfo, which would refuse it as if the session were over", async () => {
    const world = taking({ liveness: "userinfo" });
    world.answer(`${issuer}/protocol/openid-connect/userinfo`, () => refuses(401, {}));
    const answer = await world.ask(await sign(idToken()), { form: type });
    expect(answer.body["error"]).toBe("unauthorized_client");
    expect(world.to("/userinfo")).toEqual([]);
  });
});
