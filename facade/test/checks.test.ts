import { expect, test } from "vitest";
import { systemClock } from "../../src/node/clock.ts";
import { Secret } from "../../src/core/secret.ts";
import { checkFacade } from "../src/core/checks.ts";
import { worldOf } from "./support/connectWorld.ts";
import { configOf, issuer, plainConfig, plainIdp, refuses, World, type Over } from "./support/world.ts";

const endpoint = "https://signals.example.com/poll";
const place = { variable: "X" };
const polling = {
  sharedSignals: {
    ...{ issuer: "https://signals.example.com", jwksUri: `${issuer}/keys`, audience: "facade" },
    poll: { endpoint, authorization: place },
  },
};
const nango = {
  vaults: { nango: { adapter: "nango", secretKey: place } },
  targets: { x: { vault: "nango", ask: { integration: "x" } } },
};
const random = "a-secret-that-nobody-can-guess";

/** What fails, by its place and reason. */
const failures = async (
  over: Over,
  prepare: (world: World) => void,
  secret = random,
): Promise<readonly string[]> => {
  const world = new World();
  world.answer(`${issuer}/protocol/openid-connect/introspect`, () => Response.json({ active: false }));
  world.vault(() => refuses(400, { error: "invalid_request", error_description: "Invalid token" }));
  world.answer(endpoint, () => Response.json({ sets: {} }));
  prepare(world);
  const ports = { fetch: world.fetch, clock: systemClock, secret: () => Promise.resolve(new Secret(secret)) };
  const failed: string[] = [];
  for await (const { ok, text } of checkFacade(configOf({ ...plainConfig(), ...over }), ports))
    if (!ok) failed.push(text);
  for (const { body, headers } of world.reached)
    expect([body, headers.get("authorization") ?? ""].join()).not.toContain("alice");
  return failed;
};
const nothing = (): void => undefined;
const refusing =
  (status: number, body: Over = {}) =>
  (world: World) =>
    world.vault(() => refuses(status, body));

test.each<[string, Over, (world: World) => void, string, readonly string[]]>([
  ["nothing", polling, nothing, random, []],
  [
    "a vault that refuses the facade",
    {},
    refusing(401, { error: "unauthorized_client" }),
    random,
    ["vaults.keycloak: Keycloak refuses the facade's secret."],
  ],
  ["a vault that is down", {}, refusing(503), random, ["vaults.keycloak: The vault does not answer now."]],
  ["a vault with other words for nobody", {}, refusing(400, { error: "teapot" }), random, []],
  [
    "a transmitter that refuses",
    polling,
    (world) => world.answer(endpoint, () => refuses(401, {})),
    random,
    ["sharedSignals.poll: the transmitter answers 401."],
  ],
  [
    "a secret that can be guessed, where tickets are sealed by it",
    nango,
    nothing,
    "hunter2",
    ["identityProvider.clientSecret: it can be guessed. Take a random one of at least 24 characters."],
  ],
  ["a short secret where there are no tickets", {}, nothing, "hunter2", []],
  [
    "an identity provider that does not know the facade",
    {},
    (world) => world.answer(`${issuer}/protocol/openid-connect/introspect`, () => refuses(401, {})),
    random,
    ["identityProvider.clientId: the identity provider does not take lanyard-facade with this secret."],
  ],
  [
    "an issuer that is spelt otherwise",
    { identityProvider: { ...plainIdp(), issuer: `${issuer}/` } },
    nothing,
    random,
    [`identityProvider.issuer: no metadata of ${issuer}/ can be read. Spell it as the metadata does.`],
  ],
])("the check tells of %s", async (_, over, prepare, secret, expected) => {
  const failed = await failures(over, prepare, secret);
  // The page to sign in at is not part of what this identity provider says of itself.
  expect(failed.filter((text) => !text.includes("has no page to sign in at"))).toEqual(expected);
});

test("the check tells which addresses connect pages need", async () => {
  const world = worldOf();
  const ports = {
    ...{ fetch: world.fetch, clock: systemClock },
    secret: () => Promise.resolve(new Secret(random)),
  };
  const said: string[] = [];
  for await (const { ok, text } of checkFacade(world.facade.config, ports)) if (ok) said.push(text);
  expect(said.filter((text) => text.includes("/connect/"))).toEqual([
    "vaults.auth0: people sign in by lanyard-facade, whose redirect has to be https://vault.example.com/connect/signed-in",
    "vaults.auth0: its own page has to lead back to https://vault.example.com/connect/done",
    "vaults.workos: people sign in by lanyard-facade, whose redirect has to be https://vault.example.com/connect/signed-in",
    "vaults.nango: people sign in by lanyard-facade, whose redirect has to be https://vault.example.com/connect/signed-in",
  ]);
});
