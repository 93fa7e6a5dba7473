import { describe, expect, it } from "vitest";
import { destinationsOf } from "../../../../src/core/credentials/querySource.ts";
import { registry } from "../../../../src/core/credentials/registry.ts";
import { askOnce, connectorWith, idToken, plain, sourcePorts, userToken } from "../../../support/asks.ts";
import type { Scene, SourceCase } from "../../../support/vaults/case.ts";
import { sourceCases } from "../../../support/vaults/cases.ts";
import { serve, type RunningVault, type Vault } from "../../../support/vaults/server.ts";

const credential = "credential-of-alice";

interface Run {
  readonly scene: Scene;
  readonly vault: RunningVault;
  readonly ports: ReturnType<typeof sourcePorts>;
  readonly entry: object;
}

const prepare = async (source: SourceCase, vault: Vault): Promise<Run> => {
  const running = await serve(vault);
  const clockStart = sourcePorts().clock.now();
  const scene = { origin: running.origin, nowMs: clockStart };
  return { scene, vault: running, ports: sourcePorts(source.ports?.(scene)), entry: source.entry(scene) };
};

it("has a test case for every row of the registry but the team script", () => {
  const rows = registry.map((row) => row.config.shape.source.value).filter((name) => name !== "script");
  expect(sourceCases.map(({ source }) => source)).toEqual(rows);
});

it("names everyone whom a team's own declaration asks, for approvals", () => {
  const at = (host: string): object => ({ url: `https://${host}.example.com/{connector}` });
  const entry = {
    ...{ source: "custom", request: at("vault") },
    connect: { request: at("connect"), url: "/url" },
    deferred: { request: at("later") },
  };
  expect(destinationsOf(connectorWith(entry)).map((url) => new URL(url).host)).toEqual([
    "vault.example.com",
    "connect.example.com",
    "later.example.com",
  ]);
});

describe.each(sourceCases)("$source", (source) => {
  it("hands out the credential in its headers", async () => {
    const { ports, entry, scene } = await prepare(source, source.granting(credential));
    const { grant, answeredBy } = await askOnce(entry, ports);
    expect(plain(grant)).toMatchObject({ kind: "granted", headers: source.headers(credential) });
    expect(answeredBy).toBe(new URL(scene.origin).host);
    expect(ports.clock.pending).toBe(0);
  });

  it.each(source.answers)("understands: $answer", async (row) => {
    const { ports, entry, scene } = await prepare(source, row.vault);
    const { grant } = await askOnce({ ...entry, ...row.entry?.(scene) }, ports);
    expect(plain(grant)).toMatchObject(row.means(scene));
    if (grant.kind === "misconfigured") {
      expect(grant.issues).toMatchObject([
        { severity: "error", connector: "salesforce", place: { line: 1 } },
      ]);
    }
  });

  it("carries the question's trace and asks for JSON, and keeps tokens out of URLs", async () => {
    const { ports, entry, vault } = await prepare(source, source.granting(credential));
    await askOnce(entry, ports);
    expect(vault.requests.length).toBeGreaterThan(0);
    for (const request of vault.requests) {
      expect(request.headers["traceparent"]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
      expect(request.headers["accept"]).toBe("application/json");
      expect(`${request.path}?${request.query.toString()}`).not.toMatch(/canary/);
    }
  });

  it("asks only those whom an approval names", async () => {
    const { ports, entry, vault, scene } = await prepare(source, source.granting(credential));
    await askOnce(entry, ports);
    const destinations = destinationsOf(connectorWith(entry));
    expect(destinations.length).toBeGreaterThan(0);
    expect(vault.requests.length).toBeGreaterThan(0);
    if (source.ports === undefined) {
      expect(destinations.every((url) => url.startsWith(`${scene.origin}/`) || url === scene.origin)).toBe(
        true,
      );
    }
  });

  it("does not follow a redirect", async () => {
    const elsewhere = await serve(source.granting(credential));
    const redirecting: Vault = () => ({ status: 307, headers: { location: `${elsewhere.origin}/token` } });
    const { ports, entry } = await prepare(source, redirecting);
    const { grant } = await askOnce(entry, ports);
    expect(grant.kind).toBe("misconfigured");
    expect(elsewhere.requests).toEqual([]);
  });

  it("refuses a reply of more than 1 MiB", async () => {
    const big = JSON.stringify({ access_token: credential, filler: "x".repeat(1024 * 1024) });
    const { ports, entry } = await prepare(source, () => ({ status: 200, text: big }));
    expect((await askOnce(entry, ports)).grant.kind).toBe("misconfigured");
  });

  it("gives up on a reply after 10 seconds", async () => {
    const never: Vault = () => new Promise(() => undefined);
    const { ports, entry, vault } = await prepare(source, never);
    const arrival = vault.arrival();
    const asked = askOnce(entry, ports);
    await arrival;
    ports.clock.advance(9_999);
    expect(ports.clock.pending).toBe(1);
    ports.clock.advance(1);
    expect((await asked).grant).toMatchObject({ kind: "unavailable", retryAtMs: ports.clock.now() + 5000 });
    expect(ports.clock.pending).toBe(0);
  });

  it("is unavailable when nobody listens", async () => {
    const { ports, entry } = await prepare(source, source.granting(credential));
    const refused = { ...ports, fetch: () => Promise.reject(new TypeError("fetch failed")) };
    expect((await askOnce(entry, refused)).grant.kind).toBe("unavailable");
  });

  it.each([
    ["a line break", "a\r\nX-Injected: 1"],
    ["a zero byte", "a\u0000b"],
    ["letters beyond ASCII", "päss"],
    ["a line end in it", "a\nb"],
  ])("never hands out a credential with %s", async (_what, odd) => {
    const { ports, entry } = await prepare(source, source.granting(odd));
    expect((await askOnce(entry, ports)).grant.kind).toBe("misconfigured");
  });

  it.each(["a ", " a", "a\n", "a\r\n", "\t a \n\n", "\uFEFFa", '"a"', "'a'\n"])(
    "hands out the credential without what came with it: %j",
    async (odd) => {
      const { ports, entry } = await prepare(source, source.granting(odd));
      const { grant } = await askOnce(entry, ports);
      expect(plain(grant)).toMatchObject({ kind: "granted", headers: source.headers("a") });
    },
  );

  // Not every vault says when a credential ends.
  const { expired } = source;
  if (expired !== undefined)
    it("never hands out a credential that is over", async () => {
      const scene = { origin: "", nowMs: sourcePorts().clock.now() };
      const { ports, entry } = await prepare(source, expired(scene));
      expect((await askOnce(entry, ports)).grant.kind).toBe("misconfigured");
    });

  it("takes the user's tokens out of what the vault says", async () => {
    const echo = `No access for ${userToken} ${idToken}.`;
    const body = {
      error: "access_denied",
      error_description: echo,
      errorMessage: echo,
      errorDescription: echo,
      errors: [echo],
    };
    const { ports, entry } = await prepare(source, () => ({ status: 403, json: body }));
    const { grant } = await askOnce(entry, ports);
    expect(grant.kind).not.toBe("granted");
    expect(JSON.stringify(grant)).toContain("No access for [secret] [secret]");
  });

  it("ends when the asker gives up", async () => {
    const never: Vault = () => new Promise(() => undefined);
    const { ports, entry, vault } = await prepare(source, never);
    const arrival = vault.arrival();
    const end = new AbortController();
    const asked = askOnce(entry, ports, { signal: end.signal });
    await arrival;
    end.abort();
    await expect(asked).rejects.toMatchObject({ code: "cancelled" });
    expect(ports.clock.pending).toBe(0);
  });
});
