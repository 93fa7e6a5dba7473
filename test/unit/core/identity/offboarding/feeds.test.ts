import { afterEach, describe, expect, it } from "vitest";
import type { Fetch } from "../../../../../src/core/ports.ts";
import { Feeds, type Feed, type FeedsParts } from "../../../../../src/core/identity/offboarding/feeds.ts";
import type { ActiveSession, SourceAnswer } from "../../../../../src/core/identity/session.ts";
import { Secret } from "../../../../../src/core/secret.ts";
import { systemClock } from "../../../../../src/node/clock.ts";
import { fakeClock, recordingLog } from "../../../../support/ports.ts";
import { administrator, company, needAt, signedIn, userOf, type EditorWindow } from "../harness.ts";

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const open: Feeds[] = [];
afterEach(() => {
  for (const feeds of open.splice(0)) feeds.dispose();
});

const feed: Feed = {
  issuer: "https://idp.example.com",
  clientId: "lanyard",
  url: "https://vault.example.com/events?team=a",
};

const session: ActiveSession = {
  ...{ id: "s", issuer: feed.issuer, clientId: "lanyard", subject: "alice", accountLabel: "alice" },
  ...{ scopes: [], signedInAtMs: 0, accessToken: new Secret("token-1") },
};

interface Told {
  readonly suspicions: number;
  readonly changed: readonly string[];
  readonly sent: readonly { readonly url: string; readonly headers: Headers; readonly atMs: number }[];
}

/** Feeds over a facade that answers as the test says, at a clock that the test moves. */
const listening = (
  answer: (poll: number) => Response | Promise<Response>,
  parts: Partial<FeedsParts> = {},
): Told & { readonly feeds: Feeds; readonly pass: (seconds: number) => Promise<void> } => {
  const clock = fakeClock(0);
  const told = { suspicions: 0, changed: [] as string[], sent: [] as Told["sent"][number][] };
  const fetch: Fetch = async (url, init) => {
    told.sent.push({ url, headers: new Headers(init?.headers), atMs: clock.now() });
    const aborted = new Promise<never>((_resolve, reject) => {
      init?.signal?.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
    });
    return Promise.race([Promise.resolve(answer(told.sent.length)), aborted]);
  };
  const feeds = new Feeds({
    identity: {
      fresh: (): Promise<SourceAnswer> => Promise.resolve({ kind: "active", session }),
      signer: () => undefined,
    },
    ...{ clock, fetch, log: recordingLog(), random: () => 1 },
    onSuspicion: () => (told.suspicions += 1),
    onConnectorChanged: (_feed, connector) => told.changed.push(connector),
    ...parts,
  });
  open.push(feeds);
  const pass = async (seconds: number): Promise<void> => {
    await settle();
    for (let left = seconds; left > 0; left -= 0.5) {
      clock.advance(Math.min(0.5, left) * 1000);
      await settle();
    }
  };
  return Object.assign(told, { feeds, pass });
};

const events = (cursor: unknown, ...list: readonly object[]): Response =>
  Response.json({ events: list, cursor });
const nothingYet = new Promise<Response>(() => undefined);
const secondsOf = (told: Told): readonly number[] => told.sent.map(({ atMs }) => atMs / 1000);

describe("listening to a facade's events", () => {
  it("asks with the token, says how long it waits, and gives the cursor back", async () => {
    const told = listening((poll) => (poll === 1 ? events(17, { type: "unknown" }) : nothingYet));
    told.feeds.follow([feed]);
    await told.pass(2);
    expect(told.sent.map(({ url }) => url)).toEqual([
      "https://vault.example.com/events?team=a&wait=0",
      "https://vault.example.com/events?team=a&wait=30&after=17",
    ]);
    expect(told.sent[0]?.headers.get("authorization")).toBe("Bearer token-1");
    expect(told.sent[0]?.headers.get("traceparent")).toMatch(/^00-[0-9a-f]{32}-/);
  });

  it("has the session checked once when it begins: what was before is not told", async () => {
    const told = listening((poll) => (poll === 1 ? events(1) : nothingYet));
    told.feeds.follow([feed]);
    await told.pass(30);
    expect([told.suspicions, told.sent.length]).toEqual([1, 2]);
  });

  it("suspects the session's end when it is told of it, and names connectors once each", async () => {
    const changed = { type: "connector-changed", connector: "slack" };
    const answers = [events("a"), events("b", changed, { type: "session-revoked" }, changed)];
    const told = listening((poll) => answers[poll - 1] ?? nothingYet);
    told.feeds.follow([feed]);
    await told.pass(1);
    expect([told.suspicions, told.changed]).toEqual([2, ["slack"]]);
  });

  it.each([401, 403])(
    "suspects the session's end when its token is refused (%d), ever more rarely",
    async (status) => {
      const told = listening(() => new Response(null, { status }));
      told.feeds.follow([feed]);
      await told.pass(200);
      expect(secondsOf(told)).toEqual([0, 1, 3, 7, 15, 31, 63, 123, 183]);
      expect(told.suspicions).toBe(9);
    },
  );

  it.each<[string, () => Response | Promise<Response>]>([
    ["500", () => new Response(null, { status: 500 })],
    ["no network", () => Promise.reject(new Error("ECONNREFUSED"))],
    ["something that is no feed", () => Response.json({ hello: "world" })],
    [
      "a redirect",
      () => new Response(null, { status: 302, headers: { location: "https://evil.example.com" } }),
    ],
  ])("suspects nothing when the answer is %s", async (_what, answer) => {
    const told = listening(answer);
    told.feeds.follow([feed]);
    await told.pass(31);
    expect([told.suspicions, secondsOf(told)]).toEqual([0, [0, 1, 3, 7, 15, 31]]);
  });

  it("waits as long as it is told to, and long where there are no events", async () => {
    const busy = listening(() => new Response(null, { status: 503, headers: { "retry-after": "90" } }));
    busy.feeds.follow([feed]);
    await busy.pass(100);
    expect(secondsOf(busy)).toEqual([0, 90]);
    const absent = listening(() => new Response(null, { status: 404 }));
    absent.feeds.follow([feed]);
    await absent.pass(599);
    expect(absent.sent).toHaveLength(1);
  });

  it("does not hurry a facade that holds no poll", async () => {
    const told = listening(() => events(1));
    told.feeds.follow([feed]);
    await told.pass(16);
    expect(secondsOf(told)).toEqual([0, 0.5, 5.5, 10.5, 15.5]);
  });

  it("begins anew with a cursor that is not known any more, and suspects what it may have missed", async () => {
    const answers = [events(5), new Response(null, { status: 410 }), events(1)];
    const told = listening((poll) => answers[poll - 1] ?? nothingYet);
    told.feeds.follow([feed]);
    await told.pass(3);
    expect(told.sent.map(({ url }) => new URL(url).searchParams.get("after"))).toEqual([
      null,
      "5",
      null,
      "1",
    ]);
    expect(told.suspicions).toBe(2);
  });

  it("ends when nobody is signed in, and when nobody wants it any more", async () => {
    const over = listening(() => nothingYet, {
      identity: {
        fresh: () => Promise.resolve({ kind: "signedOut", cause: "revoked" }),
        signer: () => undefined,
      },
    });
    over.feeds.follow([feed]);
    await over.pass(1);
    expect([over.feeds.size, over.sent.length]).toEqual([0, 0]);
    const held = listening(() => nothingYet);
    held.feeds.follow([feed]);
    await held.pass(1);
    held.feeds.follow([]);
    await held.pass(120);
    expect([held.feeds.size, held.sent.length, held.suspicions]).toEqual([0, 1, 0]);
  });
});

describe("the demo's vault", () => {
  const { demo, open: openWindow } = company();

  /** Listens, and resolves once it has a place to begin: `heard` is the next suspicion. */
  const hears = async (editor: EditorWindow): Promise<{ readonly heard: Promise<void> }> => {
    await signedIn(editor, needAt(demo()), userOf(demo()));
    const suspicions: (() => void)[] = [];
    const next = (): Promise<void> => new Promise((resolve) => suspicions.push(resolve));
    const [begun, heard] = [next(), next()];
    const feeds = new Feeds({
      ...{ identity: editor.identity, clock: systemClock, log: editor.log, random: Math.random },
      fetch: editor.wire.fetch,
      onSuspicion: () => suspicions.shift()?.(),
      onConnectorChanged: () => undefined,
    });
    open.push(feeds);
    feeds.follow([{ issuer: demo().idp, clientId: "lanyard", url: `${demo().vault}/events` }]);
    await begun;
    return { heard };
  };

  it.each([
    ["a bearer token", false],
    ["a token that is bound to a key", true],
  ])("tells that alice was revoked, asked with %s", async (_what, bound) => {
    const editor = openWindow({}, { senderConstrained: () => bound });
    const { heard } = await hears(editor);
    await administrator(demo(), "revoke");
    try {
      await heard;
      const polls = editor.wire.sent.filter(({ path }) => path === "/events");
      expect(polls[0]?.headers.get("authorization")).toMatch(bound ? /^DPoP / : /^Bearer /);
      expect(polls[0]?.headers.has("dpop")).toBe(bound);
    } finally {
      await administrator(demo(), "restore");
    }
  });
});
