import { beforeEach, describe, expect, test } from "vitest";
import { sealBy } from "../src/core/connect/seal.ts";
import { Secret } from "../../src/core/secret.ts";
import { systemClock } from "../../src/node/clock.ts";
import { facadeUrl, type World } from "./support/world.ts";
import { Browser, notConnected, over, pageAt, wordsOf, worldOf } from "./support/connectWorld.ts";

let world: World;
beforeEach(() => {
  world = worldOf();
});

describe("what goes through the browser", () => {
  test("the cookie is of this host, over TLS, and no script's", async () => {
    const response = await world.app.request((await pageAt(world, "https://code")).replace(facadeUrl, ""));
    const [set] = response.headers.getSetCookie();
    expect(set).toMatch(
      /^__Host-lanyard-connect=[\w.-]+; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("referrer-policy")).toBe("no-referrer");
  });

  test("a page has no script, loads nothing, and stands in no frame", async () => {
    const response = await world.app.request("/connect?ticket=<script>alert(1)</script>");
    expect(response.headers.get("content-security-policy")).toMatch(
      /^default-src 'none'; style-src 'nonce-[\w-]+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    const text = await response.text();
    expect(text).not.toMatch(/<script|alert|src=|href=/);
    expect(text).toContain("light dark");
  });

  test("a ticket tells nothing, and one that is changed, of another facade, or for another stage is over", async () => {
    const page = await pageAt(world, "https://code");
    const ticket = new URL(page).searchParams.get("ticket") ?? "";
    expect(atob((ticket.split(".")[3] ?? "").replaceAll("-", "+").replaceAll("_", "/"))).not.toContain(
      "alice",
    );
    const content = { id: "i", target: "https://code", subject: "alice", memo: {} };
    const sealed = (
      url: string,
      secret: string,
      what: "ticket" | "vault",
      lifeMs = 60_000,
    ): Promise<string> =>
      sealBy({ url, secret: () => Promise.resolve(new Secret(secret)), clock: systemClock }).close(
        what,
        content,
        lifeMs,
      );
    const own = "canary-facade-secret-51aa";
    const bad = [
      ...["", "x", `${ticket.slice(0, -2)}AA`, ticket.replace(/\.[^.]*$/, ".")],
      ...[
        await sealed("https://other.example.com", own, "ticket"),
        await sealed(facadeUrl, "other", "ticket"),
      ],
      ...[await sealed(facadeUrl, own, "vault"), await sealed(facadeUrl, own, "ticket", -1000)],
    ];
    for (const each of bad) {
      const response = await world.app.request(`/connect?ticket=${encodeURIComponent(each)}`);
      expect(await wordsOf(response)).toEqual(over);
    }
    expect(
      (await world.app.request(`/connect?ticket=${await sealed(facadeUrl, own, "ticket")}`)).status,
    ).toBe(303);
    expect(world.faults).toEqual([]);
  });

  test.each<[string, unknown]>([
    ["another scheme", "javascript:alert(1)"],
    ["no TLS", "http://evil.example.com/"],
    ["a user name", "https://auth0.com@evil.example.com/"],
    ["no address", "evil"],
    ["nothing", undefined],
  ])("a vault's page with %s is not gone to", async (_, url) => {
    world.answer("https://api.workos.com/data-integrations/github/authorize", () => Response.json({ url }));
    const browser = new Browser(world, "alice");
    const response = await browser.open(await browser.signIn(await pageAt(world, "https://code")));
    expect([await wordsOf(response), response.headers.get("location")]).toEqual([notConnected, null]);
  });

  test("what does not fit into a cookie ends in words", async () => {
    const browser = new Browser(world, "alice");
    browser.accessToken = "x".repeat(4000);
    const redirect = await browser.signIn(await pageAt(world, "https://drive"));
    expect(await wordsOf(await browser.open(redirect))).toEqual(notConnected);
  });
});
