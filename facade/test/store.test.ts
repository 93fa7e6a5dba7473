import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Secret } from "../../src/core/secret.ts";
import { systemClock } from "../../src/node/clock.ts";
import { MemoryStore } from "../src/core/state/memoryStore.ts";
import type { FacadeStore } from "../src/core/state/store.ts";
import { RedisStore } from "../src/node/redisStore.ts";
import { hasRedis, startRedis, type Redis } from "./support/redis.ts";
import {
  claims,
  facadeUrl,
  grants,
  issuer,
  plainConfig,
  refuses,
  seconds,
  sign,
  stsConfig,
  stsUrl,
  World,
} from "./support/world.ts";

let redis: Redis;
const open: RedisStore[] = [];

beforeAll(async () => {
  if (hasRedis) redis = await startRedis();
});
afterEach(async () => {
  for (const store of open.splice(0)) await store[Symbol.asyncDispose]();
});
afterAll(async () => {
  if (hasRedis) await redis[Symbol.asyncDispose]();
});

const opened = async (prefix = `${crypto.randomUUID()}:`): Promise<RedisStore> => {
  const parts = { clock: systemClock, secret: () => Promise.resolve(new Secret("")), told: () => undefined };
  const store = new RedisStore({ url: redis.url, prefix }, parts);
  open.push(store);
  await store.open();
  return store;
};

/** Two instances of one facade. */
const instances = async (plain = plainConfig()): Promise<readonly [World, World]> => {
  const prefix = `${crypto.randomUUID()}:`;
  const one = new World(plain, systemClock, await opened(prefix));
  const other = new World(plain, systemClock, await opened(prefix));
  for (const world of [one, other]) world.vault(() => grants());
  return [one, other];
};

const kinds: readonly [string, () => Promise<FacadeStore>][] = [
  ["in memory", () => Promise.resolve(new MemoryStore(systemClock))],
  ...(hasRedis ? [["in Redis", () => opened()] as [string, () => Promise<FacadeStore>]] : []),
];

describe.each(kinds)("a store %s", (_, made) => {
  test("keeps texts until they end", async () => {
    const store = await made();
    expect(await store.get("a")).toBeUndefined();
    await store.set("a", "one", 60_000);
    await store.set("brief", "x", 30);
    expect(await store.get("a")).toBe("one");
    await expect.poll(() => store.get("brief")).toBeUndefined();
    await store.delete("a");
    expect(await store.get("a")).toBeUndefined();
  });

  test("lets one of many be the first", async () => {
    const store = await made();
    const all = await Promise.all(Array.from({ length: 20 }, () => store.add("a", "", 60_000)));
    expect(all.filter((isFirst) => isFirst)).toHaveLength(1);
  });

  test("lets so many pass, and then one at a time", async () => {
    const store = await made();
    const waits: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) waits.push(await store.pass("a", 30_000, 2));
    expect(waits.slice(0, 2)).toEqual([0, 0]);
    expect(waits[2]).toBeGreaterThan(28_000);
    expect(waits[3]).toBeLessThanOrEqual(30_000);
    expect(await store.pass("b", 30_000, 2)).toBe(0);
    expect([await store.pass("quick", 20, 1), await store.pass("quick", 20, 1)][0]).toBe(0);
    await expect.poll(() => store.pass("quick", 20, 1)).toBe(0);
  });

  test("keeps the last that each person was told, in order", async () => {
    const store = await made();
    const heard: (string | undefined)[] = [];
    store.onAppended((person) => heard.push(person));
    const before = await store.read("alice");
    expect(before).toMatchObject({ last: 0, entries: [] });
    for (const text of ["one", "two words", '{"three":3}'])
      await store.append("alice", text, { most: 2, lifeMs: 60_000 });
    await store.append("bob", "four", { most: 2, lifeMs: 60_000 });
    expect(await store.read("alice")).toEqual({
      ...{ epoch: before.epoch, last: 4 },
      entries: [
        { at: 2, text: "two words" },
        { at: 3, text: '{"three":3}' },
      ],
    });
    await expect.poll(() => heard).toEqual(["alice", "alice", "alice", "bob"]);
  });
});

describe.skipIf(!hasRedis)("two instances over one store", () => {
  test("a logout that comes in at one is felt by an editor that waits at the other", async () => {
    const [one, other] = await instances();
    const token = await sign(claims());
    expect((await other.ask(token)).status).toBe(200);
    const waiting = other.get("/events?wait=30", { authorization: `Bearer ${token}` });
    await expect.poll(() => other.facade.state.events.wakers.size).toBe(1);
    const logout = await sign(
      {
        ...{ iss: issuer, aud: "lanyard", sub: "alice", sid: "session-1", jti: "one" },
        ...{ iat: seconds(), exp: seconds() + 120 },
        events: { "http://schemas.openid.net/event/backchannel-logout": {} },
      },
      { typ: "logout+jwt" },
    );
    const startedMs = performance.now();
    const told = await one.post(
      "/backchannel-logout",
      new URLSearchParams({ logout_token: logout }).toString(),
    );
    expect(told.status).toBe(200);
    expect((await waiting).body["events"]).toEqual([{ type: "session-revoked" }]);
    expect(performance.now() - startedMs).toBeLessThan(1000);
    expect((await other.ask(token)).body["error"]).toBe("invalid_request");
  });

  test("a cursor of one is known at the other, and loses nothing on the way", async () => {
    const [one, other] = await instances();
    const headers = { authorization: `Bearer ${await sign(claims())}` };
    const { cursor } = (await one.get("/events?wait=0", headers)).body;
    await one.facade.state.events.tell("alice", { type: "connector-changed", connector: "crm" });
    const told = await other.get(`/events?wait=30&after=${String(cursor)}`, headers);
    expect(told.body["events"]).toEqual([{ type: "connector-changed", connector: "crm" }]);
    const then = await one.get(`/events?wait=0&after=${String(told.body["cursor"])}`, headers);
    expect([then.status, then.body["events"]]).toEqual([200, []]);
  });

  test("a proof is used up at both", async () => {
    const { privateKey, publicKey } = await generateKeyPair("ES256");
    const jwk = await exportJWK(publicKey);
    const proof = await new SignJWT({ jti: "proof-1", htm: "POST", htu: `${facadeUrl}/token` })
      .setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk })
      .setIssuedAt()
      .sign(privateKey);
    const token = await sign(claims({ cnf: { jkt: await calculateJwkThumbprint(jwk) } }));
    const [one, other] = await instances();
    const statuses = await Promise.all(
      [one, other, one, other].map(
        async (world) => (await world.ask(token, { headers: { dpop: proof } })).status,
      ),
    );
    expect(statuses.toSorted()).toEqual([200, 400, 400, 400]);
  });

  test("a push goes out once, and its approval counts at both", async () => {
    const [one, other] = await instances(plainConfig({ push: { message: "CRM for Acme" } }));
    const ciba = `${issuer}/protocol/openid-connect/ciba`;
    const idToken = await sign({
      ...{ iss: issuer, aud: "lanyard-facade", sub: "alice", iat: seconds(), exp: seconds() + 60 },
    });
    let isApproved = false;
    for (const world of [one, other]) {
      world.answer(ciba, () => Response.json({ auth_req_id: "r", expires_in: 60, interval: 0 }));
      world.vault(({ form }) => {
        if (form.get("grant_type") !== "urn:openid:params:grant-type:ciba") return grants();
        return isApproved ? grants({ id_token: idToken }) : refuses(400, { error: "authorization_pending" });
      });
    }
    const token = await sign(claims());
    const all = await Promise.all([one, other, one, other].map((world) => world.ask(token)));
    expect(all.map(({ body }) => body["error"])).toEqual(Array(4).fill("authorization_pending"));
    expect([...one.to("/ciba"), ...other.to("/ciba")]).toHaveLength(1);
    isApproved = true;
    expect((await other.ask(token)).status).toBe(200);
    expect((await one.ask(token)).status).toBe(200);
  });

  test("a deferred answer may be had at the other, and nothing in the store is a token", async () => {
    const [one, other] = await instances(stsConfig());
    for (const world of [one, other])
      world.answer(stsUrl, () => refuses(400, { error: "authorization_pending" }));
    const token = await sign(claims());
    const { body } = await one.ask(token, { form: { completion_mode: "deferred" } });
    const code = String(body["deferral_code"]);
    const form = new URLSearchParams({
      ...{ grant_type: "urn:ietf:params:oauth:grant-type:deferred", client_id: "lanyard" },
      deferral_code: code,
    }).toString();
    expect((await other.post("/token", form)).body["deferral_code"]).toBe(code);
    const stored = await redis.dump();
    expect(stored).toContain("deferred:");
    for (const part of [...token.split("."), code, "vault-token"]) expect(stored).not.toContain(part);
    other.answer(stsUrl, () => grants());
    expect((await other.post("/token", form)).body["access_token"]).toBe("vault-token");
    expect((await one.post("/token", form)).body["error"]).toBe("expired_token");
  });

  test("a person may ask so often, wherever", async () => {
    const [one, other] = await instances(plainConfig({}, { questionsPerMinute: 2 }));
    const token = await sign(claims());
    const statuses: number[] = [];
    for (const world of [one, other, one, other]) statuses.push((await world.ask(token)).status);
    expect(statuses).toEqual([200, 200, 429, 429]);
  });
});

describe.skipIf(!hasRedis)("a store that is not there", () => {
  test("has nothing granted, and nobody hang; what it has forgotten is told", async () => {
    const [one] = await instances();
    const token = await sign(claims());
    const headers = { authorization: `Bearer ${token}` };
    const { cursor } = (await one.get("/events?wait=0", headers)).body;
    redis.pause();
    try {
      expect((await one.ask(token)).status).toBe(503);
      expect((await one.app.request("/ready")).status).toBe(503);
    } finally {
      redis.resume();
    }
    await redis.restart();
    await expect.poll(async () => (await one.ask(token)).status, { timeout: 15_000 }).toBe(200);
    expect((await one.app.request("/ready")).status).toBe(200);
    expect((await one.get(`/events?wait=0&after=${String(cursor)}`, headers)).status).toBe(410);
    const waiting = one.get("/events?wait=30", headers);
    await expect.poll(() => one.facade.state.events.wakers.size).toBe(1);
    await one.facade.state.events.tell("alice", { type: "session-revoked" });
    expect((await waiting).body["events"]).toHaveLength(1);
  });
});
