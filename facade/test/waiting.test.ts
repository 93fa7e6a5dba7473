import { describe, expect, test } from "vitest";
import { claims, grants, refuses, sign, stsUrl, withOauth, type World } from "./support/world.ts";

describe("a long poll", () => {
  test("is held until the answer changes", async () => {
    const world = withOauth();
    let isDone = false;
    world.answer(stsUrl, () => {
      if (isDone) return grants();
      isDone = true;
      return refuses(400, { error: "authorization_pending" });
    });
    const asking = world.ask(await sign(claims()), { headers: { prefer: "wait=8" } });
    await expect.poll(() => world.facade.state.events.wakers.size).toBe(1);
    world.facade.state.events.wakers.wake("alice");
    expect((await asking).status).toBe(200);
  });

  test("ends with its time", async () => {
    const world = withOauth();
    world.answer(stsUrl, () => refuses(400, { error: "authorization_pending" }));
    const answer = await world.ask(await sign(claims()), { headers: { prefer: "wait=1" } });
    expect(answer.body).toMatchObject({ error: "authorization_pending", interval: 0 });
  });

  test("ends with the session", async () => {
    const world = withOauth();
    world.answer(stsUrl, () => refuses(400, { error: "authorization_pending" }));
    const asking = world.ask(await sign(claims()), { headers: { prefer: "wait=30" } });
    await expect.poll(() => world.facade.state.events.wakers.size).toBe(1);
    await world.facade.signals.endings.end({ sessionId: "session-1" });
    world.facade.state.events.wakers.wake("alice");
    expect((await asking).body["error"]).toBe("invalid_request");
  });
});

test("at the end of the program who waits is answered at once, and nobody waits any more", async () => {
  const world = withOauth();
  world.answer(stsUrl, () => refuses(400, { error: "authorization_pending" }));
  const token = await sign(claims());
  const asking = [
    world.ask(token, { headers: { prefer: "wait=30" } }),
    world.get("/events?wait=30", { authorization: `Bearer ${token}` }),
  ];
  await expect.poll(() => world.facade.state.events.wakers.size).toBe(2);
  world.facade.state.events.wakers.close();
  expect((await Promise.all(asking)).map(({ status }) => status)).toEqual([400, 200]);
  const late = await world.ask(token, { headers: { prefer: "wait=30" } });
  expect(late.body["error"]).toBe("authorization_pending");
});

describe("a deferred answer", () => {
  const deferred = "urn:ietf:params:oauth:grant-type:deferred";
  const poll = (world: World, code: unknown): ReturnType<World["post"]> =>
    world.post(
      "/token",
      new URLSearchParams({
        grant_type: deferred,
        client_id: "lanyard",
        deferral_code: String(code),
      }).toString(),
    );

  test("comes by its code, once", async () => {
    const world = withOauth();
    world.answer(stsUrl, () => refuses(400, { error: "authorization_pending" }));
    const { body } = await world.ask(await sign(claims()), { form: { completion_mode: "deferred" } });
    const code = body["deferral_code"];
    expect((await poll(world, code)).body["deferral_code"]).toBe(code);
    world.answer(stsUrl, () => grants());
    expect((await poll(world, code)).body["access_token"]).toBe("vault-token");
    expect((await poll(world, code)).body["error"]).toBe("expired_token");
  });

  test("ends with the session", async () => {
    const world = withOauth();
    world.answer(stsUrl, () => refuses(400, { error: "authorization_pending" }));
    const { body } = await world.ask(await sign(claims()), { form: { completion_mode: "deferred" } });
    await world.facade.signals.endings.end({ subject: "alice" });
    expect((await poll(world, body["deferral_code"])).body["error"]).toBe("invalid_request");
  });

  test("is not offered to who did not ask for it", async () => {
    const world = withOauth();
    world.answer(stsUrl, () => refuses(400, { error: "authorization_pending" }));
    expect((await world.ask(await sign(claims()))).body).not.toHaveProperty("deferral_code");
  });
});
