import { beforeEach, describe, expect, test } from "vitest";
import { MemoryStore } from "../src/core/state/memoryStore.ts";
import { systemClock } from "../../src/node/clock.ts";
import { facadeUrl, issuer, refuses, type Over, type World } from "./support/world.ts";
import {
  auth0,
  Browser,
  broughtBack,
  elsewhere,
  metadata,
  notConnected,
  over,
  pageAt,
  wordsOf,
  worldOf,
} from "./support/connectWorld.ts";

let world: World;
beforeEach(() => {
  world = worldOf();
});

describe("connecting an account", () => {
  test("by Auth0: the sign-in is for its My Account API, and the facade ends it", async () => {
    const browser = new Browser(world, "alice");
    const page = await pageAt(world, "https://drive");
    expect(page.startsWith(`${facadeUrl}/connect?ticket=`)).toBe(true);
    const atIdp = new URL((await browser.open(page)).headers.get("location") ?? "");
    expect(Object.fromEntries(atIdp.searchParams)).toMatchObject({
      ...{ response_type: "code", client_id: "lanyard-facade", code_challenge_method: "S256" },
      ...{ audience: `${auth0}/me/`, scope: "openid create:me:connected_accounts" },
      redirect_uri: `${facadeUrl}/connect/signed-in`,
    });
    const sent = await browser.open(await browser.signIn(page));
    expect(sent.status).toBe(303);
    const back = broughtBack(world, sent.headers.get("location") ?? "");
    const [begun] = world.to("/connected-accounts/connect");
    expect(begun?.headers.get("authorization")).toBe("Bearer page-token");
    expect(JSON.parse(begun?.body ?? "")).toMatchObject({
      ...{ connection: "google-oauth2", scopes: ["files"], redirect_uri: `${facadeUrl}/connect/done` },
    });
    expect(await wordsOf(await browser.open(back))).toEqual([200, "Your account is connected"]);
    expect(JSON.parse(world.to("/complete")[0]?.body ?? "")).toMatchObject({
      ...{ auth_session: "session-9", connect_code: "cc", redirect_uri: `${facadeUrl}/connect/done` },
    });
    expect(world.audit.map(({ outcome }) => outcome)).toEqual(["connect", "begun", "connected"]);
  });

  test("by WorkOS, with the ids that the question had", async () => {
    const browser = new Browser(world, "alice");
    const sent = await browser.open(await browser.signIn(await pageAt(world, "https://code")));
    expect(sent.headers.get("location")).toBe(
      "https://api.workos.com/data-integrations/x/authorize-redirect",
    );
    expect(JSON.parse(world.to("/authorize")[0]?.body ?? "")).toEqual({
      ...{ user_id: "alice", return_to: `${facadeUrl}/connect/done` },
    });
    expect(await wordsOf(await browser.open(`${facadeUrl}/connect/done`))).toEqual([
      200,
      "Back to the editor",
    ]);
  });

  test("by Nango, of this integration alone, and again of a connection that is there", async () => {
    const browser = new Browser(world, "alice");
    const sent = await browser.open(await browser.signIn(await pageAt(world, "https://chat")));
    expect(sent.headers.get("location")).toBe("https://connect.nango.dev/?session_token=x");
    expect(JSON.parse(world.to("/connect/sessions")[0]?.body ?? "")).toEqual({
      ...{ end_user: { id: "alice" }, allowed_integrations: ["slack"] },
    });
  });

  test("a waiting question goes on at once", async () => {
    const browser = new Browser(world, "alice");
    const back = await browser.open(await browser.signIn(await pageAt(world, "https://code")));
    expect(back.status).toBe(303);
    const events = world.facade.state.events.after("alice", undefined, 5000, new AbortController().signal);
    await browser.open(`${facadeUrl}/connect/done`);
    expect(await events).toMatchObject({ events: [{ type: "connector-changed", connector: "code" }] });
  });
});

describe("a page is no use to anybody else", () => {
  test("who opens another person's gets words, and no vault is asked", async () => {
    const mallory = new Browser(world, "mallory");
    const page = await pageAt(world, "https://drive");
    expect(await wordsOf(await mallory.open(await mallory.signIn(page)))).toEqual([
      403,
      "This page is not for you",
    ]);
    expect(world.to("/connected-accounts/connect")).toEqual([]);
    expect(world.audit.at(-1)).toMatchObject({
      event: "connect",
      outcome: "another-person",
      subject: "alice",
    });
    // It is still good for whom it was made.
    const alice = new Browser(world, "alice");
    expect((await alice.open(await alice.signIn(page))).status).toBe(303);
  });

  test("a ticket is good once", async () => {
    const browser = new Browser(world, "alice");
    const page = await pageAt(world, "https://code");
    const [first, second] = [await browser.signIn(page), browser.cookie];
    expect((await browser.open(first)).status).toBe(303);
    browser.cookie = second;
    expect(await wordsOf(await browser.open(first))).toEqual(over);
    expect(await wordsOf(await browser.open(page))).toEqual(over);
  });

  test("an end is good once", async () => {
    const browser = new Browser(world, "alice");
    await browser.open(await browser.signIn(await pageAt(world, "https://code")));
    const { cookie } = browser;
    await browser.open(`${facadeUrl}/connect/done`);
    browser.cookie = cookie;
    expect(await wordsOf(await browser.open(`${facadeUrl}/connect/done`))).toEqual(over);
  });

  test("another browser cannot take the sign-in or the vault's answer over", async () => {
    const [alice, mallory] = [new Browser(world, "alice"), new Browser(world, "mallory")];
    const redirect = await alice.signIn(await pageAt(world, "https://drive"));
    expect(await wordsOf(await mallory.open(redirect))).toEqual(elsewhere);
    const back = broughtBack(world, (await alice.open(redirect)).headers.get("location") ?? "");
    expect(await wordsOf(await mallory.open(back))).toEqual(elsewhere);
    // The answer to Mallory's page of the vault, in a browser that is at the end of one of its own.
    const theirs = back.replace(/state=[^&]*/, "state=of-another-page");
    expect(await wordsOf(await alice.open(theirs))).toEqual(notConnected);
    expect(world.to("/complete")).toEqual([]);
  });

  test.each<[string, (redirect: string) => string]>([
    ["another state", (redirect) => redirect.replace(/state=.*/, "state=other")],
    ["no state", (redirect) => redirect.replace(/&state=.*/, "")],
    ["a refusal", (redirect) => redirect.replace("code=c", "error=access_denied")],
    ["nothing", (redirect) => redirect.replace(/\?.*/, "")],
  ])("%s signs nobody in", async (_, changed) => {
    const browser = new Browser(world, "alice");
    const redirect = await browser.signIn(await pageAt(world, "https://code"));
    expect(await wordsOf(await browser.open(changed(redirect)))).toEqual([400, "You are not signed in"]);
  });

  test.each([
    ["access_denied", "access_denied"],
    ["canary_secret_of_somebody", "refused"],
  ])("a refusal %s stands in the record as %s", async (error, reason) => {
    const browser = new Browser(world, "alice");
    const redirect = await browser.signIn(await pageAt(world, "https://code"));
    await browser.open(redirect.replace("code=c", `error=${error}`));
    expect(world.audit.at(-1)).toMatchObject({ outcome: "not-signed-in", reason });
  });

  test.each<[string, Over]>([
    ["for another client", { aud: "lanyard" }],
    ["of another issuer", { iss: "https://other.example.com" }],
    ["of another sign-in", { nonce: "other" }],
    ["that is over", { exp: 1 }],
  ])("an ID token %s signs nobody in", async (_, more) => {
    const browser = new Browser(world, "alice");
    const redirect = await browser.signIn(await pageAt(world, "https://code"), more);
    expect(await wordsOf(await browser.open(redirect))).toEqual([400, "You are not signed in"]);
  });
});

test("another instance ends what one has begun, and a ticket is used up at both", async () => {
  const store = new MemoryStore(systemClock);
  const [one, two] = [worldOf(), worldOf()];
  for (const { facade } of [one, two]) Object.assign(facade.connect, { store });
  world = one;
  const page = await pageAt(one, "https://drive");
  const first = new Browser(one, "alice");
  const redirect = await first.signIn(page);
  const second = new Browser(two, "alice");
  second.cookie = first.cookie;
  two.answers.set(
    `${issuer}/protocol/openid-connect/token`,
    one.answers.get(`${issuer}/protocol/openid-connect/token`) ?? (() => Response.error()),
  );
  expect((await second.open(redirect)).status).toBe(303);
  world = two;
  const back = broughtBack(world, `${auth0}/connected-accounts/start?ticket=t-1`);
  first.cookie = second.cookie;
  expect(await wordsOf(await first.open(back))).toEqual([200, "Your account is connected"]);
  expect(await wordsOf(await new Browser(one, "alice").open(page))).toEqual(over);
});

test.each<[string, number, string]>([
  ["is not allowed", 403, "My Account API does not take"],
  ["is asked too often", 429, "does not answer now"],
  ["is down", 503, "does not answer now"],
  ["refuses", 400, "has refused"],
])("a facade that %s at Auth0 says so", async (_, status, reason) => {
  world.answer(`${auth0}/me/v1/connected-accounts/connect`, () => refuses(status, { title: "<b>x</b>" }));
  const browser = new Browser(world, "alice");
  const response = await browser.open(await browser.signIn(await pageAt(world, "https://drive")));
  const text = await response.text();
  expect(text).toContain(reason);
  expect(text).not.toContain("<b>");
  expect(world.audit.at(-1)).toMatchObject({ event: "connect", outcome: "failed" });
});

test("without an identity provider there is no page", async () => {
  const page = await pageAt(world, "https://code");
  const other = worldOf();
  other.answers.delete(metadata);
  expect(await wordsOf(await new Browser(other, "alice").open(page))).toEqual([
    503,
    "Your account is not connected",
  ]);
});
