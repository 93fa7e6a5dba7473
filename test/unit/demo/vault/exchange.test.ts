import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Acme } from "../../../../demo/demo.ts";
import { Browserless } from "../../../support/browserless.ts";
import { approvals, exchange, personOf, put, signIn, start, wireAnswer } from "../acme.ts";

let demo: Acme;
let token: string;
beforeAll(async () => {
  demo = await start();
  token = (await signIn(demo)).tokens.access_token;
});
afterAll(() => demo.close());

const trace = "0af7651916cd43dd8448eb211c80319c";
const traceparent = `00-${trace}-b7ad6b7169203331-01`;

describe("token exchange, out of the box for alice", () => {
  it.each(["salesforce", "github", "linear", "sentry", "platform"])("%s is ready", async (connector) => {
    const { status, headers, body } = await exchange(demo, token, connector);
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(body).toEqual({
      access_token: expect.stringMatching(new RegExp(`^acme_${connector}_`)) as unknown,
      issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
      token_type: "Bearer",
      expires_in: 300,
    });
  });

  it("notion wants her account, and is ready once she has connected it", async () => {
    const before = await exchange(demo, token, "notion");
    expect(before.status).toBe(400);
    expect(before.body).toMatchObject({
      error: "interaction_required",
      error_description: expect.any(String) as unknown,
      interaction_uri: expect.stringMatching(new RegExp(`^${demo.vault}/`)) as unknown,
      interval: 1,
      expires_in: 600,
    });
    const page = new URL(String(before.body["interaction_uri"]));
    const shown = await (await fetch(page)).text();
    expect(shown).toContain("Connect Notion as alice");
    const done = await new Browserless().visit(page, personOf(demo, "alice"));
    expect(done).toHaveProperty("text", expect.stringContaining("You can go back to the editor"));
    const after = await exchange(demo, token, "notion");
    expect(after.status).toBe(200);
  });

  it("slack is denied, with a reason to read and a page to open", async () => {
    const { status, body } = await exchange(demo, token, "slack");
    expect(status).toBe(400);
    expect(body).toEqual({
      error: "access_denied",
      error_description: "Slack is open to the support team only. Ask the Acme IT desk to add you.",
      error_uri: `${demo.vault}/help/slack`,
      denied_by: "policy",
    });
    expect((await fetch(String(body["error_uri"]))).status).toBe(200);
  });

  it("slack is open to bob, who is in the support team", async () => {
    const { tokens } = await signIn(demo, "bob");
    expect((await exchange(demo, tokens.access_token, "slack")).status).toBe(200);
  });

  it("pagerduty wants a second factor, and is ready after one", async () => {
    const before = await exchange(demo, token, "pagerduty");
    expect(before.status).toBe(400);
    expect(before.body).toEqual({
      error: "insufficient_user_authentication",
      error_description: "Sign in again with a second factor.",
      acr_values: "urn:acme:acr:mfa",
      max_age: 300,
    });
    const stronger = await signIn(demo, "alice", { acr_values: "urn:acme:acr:mfa", max_age: "300" });
    expect((await exchange(demo, stronger.tokens.access_token, "pagerduty")).status).toBe(200);
  });
});

describe("token exchange, refused", () => {
  it("names the subject token when it is dead", async () => {
    const { status, body } = await exchange(demo, "made-up", "github");
    expect(status).toBe(400);
    expect(body["error"]).toBe("invalid_request");
    expect(body["error_description"]).toContain("subject_token");
  });

  it("knows no other targets", async () => {
    const { status, body } = await exchange(demo, token, "http://127.0.0.1:1/other");
    expect(status).toBe(400);
    expect(body["error"]).toBe("invalid_target");
  });

  it("is 503 with Retry-After while the vault is down", async () => {
    await put(demo, "linear", { state: "down" });
    const { status, headers, body } = await exchange(demo, token, "linear");
    expect(status).toBe(503);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    expect(body["error"]).toBe("temporarily_unavailable");
  });

  it("at the vault's own address answers the same", async () => {
    const { status, body } = await exchange(demo, token, "slack", {}, `${demo.vault}/token`);
    expect(status).toBe(400);
    expect(body["error"]).toBe("access_denied");
  });
});

describe("a push", () => {
  it("is pending until the phone approves it; whoever holds the line hears at once", async () => {
    await put(demo, "salesforce", { state: "step-up" });
    const pending = await exchange(demo, token, "salesforce", { traceparent });
    expect(pending.body).toMatchObject({ error: "authorization_pending", interval: 1, expires_in: 120 });
    const [approval] = await approvals(demo);
    expect(approval).toMatchObject({ user: "alice", bindingMessage: pending.body["binding_message"] });

    const held = exchange(demo, token, "salesforce", { prefer: "wait=20" });
    await fetch(`${demo.admin}/api/approvals/${approval?.id ?? ""}/approve`, { method: "POST" });
    expect((await held).status).toBe(200);
    expect(await approvals(demo)).toEqual([]);
  });

  it("rejected is a denial by the person", async () => {
    await put(demo, "salesforce", { state: "step-up" });
    const held = exchange(demo, token, "salesforce", { prefer: "wait=20" });
    const approval = await expect
      .poll(() => approvals(demo))
      .toHaveLength(1)
      .then(() => approvals(demo));
    await fetch(`${demo.admin}/api/approvals/${approval[0]?.id ?? ""}/reject`, { method: "POST" });
    expect((await held).body).toMatchObject({ error: "access_denied", denied_by: "user" });
  });

  it("is not sent to whoever only looks, and shown to them once it is", async () => {
    await put(demo, "salesforce", { state: "step-up" });
    const look = { prefer: "no-push" };
    const unsent = await exchange(demo, token, "salesforce", look);
    expect(unsent).toMatchObject({ status: 400, body: { error: "authorization_pending", unsent: true } });
    expect(await approvals(demo)).toEqual([]);
    await exchange(demo, token, "salesforce");
    expect(await approvals(demo)).toHaveLength(1);
    const seen = await exchange(demo, token, "salesforce", { prefer: "wait=0.1, no-push" });
    expect(seen.body["unsent"]).toBeUndefined();
    expect(await approvals(demo)).toHaveLength(1);
  });

  it("asked about too often is slow_down", async () => {
    await put(demo, "salesforce", { state: "step-up" });
    await exchange(demo, token, "salesforce");
    const again = await exchange(demo, token, "salesforce");
    expect(again).toMatchObject({ status: 400, body: { error: "slow_down" } });
  });

  it("is given up when the time that the caller would wait is over", async () => {
    await put(demo, "salesforce", { state: "step-up" });
    const held = await exchange(demo, token, "salesforce", { prefer: "wait=1" });
    expect(held.body["error"]).toBe("authorization_pending");
  });

  it("leaves its trace in the audit log", async () => {
    const audit = await wireAnswer(await fetch(`${demo.admin}/api/audit`));
    expect(audit.body).toContainEqual(
      expect.objectContaining({ user: "alice", connector: "salesforce", outcome: "push", traceId: trace }),
    );
  });
});
