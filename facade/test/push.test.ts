import { describe, expect, test } from "vitest";
import { claims, crm, grants, issuer, plainConfig, refuses, seconds, sign, World } from "./support/world.ts";

describe("push", () => {
  const ciba = `${issuer}/protocol/openid-connect/ciba`;
  const pushing = (answers: Response[]): World => {
    const world = new World(plainConfig({ push: { message: "CRM for Acme" } }));
    world.answer(ciba, () => Response.json({ auth_req_id: "request-1", expires_in: 60, interval: 0 }));
    world.vault(({ form }) =>
      form.get("grant_type") === "urn:openid:params:grant-type:ciba"
        ? (answers.shift() ?? refuses(400, { error: "authorization_pending" }))
        : grants(),
    );
    return world;
  };
  const idToken = (sub: string): Promise<string> =>
    sign({ iss: issuer, aud: "lanyard-facade", sub, iat: seconds(), exp: seconds() + 60 });

  test("is sent once somebody wants it, and holds for the session", async () => {
    const world = pushing([
      refuses(400, { error: "authorization_pending" }),
      grants({ id_token: await idToken("alice") }),
    ]);
    const token = await sign(claims());
    const first = await world.ask(token);
    expect(first.body).toMatchObject({ error: "authorization_pending", interval: 0 });
    expect(first.body["binding_message"]).toMatch(/^CRM for Acme \d{5}$/);
    expect((await world.ask(token)).body["binding_message"]).toBe(first.body["binding_message"]);
    expect((await world.ask(token)).body["access_token"]).toBe("vault-token");
    expect((await world.ask(token)).status).toBe(200);
    expect(world.to("/ciba").map(({ form }) => form.get("login_hint"))).toEqual(["alice"]);
    const other = await world.ask(await sign(claims({ sid: "session-2" })), {
      headers: { prefer: "no-push" },
    });
    expect(other.body["unsent"]).toBe(true);
  });

  test("is not sent where nobody asked", async () => {
    const world = pushing([]);
    const answer = await world.ask(await sign(claims()), { headers: { prefer: "no-push" } });
    expect(answer.body).toMatchObject({ error: "authorization_pending", unsent: true });
    expect(world.to("/ciba")).toEqual([]);
  });

  test("is sent once, however the target is spelt", async () => {
    const world = pushing([refuses(400, { error: "access_denied" })]);
    const token = await sign(claims());
    const spellings = [
      crm,
      crm.replace("mcp.", "MCP."),
      crm.replace(/\/mcp$/, ":443/mcp"),
      crm.replace(/\/mcp$/, "/x/../mcp"),
    ];
    for (const resource of [...spellings, ...spellings]) await world.ask(token, { form: { resource } });
    expect(world.to("/ciba")).toHaveLength(1);
    expect([...new Set(world.audit.map(({ target }) => target))]).toEqual([crm]);
  });

  test("is sent once, however many ask", async () => {
    const world = pushing([]);
    const token = await sign(claims());
    await Promise.all(Array.from({ length: 8 }, () => world.ask(token)));
    expect(world.to("/ciba")).toHaveLength(1);
  });

  test.each([
    ["refused", refuses(400, { error: "access_denied" }), { error: "access_denied", denied_by: "user" }],
    ["over", refuses(400, { error: "expired_token" }), { error: "expired_token" }],
    ["too fast", refuses(400, { error: "slow_down" }), { error: "authorization_pending" }],
  ])("is %s", async (_, reply, expected) => {
    const world = pushing([reply]);
    const token = await sign(claims());
    await world.ask(token);
    expect((await world.ask(token)).body).toMatchObject(expected);
  });

  test("that was refused is not sent again at once", async () => {
    const world = pushing([refuses(400, { error: "access_denied" })]);
    const token = await sign(claims());
    for (let turn = 0; turn < 4; turn += 1) await world.ask(token);
    expect(world.to("/ciba")).toHaveLength(1);
  });

  test("that somebody else approved counts for nothing", async () => {
    const world = pushing([grants({ id_token: await idToken("mallory") })]);
    const token = await sign(claims());
    await world.ask(token);
    expect((await world.ask(token)).body["error"]).toBe("access_denied");
  });
});
