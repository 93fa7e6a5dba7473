import * as oauth from "openid-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Acme } from "../../../../demo/demo.ts";
import { Browserless } from "../../../support/browserless.ts";
import {
  connectorUrl,
  exchange,
  grantedSecret,
  personOf,
  put,
  restore,
  revoke,
  signIn,
  start,
  wireAnswer,
} from "../acme.ts";

let demo: Acme;
beforeAll(async () => {
  demo = await start();
});
afterAll(() => demo.close());

const get = async (path: string): Promise<unknown> => (await fetch(`${demo.admin}${path}`)).json();

describe("revoking a person", () => {
  it("ends tokens, credentials and the browser's session at once, and the door stays shut", async () => {
    const browser = new Browserless();
    const { config, tokens } = await signIn(demo, "bob", {}, browser);
    const secret = grantedSecret(await exchange(demo, tokens.access_token, "github"));

    expect((await revoke(demo, "bob")).body).toMatchObject({
      username: "bob",
      revoked: true,
      sessions: 0,
      refreshTokens: 0,
    });

    await expect(oauth.refreshTokenGrant(config, tokens.refresh_token ?? "")).rejects.toMatchObject({
      error: "invalid_grant",
    });
    await expect(oauth.fetchUserInfo(config, tokens.access_token, "bob")).rejects.toThrow();
    const asked = await exchange(demo, tokens.access_token, "github");
    expect(asked).toMatchObject({ status: 400, body: { error: "invalid_request" } });
    const called = await fetch(connectorUrl(demo, "github"), {
      method: "POST",
      headers: { authorization: `Bearer ${secret}` },
      body: "{}",
    });
    expect(called.status).toBe(401);
    await expect(signIn(demo, "bob", {}, browser)).rejects.toThrow("This account is closed");
  });

  it("is undone by restoring, which brings back no token", async () => {
    await revoke(demo, "bob");
    expect((await restore(demo, "bob")).body).toMatchObject({ revoked: false, refreshTokens: 0 });
    await expect(signIn(demo, "bob")).resolves.toBeDefined();
  });

  it("wakes whoever waits for an answer", async () => {
    const { tokens } = await signIn(demo);
    const held = exchange(demo, tokens.access_token, "notion", { prefer: "wait=20" });
    await expect
      .poll(async () => JSON.stringify(await get("/api/audit")))
      .toContain('"outcome":"needs-connection"');
    await revoke(demo, "alice");
    expect(await held).toMatchObject({ status: 400, body: { error: "invalid_request" } });
    await restore(demo, "alice");
  });

  it("knows no strangers", async () => {
    expect(await revoke(demo, "mallory")).toMatchObject({ status: 404 });
  });
});

describe("a policy", () => {
  it("steps up by push at Salesforce and by sign-in elsewhere, unless told otherwise", async () => {
    const states = await Promise.all([
      put(demo, "salesforce", { state: "step-up" }),
      put(demo, "linear", { state: "step-up" }),
      put(demo, "sentry", { state: "step-up", method: "url" }),
    ]);
    expect(states.map(({ body }) => body["method"])).toEqual(["push", "reauthenticate", "url"]);
  });

  it("is read as it was written", async () => {
    await put(demo, "linear", { state: "deny", reason: "Not this week." });
    expect(await get("/api/policies/linear")).toEqual({
      connector: "linear",
      state: "deny",
      method: "reauthenticate",
      reason: "Not this week.",
      connected: [],
    });
    expect(await get("/api/policies")).toHaveLength(8);
  });

  it.each([
    ["not JSON", "{"],
    ["an unknown state", JSON.stringify({ state: "maybe" })],
    ["an unknown key", JSON.stringify({ state: "allow", colour: "red" })],
    ["no object", "[]"],
  ])("refuses %s with a reason", async (_name, body) => {
    const answer = await wireAnswer(
      await fetch(`${demo.admin}/api/policies/linear`, { method: "PUT", body }),
    );
    expect(answer.status).toBe(400);
    expect(answer.body["error_description"]).toBeTypeOf("string");
  });

  it("is refused for a connector that does not exist", async () => {
    expect(await put(demo, "nothing", { state: "allow" })).toMatchObject({ status: 404 });
  });
});

describe("the administrators' listener", () => {
  const post = (headers: Readonly<Record<string, string>>): Promise<Response> =>
    fetch(`${demo.admin}/api/users/alice/restore`, { method: "POST", headers });

  it("refuses what another site sends", async () => {
    expect((await post({ origin: "https://evil.example" })).status).toBe(403);
    expect((await post({ origin: "null" })).status).toBe(403);
    expect((await post({ origin: demo.admin })).status).toBe(200);
    expect((await post({})).status).toBe(200);
  });

  it("answers unknown addresses and methods as such", async () => {
    expect((await fetch(`${demo.admin}/api/nothing`)).status).toBe(404);
    expect((await fetch(`${demo.admin}/api/users`, { method: "DELETE" })).status).toBe(405);
    expect((await fetch(`${demo.admin}/api/users/%zz/revoke`, { method: "POST" })).status).toBe(404);
  });

  it("refuses a body that is too large", async () => {
    const answer = await fetch(`${demo.admin}/api/policies/linear`, {
      method: "PUT",
      body: "x".repeat(70_000),
    });
    expect(answer.status).toBe(413);
  });
});

describe("the counters", () => {
  it("tell refreshes, exchanges and userinfo apart", async () => {
    const before = (await get("/api/stats")) as Readonly<Record<string, number>>;
    const { config, tokens } = await signIn(demo);
    const refreshed = await oauth.refreshTokenGrant(config, tokens.refresh_token ?? "");
    await oauth.fetchUserInfo(config, refreshed.access_token, "alice");
    await exchange(demo, refreshed.access_token, "github");
    await exchange(demo, refreshed.access_token, "github", {}, `${demo.vault}/token`);
    const after = (await get("/api/stats")) as Readonly<Record<string, number>>;
    const grown = (name: string): number => (after[name] ?? 0) - (before[name] ?? 0);
    expect([grown("refreshes"), grown("exchanges"), grown("userinfo")]).toEqual([1, 2, 1]);
    expect(after["tokenRequests"]).toMatchObject({ authorization_code: expect.any(Number) as unknown });
  });
});

describe("the pages", () => {
  it("show users, policies, approvals and the audit log", async () => {
    const text = await (await fetch(`${demo.admin}/`)).text();
    for (const heading of ["Users", "Policies", "Approvals that wait", "Audit, newest first"]) {
      expect(text).toContain(heading);
    }
  });

  it("put untrusted text in as text", async () => {
    await put(demo, "linear", { state: "deny", reason: '"><script>alert(1)</script>' });
    expect(await (await fetch(`${demo.admin}/`)).text()).not.toContain("<script>");
  });

  it("the phone lists a push, and its button approves it", async () => {
    await put(demo, "salesforce", { state: "step-up" });
    const { tokens } = await signIn(demo);
    const held = exchange(demo, tokens.access_token, "salesforce", { prefer: "wait=20" });
    const phone = async (): Promise<string> => (await fetch(demo.phone)).text();
    await expect.poll(phone).toContain("Salesforce: allow for alice");
    await new Browserless().visit(new URL(demo.phone), personOf(demo, "alice"));
    expect((await held).status).toBe(200);
    expect(await phone()).toContain("Nothing to approve");
  });
});
