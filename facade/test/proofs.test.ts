import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";
import { describe, expect, test } from "vitest";
import { sha256Base64url } from "../../src/core/hash.ts";
import { systemClock } from "../../src/node/clock.ts";
import { MemoryStore } from "../src/core/state/memoryStore.ts";
import {
  claims,
  facadeUrl,
  granting,
  grants,
  issuer,
  plainConfig,
  plainIdp,
  refuses,
  seconds,
  sign,
  World,
} from "./support/world.ts";

describe("a token that is bound to a key", () => {
  const bound = async (): Promise<{
    readonly token: string;
    readonly prove: (over?: object) => Promise<string>;
  }> => {
    const { privateKey, publicKey } = await generateKeyPair("ES256");
    const jwk = await exportJWK(publicKey);
    const token = await sign(claims({ cnf: { jkt: await calculateJwkThumbprint(jwk) } }));
    const prove = (over = {}): Promise<string> =>
      new SignJWT({
        ...{ htm: "POST", htu: `${facadeUrl}/token`, jti: crypto.randomUUID(), iat: seconds(), ...over },
      })
        .setProtectedHeader({ alg: "ES256", typ: "dpop+jwt", jwk })
        .sign(privateKey);
    return { token, prove };
  };

  test("is taken with its proof, which is good once", async () => {
    const world = granting();
    const { token, prove } = await bound();
    const headers = { dpop: await prove() };
    expect((await world.ask(token, { headers })).status).toBe(200);
    expect(await world.ask(token, { headers })).toMatchObject({ body: { error: "invalid_request" } });
  });

  test.each([
    ["another address", { htu: "https://elsewhere.example.com/token" }],
    ["another method", { htm: "GET" }],
    ["another time", { iat: seconds() - 4000 }],
    ["another token", { ath: "other" }],
  ])("is refused with a proof of %s", async (_, over) => {
    const world = granting();
    const { token, prove } = await bound();
    const headers = { dpop: await prove(over) };
    expect(await world.ask(token, { headers })).toMatchObject({ body: { error: "invalid_request" } });
  });

  test("is refused with the proof of another key", async () => {
    const [mine, other] = [await bound(), await bound()];
    const headers = { dpop: await other.prove() };
    expect(await granting().ask(mine.token, { headers })).toMatchObject({
      body: { error: "invalid_request" },
    });
  });

  test("is not asked about at userinfo, which would refuse it as if the session were over", async () => {
    const world = new World(plainConfig({}, { identityProvider: { ...plainIdp(), liveness: "userinfo" } }));
    world.vault(() => grants());
    world.answer(`${issuer}/protocol/openid-connect/userinfo`, () => refuses(401, {}));
    const { token, prove } = await bound();
    const answer = await world.ask(token, { headers: { dpop: await prove() } });
    expect(answer.body["error"]).toBe("unauthorized_client");
    const ath = await sha256Base64url(token);
    const proof = await prove({ htm: "GET", htu: `${facadeUrl}/events`, ath });
    const headers = { authorization: `DPoP ${token}`, dpop: proof };
    expect((await world.get("/events?wait=0", headers)).status).toBe(501);
    expect(world.to("/userinfo")).toEqual([]);
  });

  describe("hears of events", () => {
    const listening = async (over: object, scheme = "DPoP"): Promise<number> => {
      const world = granting();
      const { token, prove } = await bound();
      const ath = await sha256Base64url(token);
      const dpop = await prove({ htm: "GET", htu: `${facadeUrl}/events`, ath, ...over });
      const { status } = await world.get("/events?wait=0", { authorization: `${scheme} ${token}`, dpop });
      return status;
    };
    test("with its proof", async () => {
      expect(await listening({})).toBe(200);
    });
    test.each([
      ["does not name the token", { ath: undefined }],
      ["names another token", { ath: "other" }],
      ["is for another address", { htu: `${facadeUrl}/token` }],
      ["is for another method", { htm: "POST" }],
    ])("not with a proof that %s", async (_, over) => {
      expect(await listening(over)).toBe(401);
    });
    test("not as a bearer", async () => {
      expect(await listening({}, "Bearer")).toBe(401);
    });
    test("not without a proof", async () => {
      const { token } = await bound();
      expect((await granting().get("/events", { authorization: `DPoP ${token}` })).status).toBe(401);
    });
    test("and a token that is bound to none not as one that is", async () => {
      const { prove } = await bound();
      const token = await sign(claims());
      const dpop = await prove({ htm: "GET", htu: `${facadeUrl}/events`, ath: await sha256Base64url(token) });
      const headers = { authorization: `DPoP ${token}`, dpop };
      expect((await granting().get("/events?wait=0", headers)).status).toBe(401);
    });
  });

  describe("has as many proofs remembered as it may ask questions", () => {
    /** What is remembered of proofs. */
    class Counting extends MemoryStore {
      readonly proofs: string[] = [];
      override add(key: string, value: string, lifeMs: number): Promise<boolean> {
        if (key.startsWith("proof:")) this.proofs.push(key);
        return super.add(key, value, lifeMs);
      }
    }
    const limited = (): { readonly world: World; readonly store: Counting } => {
      const store = new Counting(systemClock);
      const world = new World(plainConfig({}, { questionsPerMinute: 2 }), systemClock, store);
      world.vault(() => grants());
      return { world, store };
    };

    test("at /token", async () => {
      const { world, store } = limited();
      const { token, prove } = await bound();
      const statuses: number[] = [];
      for (let turn = 0; turn < 5; turn += 1)
        statuses.push((await world.ask(token, { headers: { dpop: await prove() } })).status);
      expect(statuses).toEqual([200, 200, 429, 429, 429]);
      expect(store.proofs).toHaveLength(2);
    });

    test("at /events", async () => {
      const { world, store } = limited();
      const { token, prove } = await bound();
      const ath = await sha256Base64url(token);
      const statuses: number[] = [];
      for (let turn = 0; turn < 5; turn += 1) {
        const dpop = await prove({ htm: "GET", htu: `${facadeUrl}/events`, ath });
        const headers = { authorization: `DPoP ${token}`, dpop };
        statuses.push((await world.get("/events?wait=0", headers)).status);
      }
      expect(statuses).toEqual([200, 200, 429, 429, 429]);
      expect(store.proofs).toHaveLength(2);
    });

    test("and who has the token alone cannot use the questions up", async () => {
      const { world } = limited();
      const [mine, other] = [await bound(), await bound()];
      for (let turn = 0; turn < 5; turn += 1)
        await world.ask(mine.token, { headers: { dpop: await other.prove() } });
      expect((await world.ask(mine.token, { headers: { dpop: await mine.prove() } })).status).toBe(200);
    });
  });

  test("gets no code that would be good without the key", async () => {
    const world = new World();
    world.vault(() => refuses(400, { error: "authorization_pending" }));
    const { token, prove } = await bound();
    const answer = await world.ask(token, {
      headers: { dpop: await prove() },
      form: { completion_mode: "deferred" },
    });
    expect(answer.body).not.toHaveProperty("deferral_code");
  });
});
