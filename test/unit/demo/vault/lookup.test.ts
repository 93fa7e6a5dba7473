import * as oauth from "openid-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Acme } from "../../../../demo/demo.ts";
import { put, signIn, start, type WireAnswer, wireAnswer } from "../acme.ts";

let demo: Acme;
let token: string;
beforeAll(async () => {
  demo = await start({ credentialSeconds: 60 });
  token = (await signIn(demo)).tokens.access_token;
});
afterAll(() => demo.close());

const lookUp = async (connector: string, authorization = `Bearer ${token}`): Promise<WireAnswer> =>
  wireAnswer(await fetch(`${demo.vault}/v1/lookup/${connector}`, { headers: { authorization } }));

describe("the vault's look-up", () => {
  it("gives the credential and how long it lives", async () => {
    const { status, body } = await lookUp("github");
    expect(status).toBe(200);
    expect(body).toEqual({ credential: expect.stringMatching(/^acme_github_/) as unknown, expires_in: 60 });
  });

  it("calls it an API key where that is what is asked for", async () => {
    const headers = { authorization: `Bearer ${token}` };
    const { body } = await wireAnswer(await fetch(`${demo.vault}/v1/keys/linear`, { headers }));
    expect(body).toEqual({ api_key: expect.stringMatching(/^acme_linear_/) as unknown, expires_in: 60 });
  });

  it.each([
    [{ connector: "platform" }, 200],
    [{ connector: "nothing" }, 404],
    [{}, 404],
  ])("checks %o out by POST: %i", async (asked, status) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const request = { method: "POST", headers, body: JSON.stringify(asked) };
    expect((await fetch(`${demo.vault}/v1/checkout`, request)).status).toBe(status);
  });

  it.each([
    ["notion", 403, "interaction_required"],
    ["slack", 403, "access_denied"],
    ["pagerduty", 401, "insufficient_user_authentication"],
    ["nothing", 404, "invalid_target"],
  ])("%s: %i %s", async (connector, status, error) => {
    expect(await lookUp(connector)).toMatchObject({ status, body: { error } });
  });

  it("is 503 while it is down", async () => {
    await put(demo, "github", { state: "down", reason: "Back at noon." });
    const answer = await lookUp("github");
    expect(answer).toMatchObject({ status: 503, body: { error_description: "Back at noon." } });
  });

  it.each(["", "Bearer made-up", "Basic YTpi"])('refuses the authorization "%s"', async (authorization) => {
    const answer = await lookUp("github", authorization);
    expect(answer).toMatchObject({ status: 401, body: { error: "invalid_token" } });
    expect(answer.headers.get("www-authenticate")).toContain('error="invalid_token"');
  });

  it("by url: names the page to confirm on", async () => {
    await put(demo, "linear", { state: "step-up", method: "url" });
    const answer = await lookUp("linear");
    expect(answer).toMatchObject({ status: 403, body: { error: "insufficient_user_authentication" } });
    const page = await fetch(String(answer.body["interaction_uri"]), { method: "POST" });
    expect(await page.text()).toContain("You can go back to the editor");
    expect((await lookUp("linear")).status).toBe(200);
  });

  it("takes a token that is bound to a key only with a proof of that key (RFC 9449)", async () => {
    const { config, tokens } = await signIn(demo);
    const handle = oauth.getDPoPHandle(config, await oauth.randomDPoPKeyPair());
    const bound = await oauth.refreshTokenGrant(config, tokens.refresh_token ?? "", {}, { DPoP: handle });
    const address = new URL(`${demo.vault}/v1/lookup/sentry`);
    const proven = await oauth.fetchProtectedResource(
      config,
      bound.access_token,
      address,
      "GET",
      undefined,
      undefined,
      { DPoP: handle },
    );
    expect(proven.status).toBe(200);
    expect((await lookUp("sentry", `Bearer ${bound.access_token}`)).status).toBe(401);
    expect((await lookUp("sentry", `DPoP ${bound.access_token}`)).status).toBe(401);
  });
});
