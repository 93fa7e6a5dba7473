import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/node/clock.ts";
import { fakeClock } from "../../test/support/ports.ts";
import { MemoryStore } from "../src/core/state/memoryStore.ts";
import { ciba, idToken, pushesOf, pushing } from "./support/pushing.ts";
import {
  claims,
  crm,
  grants,
  issuer,
  publicJwk,
  refuses,
  seconds,
  sign,
  type World,
} from "./support/world.ts";

describe("push", () => {
  test("is sent once somebody wants it, and holds for the session", async () => {
    const world = pushing([
      refuses(400, { error: "authorization_pending" }),
      grants({ id_token: await idToken("alice") }),
    ]);
    const token = await sign(claims());
    const first = await world.ask(token);
    expect(first.body).toMatchObject({ error: "authorization_pending", interval: 0 });
    expect(first.body["binding_message"]).toMatch(/^CRM-for-Acme-\d{5}$/);
    expect((await world.ask(token)).body["binding_message"]).toBe(first.body["binding_message"]);
    expect((await world.ask(token)).body["access_token"]).toBe("vault-token");
    expect((await world.ask(token)).status).toBe(200);
    expect(pushesOf(world).map(({ form }) => form.get("login_hint"))).toEqual(["alice"]);
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
    expect(pushesOf(world)).toHaveLength(1);
    expect([...new Set(world.audit.map(({ target }) => target))]).toEqual([crm]);
  });

  test("is sent once, however many ask", async () => {
    const world = pushing([]);
    const token = await sign(claims());
    await Promise.all(Array.from({ length: 8 }, () => world.ask(token)));
    expect(pushesOf(world)).toHaveLength(1);
  });

  test("is sent once, also where another question comes and goes between looking and sending", async () => {
    /** Has another question answered whole before the first one takes its turn. */
    class Slow extends MemoryStore {
      before: (() => Promise<unknown>) | undefined;
      override async add(key: string, value: string, lifeMs: number): Promise<boolean> {
        const [before] = [this.before];
        this.before = undefined;
        if (key.startsWith("push-busy:")) await before?.();
        return super.add(key, value, lifeMs);
      }
    }
    const store = new Slow(systemClock);
    const world = pushing([], {}, systemClock, store);
    const token = await sign(claims());
    store.before = () => world.ask(token);
    const answer = await world.ask(token);
    expect(answer.body["binding_message"]).toMatch(/^CRM-for-Acme/);
    expect(pushesOf(world)).toHaveLength(1);
  });

  test.each([
    ["refused", refuses(400, { error: "access_denied" }), { error: "access_denied", denied_by: "user" }],
    ["over", refuses(400, { error: "expired_token" }), { error: "expired_token" }],
    ["forgotten by Keycloak", refuses(400, { error: "invalid_grant" }), { error: "expired_token" }],
    ["too fast", refuses(400, { error: "slow_down" }), { error: "authorization_pending" }],
  ])("is %s", async (_, reply, expected) => {
    const world = pushing([reply]);
    const token = await sign(claims());
    await world.ask(token);
    expect((await world.ask(token)).body).toMatchObject(expected);
  });

  test("approved by one person is nobody else's, however their names are spelt", async () => {
    const world = pushing([grants({ id_token: await idToken("alice x") })]);
    const token = await sign(claims({ sid: "s", sub: "alice x" }));
    await world.ask(token);
    expect((await world.ask(token)).status).toBe(200);
    const other = await world.ask(await sign(claims({ sid: "s alice", sub: "x" })));
    expect(other.body["error"]).toBe("authorization_pending");
  });

  test("that was refused is not sent again at once", async () => {
    const world = pushing([refuses(400, { error: "access_denied" })]);
    const token = await sign(claims());
    for (let turn = 0; turn < 4; turn += 1) await world.ask(token);
    expect(pushesOf(world)).toHaveLength(1);
  });

  test("that nobody answered is not followed by another at once", async () => {
    const clock = fakeClock(Date.now());
    const world = pushing([refuses(400, { error: "expired_token" })], {}, clock);
    const token = await sign(claims({ exp: seconds() + 1000 }));
    await world.ask(token);
    for (let turn = 0; turn < 4; turn += 1)
      expect((await world.ask(token)).body).toMatchObject({ error: "expired_token" });
    expect(pushesOf(world)).toHaveLength(1);
    clock.advance(61_000);
    expect((await world.ask(token)).body["error"]).toBe("authorization_pending");
    expect(pushesOf(world)).toHaveLength(2);
  });

  test("is sent to a person once at a time, however many sessions they have", async () => {
    const clock = fakeClock(Date.now());
    const approved = grants({ id_token: await idToken("alice") });
    const world = pushing([approved], {}, clock);
    const [one, other] = [await sign(claims()), await sign(claims({ sid: "session-2" }))];
    const first = await world.ask(one);
    const waiting = await world.ask(other);
    expect(waiting.body["error"]).toBe("authorization_pending");
    // What stands on the phone is not for this one.
    expect(waiting.body).not.toHaveProperty("binding_message");
    expect(first.body).toHaveProperty("binding_message");
    expect((await world.ask(other, { headers: { prefer: "no-push" } })).body["unsent"]).toBe(true);
    expect(pushesOf(world)).toHaveLength(1);
    expect((await world.ask(one)).status).toBe(200);
    expect((await world.ask(other)).body["binding_message"]).toMatch(/^CRM-for-Acme-\d{5}$/);
    expect(pushesOf(world)).toHaveLength(2);
  });

  test("of a session that has gone is waited for until it is over, and a while longer", async () => {
    const clock = fakeClock(Date.now());
    const world = pushing([], {}, clock);
    const [one, other] = await Promise.all(
      ["session-1", "session-2"].map((sid) => sign(claims({ sid, exp: seconds() + 1000 }))),
    );
    await world.ask(one ?? "");
    clock.advance(61_000);
    expect((await world.ask(other ?? "")).body["error"]).toBe("expired_token");
    expect(pushesOf(world)).toHaveLength(1);
    clock.advance(61_000);
    expect((await world.ask(other ?? "")).body["error"]).toBe("authorization_pending");
    expect(pushesOf(world)).toHaveLength(2);
  });

  test("that a person has refused is not sent for another of their sessions either", async () => {
    const world = pushing([refuses(400, { error: "access_denied" })]);
    await world.ask(await sign(claims()));
    await world.ask(await sign(claims()));
    const other = await world.ask(await sign(claims({ sid: "session-2" })));
    expect(other.body).toMatchObject({ error: "access_denied", denied_by: "user" });
    expect(pushesOf(world)).toHaveLength(1);
  });

  test("approved for a token without a session is approved for no other token", async () => {
    const world = pushing([grants({ id_token: await idToken("alice") })]);
    const [one, other] = [await sign(claims({ sid: undefined })), await sign(claims({ sid: undefined }))];
    await world.ask(one);
    expect((await world.ask(one)).status).toBe(200);
    expect((await world.ask(one)).status).toBe(200);
    expect((await world.ask(other)).body["error"]).toBe("authorization_pending");
    expect(pushesOf(world)).toHaveLength(2);
  });

  test("that somebody else approved counts for nothing", async () => {
    const world = pushing([grants({ id_token: await idToken("mallory") })]);
    const token = await sign(claims());
    await world.ask(token);
    expect((await world.ask(token)).body["error"]).toBe("access_denied");
  });

  describe("for each credential", () => {
    /** The vault answers what is next, and gives a token after that. */
    const once = async (
      vault: (Response | Promise<Response>)[],
      { clock = fakeClock(Date.now()), approvals = 9 } = {},
    ): Promise<World> => {
      const world = pushing([], { validSeconds: 0 }, clock);
      const approved = await idToken("alice");
      let left = approvals;
      world.vault(({ form }) => {
        if (form.get("grant_type") !== "urn:openid:params:grant-type:ciba") return vault.shift() ?? grants();
        left -= 1;
        return left < 0 ? refuses(400, { error: "authorization_pending" }) : grants({ id_token: approved });
      });
      return world;
    };

    test("is approved once, however often the vault has to be asked", async () => {
      const world = await once([refuses(503, {}), refuses(500, {})]);
      const token = await sign(claims());
      expect((await world.ask(token)).body["error"]).toBe("authorization_pending");
      expect((await world.ask(token)).status).toBe(503);
      expect((await world.ask(token)).status).toBe(503);
      expect((await world.ask(token)).status).toBe(200);
      expect(pushesOf(world)).toHaveLength(1);
      expect((await world.ask(token)).body["error"]).toBe("authorization_pending");
      expect(pushesOf(world)).toHaveLength(2);
    });

    test("gives one of those who ask at a time a credential", async () => {
      let open = (_: Response): void => undefined;
      const gate = new Promise<Response>((resolve) => (open = resolve));
      const world = await once([refuses(503, {}), gate], { approvals: 1 });
      const token = await sign(claims());
      await world.ask(token);
      expect((await world.ask(token)).status).toBe(503);
      const answered: number[] = [];
      const all = Array.from({ length: 6 }, async () => {
        answered.push((await world.ask(token)).status);
      });
      await expect.poll(() => answered).toEqual([400, 400, 400, 400, 400]);
      open(grants());
      await Promise.all(all);
      expect(answered.at(-1)).toBe(200);
    });

    test("is approved anew where the vault gives nothing for minutes", async () => {
      const clock = fakeClock(Date.now());
      const world = await once([refuses(503, {})], { clock });
      const token = await sign(claims({ exp: seconds() + 1000 }));
      await world.ask(token);
      expect((await world.ask(token)).status).toBe(503);
      clock.advance(301_000);
      expect((await world.ask(token)).body["error"]).toBe("authorization_pending");
      expect(pushesOf(world)).toHaveLength(2);
    });
  });

  test("whose approval cannot be read yet is not sent again, and not taken for somebody else's", async () => {
    const clock = fakeClock(Date.now());
    const certs = `${issuer}/protocol/openid-connect/certs`;
    const world = pushing([grants({ id_token: await idToken("alice", { kid: "two" }) })], {}, clock);
    const token = await sign(claims());
    await world.ask(token);
    world.answer(certs, () => refuses(502, {}));
    // The key is not known, and so long after the last time the keys are read anew for it.
    clock.advance(11_000);
    expect(await world.ask(token)).toMatchObject({ status: 503, body: { error: "temporarily_unavailable" } });
    expect((await world.ask(token)).status).toBe(503);
    world.answer(certs, () => Response.json({ keys: [publicJwk, { ...publicJwk, kid: "two" }] }));
    expect((await world.ask(token)).status).toBe(200);
    expect(pushesOf(world)).toHaveLength(1);
  });

  test("is sent once, however slow the identity provider is", async () => {
    const clock = fakeClock(Date.now());
    const world = pushing([], {}, clock);
    const token = await sign(claims());
    let sent = 0;
    const inTheMeantime: unknown[] = [];
    world.answer(ciba, async () => {
      sent += 1;
      if (sent === 1) {
        // Reading its metadata and sending may take ten seconds each.
        clock.jumpTo(clock.now() + 19_000);
        inTheMeantime.push((await world.ask(token)).body["error"]);
      }
      return Response.json({ auth_req_id: "request-1", expires_in: 60, interval: 0 });
    });
    await world.ask(token);
    expect([sent, inTheMeantime]).toEqual([1, ["authorization_pending"]]);
  });
});
