import { describe, expect, it } from "vitest";
import { SessionCache } from "../../../../src/core/credentials/sessionCache.ts";
import { askOnce, sourcePorts } from "../../../support/asks.ts";
import { keycloakCase } from "../../../support/vaults/keycloak.ts";
import { json, serve, type Vault } from "../../../support/vaults/server.ts";

/** A realm whose provider rotates refresh tokens: a renewal that overlaps another ends the grant. */
const rotating = () => {
  const seen = { underWay: 0, asked: 0, isDead: false };
  const vault: Vault = async () => {
    seen.asked += 1;
    seen.underWay += 1;
    if (seen.underWay > 1) seen.isDead = true;
    await new Promise((resolve) => setTimeout(resolve, 5));
    seen.underWay -= 1;
    return seen.isDead
      ? json(502, { errorMessage: "Unable to refresh token" })
      : json(200, { access_token: "up" });
  };
  return { seen, vault };
};

describe("a stored token of a provider that rotates refresh tokens", () => {
  it("is asked for once at a time, by eight connectors in a window", async () => {
    const { seen, vault } = rotating();
    const { origin } = await serve(vault);
    const ports = sourcePorts();
    const entry = keycloakCase.entry({ origin, nowMs: 0 });
    const answers = await Promise.all(Array.from({ length: 8 }, () => askOnce(entry, ports)));
    expect(answers.map(({ grant }) => grant.kind)).toEqual(Array(8).fill("granted"));
    expect(seen).toEqual({ underWay: 0, asked: 8, isDead: false });
  });

  it("is asked for once at a time by several windows, under one name for each alias and session", async () => {
    const { seen, vault } = rotating();
    const { origin } = await serve(vault);
    const names = new Set<string>();
    let tail: Promise<unknown> = Promise.resolve();
    const keeper = (): SessionCache =>
      new SessionCache((name, work) => {
        names.add(name);
        const turn = tail.then(() => work({ holdFor: () => undefined }));
        tail = turn.catch(() => undefined);
        return turn;
      });
    const entry = keycloakCase.entry({ origin, nowMs: 0 });
    const windows = [1, 2, 3].map(() => sourcePorts({ keeper: keeper() }));
    const answers = await Promise.all(windows.map((ports) => askOnce(entry, ports)));
    expect(answers.map(({ grant }) => grant.kind)).toEqual(Array(3).fill("granted"));
    expect([seen.isDead, names.size]).toEqual([false, 1]);
  });

  it("does not wait for ever behind one who gave up, and asks nothing for one who did", async () => {
    const { seen, vault } = rotating();
    const { origin } = await serve(vault);
    const ports = sourcePorts();
    const entry = keycloakCase.entry({ origin, nowMs: 0 });
    const gone = new AbortController();
    const first = askOnce(entry, ports);
    const second = askOnce(entry, ports, { signal: gone.signal });
    const third = askOnce(entry, ports);
    gone.abort();
    await expect(second).rejects.toThrow();
    expect([(await first).grant.kind, (await third).grant.kind]).toEqual(["granted", "granted"]);
    expect(seen.asked).toBe(2);
  });
});

it.each([
  [400, "User [1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f9] is not associated with identity provider [github]."],
  [
    404,
    "No token stored for user [1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f9] with associated identity provider [x].",
  ],
  [400, "Something about user [1f2e3d4c-5b6a-4978-8695-a4b3c2d1e0f9] that nobody here knows."],
  [403, "Client [lanyard] not authorized to retrieve tokens from identity provider [github]."],
])("%i %j shows neither the person's id nor the client's fault", async (status, errorMessage) => {
  const { origin } = await serve(() => json(status, { errorMessage }));
  const { grant } = await askOnce(keycloakCase.entry({ origin, nowMs: 0 }), sourcePorts());
  expect(grant.kind).not.toBe("granted");
  expect(JSON.stringify(grant)).not.toMatch(/1f2e3d4c|Client \[/);
});
