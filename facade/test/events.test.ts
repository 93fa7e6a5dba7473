import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/node/clock.ts";
import { fakeClock } from "../../test/support/ports.ts";
import type { Clock } from "../../src/core/ports.ts";
import { EditorEvents } from "../src/core/events.ts";
import { MemoryStore } from "../src/core/state/memoryStore.ts";
import {
  claims,
  clientSecret,
  forge,
  grants,
  issuer,
  plainConfig,
  plainIdp,
  seconds,
  sign,
  signalsConfig,
  transmitter,
  World,
  type Asked,
  type Over,
} from "./support/world.ts";

const caep = "https://schemas.openid.net/secevent/caep/event-type/";

const listening = (): World => {
  const world = new World(signalsConfig({ push: { authorization: { variable: "X" } } }));
  world.vault(() => grants());
  return world;
};

const listen = (world: World, token: string, query = "wait=30"): Promise<Asked> =>
  world.get(`/events?${query}`, { authorization: `Bearer ${token}` });

const logout = async (world: World, over: Over = {}, header: Over = {}): Promise<Asked> =>
  send(world, await sign(logoutClaims(over), { typ: "logout+jwt", ...header }));
const logoutClaims = (over: Over = {}): Over => ({
  ...{ iss: issuer, aud: "lanyard", sub: "alice", sid: "session-1", jti: crypto.randomUUID() },
  ...{ iat: seconds(), exp: seconds() + 120 },
  events: { "http://schemas.openid.net/event/backchannel-logout": {} },
  ...over,
});
const send = (world: World, token: string): Promise<Asked> =>
  world.post("/backchannel-logout", new URLSearchParams({ logout_token: token }).toString());

const signal = async (
  world: World,
  over: Over = {},
  authorization = clientSecret,
  typ = "secevent+jwt",
): Promise<Asked> => {
  const payload = {
    ...{ iss: transmitter, aud: "facade", jti: crypto.randomUUID(), iat: seconds() },
    sub_id: { format: "iss_sub", iss: issuer, sub: "alice" },
    events: { [`${caep}session-revoked`]: { event_timestamp: seconds() } },
    ...over,
  };
  const body = await sign(payload, { typ });
  return world.post("/events/receive", body, { authorization, "content-type": "application/secevent+jwt" });
};
const refusedNow = async (world: World, token: string): Promise<boolean> =>
  (await world.ask(token)).body["error"] === "invalid_request";

test("a logout ends the session at once, and wakes who listens", async () => {
  const world = listening();
  const token = await sign(claims());
  expect((await world.ask(token)).status).toBe(200);
  const waiting = listen(world, token);
  await expect.poll(() => world.facade.state.events.wakers.size).toBe(1);
  expect((await logout(world)).status).toBe(200);
  expect((await waiting).body["events"]).toEqual([{ type: "session-revoked" }]);
  expect(await refusedNow(world, token)).toBe(true);
  expect((await listen(world, token)).status).toBe(401);
});

describe("a logout token", () => {
  test("without a session ends all of the person's so far", async () => {
    const world = listening();
    expect((await logout(world, { sid: undefined })).status).toBe(200);
    expect(await refusedNow(world, await sign(claims({ sid: "session-2" })))).toBe(true);
    expect(await refusedNow(world, await sign(claims({ sid: "session-3", iat: seconds() + 2 })))).toBe(false);
    expect(await refusedNow(world, await sign(claims({ sub: "bob", sid: "session-4" })))).toBe(false);
  });

  test("of a session ends the person's tokens so far that name none", async () => {
    const world = listening();
    const unnamed = (over: Over = {}): Promise<string> => sign(claims({ sid: undefined, ...over }));
    expect(await refusedNow(world, await unnamed())).toBe(false);
    expect((await logout(world)).status).toBe(200);
    expect(await refusedNow(world, await unnamed())).toBe(true);
    expect(await refusedNow(world, await unnamed({ iat: seconds() + 2 }))).toBe(false);
    expect(await refusedNow(world, await unnamed({ sub: "bob" }))).toBe(false);
    expect(await refusedNow(world, await sign(claims({ sid: "session-2" })))).toBe(false);
  });

  test("of a session alone does so too, where it is known whose it was", async () => {
    const world = listening();
    await listen(world, await sign(claims()), "wait=0");
    expect((await logout(world, { sub: undefined })).status).toBe(200);
    expect(await refusedNow(world, await sign(claims({ sid: undefined })))).toBe(true);
    expect(await refusedNow(world, await sign(claims({ sid: "session-2" })))).toBe(false);
  });

  test("leaves the person's other sessions alone", async () => {
    const world = listening();
    await logout(world);
    expect(await refusedNow(world, await sign(claims({ sid: "session-2" })))).toBe(false);
  });

  test.each<[string, Over, Over]>([
    ["of another issuer", { iss: transmitter }, {}],
    ["for another client", { aud: "crm" }, {}],
    ["without its event", { events: {} }, {}],
    ["with a nonce", { nonce: "x" }, {}],
    ["about nobody", { sub: undefined, sid: undefined }, {}],
    ["of another type", {}, { typ: "at+jwt" }],
    ["that has expired", { exp: seconds() - 300 }, {}],
    ["that never expires", { exp: undefined }, {}],
    ["of another type in full", {}, { typ: "application/at+jwt" }],
    ["that is a security event", {}, { typ: "secevent+jwt" }],
  ])("%s is refused", async (_, over, header) => {
    const world = listening();
    expect((await logout(world, over, header)).status).toBe(400);
    expect(await refusedNow(world, await sign(claims()))).toBe(false);
  });

  test.each(["logout+jwt", "application/logout+jwt", "Logout+JWT", "JWT", undefined])(
    "may have the type %j",
    async (typ) => {
      expect((await logout(listening(), {}, { typ })).status).toBe(200);
    },
  );

  test("that was refused is refused again, and its jti is good for a better one", async () => {
    const world = listening();
    const bad = { jti: "one", events: {} };
    expect([(await logout(world, bad)).status, (await logout(world, bad)).status]).toEqual([400, 400]);
    expect((await logout(world, { jti: "one" })).status).toBe(200);
    expect(await refusedNow(world, await sign(claims()))).toBe(true);
    expect(world.audit.filter(({ event }) => event === "signal-refused")).toHaveLength(2);
  });

  test("that another key has signed is refused", async () => {
    const world = listening();
    expect((await send(world, await forge(logoutClaims()))).status).toBe(400);
  });
});

describe("a security event token", () => {
  const complex = {
    format: "complex",
    user: { format: "iss_sub", iss: issuer, sub: "alice" },
    session: { format: "opaque", id: "session-1" },
  };
  test.each<[string, Over]>([
    ["a person", {}],
    ["a session of a person", { sub_id: complex }],
    [
      "a person, in the event",
      {
        sub_id: undefined,
        events: { [`${caep}session-revoked`]: { subject: { format: "iss_sub", iss: issuer, sub: "alice" } } },
      },
    ],
  ])("of %s ends what it names", async (_, over) => {
    const world = listening();
    expect((await signal(world, over)).status).toBe(202);
    expect(await refusedNow(world, await sign(claims()))).toBe(true);
  });

  test("of a changed credential has the editors ask, and ends nothing", async () => {
    const world = listening();
    const token = await sign(claims());
    const { cursor } = (await listen(world, token, "wait=0")).body;
    await signal(world, { events: { [`${caep}credential-change`]: {} } });
    const told = await listen(world, token, `wait=0&after=${String(cursor)}`);
    expect(told.body["events"]).toEqual([{ type: "session-revoked" }]);
    expect(await refusedNow(world, token)).toBe(false);
  });

  test.each<[string, Over, string]>([
    ["of another issuer", { iss: issuer }, "invalid_issuer"],
    ["for another audience", { aud: "other" }, "invalid_audience"],
    ["without events", { events: "none" }, "invalid_request"],
  ])("%s is refused", async (_, over, err) => {
    expect(await signal(listening(), over)).toMatchObject({ status: 400, body: { err } });
  });

  test("about somebody of another identity provider is taken, and ends nothing", async () => {
    const world = listening();
    const sub_id = { format: "iss_sub", iss: "https://id.other.example.com", sub: "alice" };
    expect((await signal(world, { sub_id })).status).toBe(202);
    expect(await refusedNow(world, await sign(claims()))).toBe(false);
  });

  test.each([
    ["secevent+jwt", 202],
    ["application/secevent+jwt", 202],
    ["logout+jwt", 400],
    ["JWT", 400],
  ])("of the type %j is answered %i", async (typ, status) => {
    expect((await signal(listening(), {}, clientSecret, typ)).status).toBe(status);
  });

  test("without the transmitter's header is not read", async () => {
    const world = listening();
    expect((await signal(world, {}, "Bearer wrong")).status).toBe(401);
    expect(await refusedNow(world, await sign(claims()))).toBe(false);
  });

  test("counts once", async () => {
    const world = listening();
    const token = await sign(claims({ iat: seconds() + 2 }));
    const jti = "event-1";
    const { cursor } = (await listen(world, token, "wait=0")).body;
    await signal(world, { jti });
    await signal(world, { jti });
    const told = await listen(world, token, `wait=0&after=${String(cursor)}`);
    expect(told.body["events"]).toHaveLength(1);
  });
});

describe("events", () => {
  const never = new AbortController().signal;
  const eventsAt = (clock: Clock): EditorEvents => new EditorEvents(new MemoryStore(clock), clock);
  const last = async (events: EditorEvents): Promise<string> => {
    const answer = await events.after("alice", undefined, 0, never);
    return answer.kind === "events" ? answer.cursor : "";
  };

  test("are told from the cursor on, to whom they are about", async () => {
    const events = eventsAt(systemClock);
    const cursor = await last(events);
    await events.tell("bob", { type: "session-revoked" });
    await events.tell("alice", { type: "connector-changed", connector: "crm" });
    const found = await events.after("alice", cursor, 0, never);
    expect(found).toMatchObject({ events: [{ type: "connector-changed", connector: "crm" }] });
    expect(await events.after("alice", await last(events), 0, never)).toMatchObject({ events: [] });
  });

  test("of others leave the cursor of who hears of none known", async () => {
    const clock = fakeClock();
    const events = eventsAt(clock);
    let cursor = await last(events);
    for (let hour = 0; hour < 3; hour += 1) {
      await events.tell("bob", { type: "session-revoked" });
      const answer = await events.after("alice", cursor, 0, never);
      expect(answer).toMatchObject({ kind: "events", events: [] });
      if (answer.kind === "events") ({ cursor } = answer);
      clock.advance(61 * 60_000);
    }
    await events.tell("alice", { type: "session-revoked" });
    expect(await events.after("alice", cursor, 0, never)).toMatchObject({
      events: [{ type: "session-revoked" }],
    });
  });

  test("of somebody who is told much make no other's cursor unknown", async () => {
    const events = eventsAt(systemClock);
    const cursor = await last(events);
    for (let each = 0; each < 30; each += 1) await events.tell("bob", { type: "session-revoked" });
    expect(await events.after("alice", cursor, 0, never)).toMatchObject({ kind: "events", events: [] });
  });

  test("that were forgotten while somebody waited make the cursor unknown", async () => {
    const events = eventsAt(systemClock);
    const waiting = events.after("alice", await last(events), 30_000, never);
    await expect.poll(() => events.wakers.size).toBe(1);
    // All of them before who waits reads again.
    await Promise.all(Array.from({ length: 30 }, () => events.tell("alice", { type: "session-revoked" })));
    expect(await waiting).toEqual({ kind: "unknownCursor" });
  });

  test("that may have been forgotten make the cursor unknown", async () => {
    const events = eventsAt(systemClock);
    const cursor = await last(events);
    for (let each = 0; each < 30; each += 1) await events.tell("alice", { type: "session-revoked" });
    expect(await events.after("alice", cursor, 0, never)).toEqual({ kind: "unknownCursor" });
  });

  test.each(["", "x", "1.2.3", "other.0", "999"])("of a cursor %j are unknown", async (cursor) => {
    const events = eventsAt(systemClock);
    expect(await events.after("alice", cursor, 0, never)).toEqual({ kind: "unknownCursor" });
  });

  test("are told to nobody who asks without end", async () => {
    const world = new World(plainConfig({}, { questionsPerMinute: 1 }));
    const token = await sign(claims());
    expect((await listen(world, token, "wait=0")).status).toBe(200);
    expect((await listen(world, token, "wait=0")).status).toBe(429);
  });

  test("are told by an access token where ID tokens are exchanged, if the facade can read it", async () => {
    const identityProvider = { ...plainIdp(), subjectTokens: ["id_token"] };
    const world = new World(plainConfig({}, { identityProvider }));
    const statusOf = async (token: string): Promise<number> => (await listen(world, token, "wait=0")).status;
    expect(await statusOf(await sign(claims()))).toBe(200);
    // Such as Okta's own, which no one else can read. 401 would say that the session is over.
    expect(await statusOf("opaque")).toBe(501);
    expect(await statusOf(await sign(claims({ aud: "https://acme.okta.com" })))).toBe(501);
    await logout(world);
    expect(await statusOf(await sign(claims()))).toBe(401);
  });

  test("without a token, or with somebody else's, are nobody's", async () => {
    const world = listening();
    expect((await world.get("/events")).status).toBe(401);
    expect((await listen(world, await sign(claims({ azp: "lanyard-facade" })))).status).toBe(401);
    expect((await listen(world, "garbage")).headers.get("www-authenticate")).toContain("invalid_token");
  });
});
