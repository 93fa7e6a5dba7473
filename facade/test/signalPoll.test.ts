import { expect, test } from "vitest";
import * as z from "zod";
import { systemClock } from "../../src/node/clock.ts";
import { pollSignals } from "../src/core/signalPoll.ts";
import {
  claims,
  clientSecret,
  forge,
  grants,
  issuer,
  seconds,
  sign,
  signalsConfig,
  transmitter,
  World,
} from "./support/world.ts";

const endpoint = `${transmitter}/poll`;
const question = z.object({
  ack: z.array(z.string()),
  setErrs: z.record(z.string(), z.object({ err: z.string() })),
});

const polling = (): World => {
  const world = new World(signalsConfig({ poll: { endpoint, authorization: { variable: "X" } } }));
  world.vault(() => grants());
  return world;
};
const revoked = {
  ...{ iss: transmitter, aud: "facade", jti: "one", iat: seconds() },
  sub_id: { format: "iss_sub", iss: issuer, sub: "alice" },
  events: { "https://schemas.openid.net/secevent/caep/event-type/session-revoked": {} },
};

test("polled events end sessions, and are acknowledged or refused with the next question", async () => {
  const world = polling();
  const sets = {
    one: await sign(revoked, { typ: "secevent+jwt" }),
    two: await forge({ ...revoked, jti: "two" }),
  };
  const end = new AbortController();
  const told: z.output<typeof question>[] = [];
  world.answer(endpoint, ({ body, headers }) => {
    expect(headers.get("authorization")).toBe(clientSecret);
    told.push(question.parse(JSON.parse(body)));
    if (told.length === 2) end.abort();
    return Response.json({ sets: told.length === 1 ? sets : {} });
  });
  await pollSignals(() => world.facade, { fetch: world.fetch, clock: systemClock }, end.signal);
  expect(told).toEqual([
    { ack: [], setErrs: {} },
    { ack: ["one"], setErrs: { two: { err: "invalid_key" } } },
  ]);
  expect((await world.ask(await sign(claims()))).body["error"]).toBe("invalid_request");
});

test("a transmitter that fails is asked again, with what it was not told yet", async () => {
  const world = polling();
  const end = new AbortController();
  let asked = 0;
  world.answer(endpoint, () => {
    asked += 1;
    if (asked === 2) end.abort();
    return new Response("down", { status: 503 });
  });
  const clock = { ...systemClock, after: soon };
  await pollSignals(() => world.facade, { fetch: world.fetch, clock }, end.signal);
  expect(asked).toBe(2);
  // Once, however often it fails.
  const failures = world.audit.filter(({ event }) => event === "signals-poll");
  expect(failures).toMatchObject([{ outcome: "fails", reason: "The transmitter answers 503." }]);
  expect(world.facade.state.metrics.text(0)).toContain("lanyard_facade_signals_poll_fails 1");
});

test.each<[string, () => Response | Promise<Response>, string]>([
  ["is not there", () => Promise.reject(new TypeError("fetch failed")), "network"],
  ["talks nonsense", () => Response.json({ sets: 1 }), "cannot be read"],
  ["talks no JSON", () => new Response("<html>"), "SyntaxError"],
])("a transmitter that %s is told, and so is that it works again", async (_, ill, reason) => {
  const world = polling();
  const end = new AbortController();
  let asked = 0;
  world.answer(endpoint, () => {
    asked += 1;
    if (asked === 3) end.abort();
    return asked === 1 ? ill() : Response.json({ sets: {} });
  });
  const clock = { ...systemClock, after: soon };
  await pollSignals(() => world.facade, { fetch: world.fetch, clock }, end.signal);
  const told = world.audit.filter(({ event }) => event === "signals-poll");
  expect(told.map(({ outcome }) => outcome)).toEqual(["fails", "works"]);
  expect(told[0]?.reason).toContain(reason);
  expect(world.facade.state.metrics.text(0)).toContain("lanyard_facade_signals_poll_fails 0");
});

/** Pauses are short, and the limit of a request is what it is. */
const soon = (ms: number, run: () => void): ReturnType<typeof systemClock.after> =>
  systemClock.after(ms > 60_000 ? ms : 0, run);
