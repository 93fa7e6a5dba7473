import * as oauth from "openid-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Acme } from "../../../demo/demo.ts";
import { Browserless } from "../../support/browserless.ts";
import { discover, exchange, personOf, redirectUri, signIn, start } from "./acme.ts";

let demo: Acme;
beforeAll(async () => {
  demo = await start();
});
afterAll(() => demo.close());

describe("signing in at Acme", () => {
  it("gives an opaque access token of five minutes, a refresh token, and who it was", async () => {
    const { tokens } = await signIn(demo);
    expect(tokens.access_token).not.toContain(".");
    expect(tokens.expires_in).toBe(300);
    expect(tokens.refresh_token).toBeTypeOf("string");
    expect(tokens.claims()).toMatchObject({
      iss: demo.idp,
      sub: "alice",
      preferred_username: "alice",
      email: "alice@acme.example",
      acr: "urn:acme:acr:pwd",
      auth_time: expect.any(Number) as unknown,
    });
  });

  it("answers userinfo", async () => {
    const { config, tokens } = await signIn(demo, "bob");
    const claims = await oauth.fetchUserInfo(config, tokens.access_token, "bob");
    expect(claims).toMatchObject({ sub: "bob", name: "Bob Brown" });
  });

  it("asks for the one-time code alone when a password session exists and MFA is wanted", async () => {
    const browser = new Browserless();
    const first = await signIn(demo, "alice", {}, browser);
    const second = await signIn(demo, "alice", { acr_values: "urn:acme:acr:mfa", max_age: "300" }, browser);
    expect(browser.filledIn).toEqual(["username", "password", "otp"]);
    expect(first.tokens.claims()?.["acr"]).toBe("urn:acme:acr:pwd");
    expect(second.tokens.claims()?.["acr"]).toBe("urn:acme:acr:mfa");
  });

  it("asks for both factors of whoever comes without a session", async () => {
    const { tokens, browser } = await signIn(demo, "alice", { acr_values: "urn:acme:acr:mfa" });
    expect(browser.filledIn).toEqual(["username", "password", "otp"]);
    expect(tokens.claims()?.["acr"]).toBe("urn:acme:acr:mfa");
  });

  it("asks for no second factor when the session has one, and for everything when it is too old", async () => {
    const browser = new Browserless();
    const mfa = { acr_values: "urn:acme:acr:mfa" };
    await signIn(demo, "alice", mfa, browser);
    await signIn(demo, "alice", { ...mfa, max_age: "300" }, browser);
    expect(browser.filledIn).toHaveLength(3);
    await signIn(demo, "alice", { ...mfa, max_age: "0" }, browser);
    expect(browser.filledIn.slice(3)).toEqual(["username", "password", "otp"]);
  });

  it("remembers how and when across refreshes, for the vault to decide by", async () => {
    const { config, tokens } = await signIn(demo, "alice", { acr_values: "urn:acme:acr:mfa" });
    const refreshed = await oauth.refreshTokenGrant(config, tokens.refresh_token ?? "");
    const again = await oauth.refreshTokenGrant(config, refreshed.refresh_token ?? "");
    expect(again.claims()?.["auth_time"]).toBe(tokens.claims()?.["auth_time"]);
    expect((await exchange(demo, again.access_token, "pagerduty")).status).toBe(200);
  });

  it("gives the company's consent where offline access is wanted, and asks for it", async () => {
    const { tokens } = await signIn(demo, "alice", { scope: "openid offline_access", prompt: "consent" });
    expect(tokens.scope?.split(" ")).toEqual(expect.arrayContaining(["openid", "offline_access"]));
    expect(tokens.refresh_token).toBeTypeOf("string");
  });

  it("lets another person take over the browser", async () => {
    const browser = new Browserless();
    await signIn(demo, "alice", {}, browser);
    const { tokens } = await signIn(demo, "bob", { prompt: "login" }, browser);
    expect(tokens.claims()?.sub).toBe("bob");
  });

  it("tells the client when the person cancels", async () => {
    const config = await discover(demo);
    const url = oauth.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: "openid",
      code_challenge: await oauth.calculatePKCECodeChallenge(oauth.randomPKCECodeVerifier()),
      code_challenge_method: "S256",
    });
    const browser = new Browserless();
    const wrong = await browser.visit(url, { ...personOf(demo, "alice"), password: "wrong" });
    const cancel = new URL(`${wrong.url.pathname}/cancel`, wrong.url);
    const arrival = await browser.visit(cancel, personOf(demo, "alice"));
    expect(arrival.kind).toBe("redirect");
    expect(arrival.url.searchParams.get("error")).toBe("access_denied");
    expect(arrival.url.searchParams.get("iss")).toBe(demo.idp);
  });

  it("demands PKCE", async () => {
    const config = await discover(demo);
    const url = oauth.buildAuthorizationUrl(config, { redirect_uri: redirectUri, scope: "openid" });
    const arrival = await new Browserless().visit(url, personOf(demo, "alice"));
    expect(arrival.url.searchParams.get("error")).toBe("invalid_request");
  });

  it("sends nobody to an address that Lanyard has not registered", async () => {
    const config = await discover(demo);
    const url = oauth.buildAuthorizationUrl(config, {
      redirect_uri: "https://evil.example/callback",
      scope: "openid",
      code_challenge: await oauth.calculatePKCECodeChallenge(oauth.randomPKCECodeVerifier()),
      code_challenge_method: "S256",
    });
    const arrival = await new Browserless().visit(url, personOf(demo, "alice"));
    expect(arrival).toMatchObject({ kind: "page", status: 400 });
  });

  it("answers an address that it does not know with a plain 404", async () => {
    expect((await fetch(`${demo.idp}/favicon.ico`)).status).toBe(404);
  });

  it("keeps the username and says what is wrong after a wrong password", async () => {
    const config = await discover(demo);
    const url = oauth.buildAuthorizationUrl(config, {
      redirect_uri: "http://127.0.0.1:1/callback",
      scope: "openid",
      code_challenge: await oauth.calculatePKCECodeChallenge(oauth.randomPKCECodeVerifier()),
      code_challenge_method: "S256",
    });
    const arrival = await new Browserless().visit(url, { ...personOf(demo, "alice"), password: "wrong" });
    expect(arrival).toMatchObject({ kind: "page", status: 401 });
    expect(arrival).toHaveProperty("text", expect.stringContaining('value="alice"'));
    expect(arrival).toHaveProperty("text", expect.stringContaining("The username or the password is wrong."));
  });

  it("rotates refresh tokens, and ends the sign-in when a used one comes back", async () => {
    const { config, tokens } = await signIn(demo);
    const refreshed = await oauth.refreshTokenGrant(config, tokens.refresh_token ?? "");
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token);
    await expect(oauth.refreshTokenGrant(config, tokens.refresh_token ?? "")).rejects.toMatchObject({
      error: "invalid_grant",
    });
    await expect(oauth.refreshTokenGrant(config, refreshed.refresh_token ?? "")).rejects.toMatchObject({
      error: "invalid_grant",
    });
  });

  it("lets the editors of one person sign out one by one", async () => {
    const browser = new Browserless();
    const first = await signIn(demo, "alice", {}, browser);
    const second = await signIn(demo, "alice", {}, browser);
    await oauth.tokenRevocation(first.config, first.tokens.refresh_token ?? "");
    await expect(oauth.fetchUserInfo(first.config, first.tokens.access_token, "alice")).rejects.toThrow();
    await expect(
      oauth.fetchUserInfo(second.config, second.tokens.access_token, "alice"),
    ).resolves.toMatchObject({ sub: "alice" });
  });

  it("names the issuer in the response (RFC 9207) and offers what Lanyard wants", async () => {
    const config = await discover(demo);
    expect(config.serverMetadata()).toMatchObject({
      issuer: demo.idp,
      authorization_response_iss_parameter_supported: true,
      acr_values_supported: ["urn:acme:acr:pwd", "urn:acme:acr:mfa"],
      code_challenge_methods_supported: ["S256"],
      device_authorization_endpoint: expect.stringContaining(demo.idp) as unknown,
      pushed_authorization_request_endpoint: expect.stringContaining(demo.idp) as unknown,
      revocation_endpoint: expect.stringContaining(demo.idp) as unknown,
      dpop_signing_alg_values_supported: expect.arrayContaining(["ES256"]) as unknown,
    });
  });

  it("works through a pushed authorization request (RFC 9126)", async () => {
    const config = await discover(demo);
    const verifier = oauth.randomPKCECodeVerifier();
    const url = await oauth.buildAuthorizationUrlWithPAR(config, {
      redirect_uri: "http://127.0.0.1:1/callback",
      scope: "openid",
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
    });
    const arrival = await new Browserless().visit(url, personOf(demo, "alice"));
    expect(arrival).toMatchObject({ kind: "redirect" });
  });

  it("signs a device in by its code (RFC 8628)", async () => {
    const config = await discover(demo);
    const device = await oauth.initiateDeviceAuthorization(config, { scope: "openid profile" });
    const page = new URL(device.verification_uri_complete ?? "");
    const arrival = await new Browserless().visit(page, personOf(demo, "alice"));
    expect(arrival).toHaveProperty("text", expect.stringContaining("Your device is signed in"));
    const tokens = await oauth.pollDeviceAuthorizationGrant(config, { ...device, interval: 1 });
    expect(tokens.claims()).toMatchObject({ sub: "alice", acr: "urn:acme:acr:pwd" });
  });

  it("binds tokens to the client's key where it proves one (RFC 9449)", async () => {
    const config = await discover(demo);
    const { tokens } = await signIn(demo);
    const handle = oauth.getDPoPHandle(config, await oauth.randomDPoPKeyPair());
    const bound = await oauth.refreshTokenGrant(config, tokens.refresh_token ?? "", {}, { DPoP: handle });
    expect(bound.token_type).toBe("dpop");
    const claims = await oauth.fetchUserInfo(config, bound.access_token, "alice", { DPoP: handle });
    expect(claims.sub).toBe("alice");
    expect((await exchange(demo, bound.access_token, "github")).body["error"]).toBe("invalid_request");
    const proven = await oauth.genericGrantRequest(
      config,
      "urn:ietf:params:oauth:grant-type:token-exchange",
      {
        subject_token: bound.access_token,
        subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
        audience: "github",
      },
      { DPoP: handle },
    );
    expect(proven.access_token).toMatch(/^acme_github_/);
  });
});
