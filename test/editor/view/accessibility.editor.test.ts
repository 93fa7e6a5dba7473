import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import axe, { type AxeResults, type NodeResult } from "axe-core";
import * as oauth from "openid-client";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { connectors } from "../../../demo/company.ts";
import type { Acme } from "../../../demo/demo.ts";
import { inRoot, shortTmp } from "../../../scripts/support/paths.ts";
import { failed } from "../../../src/core/identity/failures.ts";
import { resultPage } from "../../../src/core/identity/resultPage.ts";
import type { SignInFailure, SignInOutcome } from "../../../src/core/identity/session.ts";
import { systemClock } from "../../../src/node/clock.ts";
import { startLoopback } from "../../../src/node/loopback.ts";
import { discover, exchange, personOf, put, redirectUri, signIn, start } from "../../unit/demo/acme.ts";
import { launchChromium } from "../chromium.ts";
import { awaitedLater } from "../../support/awaitedLater.ts";

/** Every page of ours and of the demo's, in a real browser, light and dark, by axe's rules: WCAG 2.2 A, AA and good practice. */
let demo: Acme;
let browser: Browser;
let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(shortTmp, "lanyard-axe-"));
  [demo, browser] = await Promise.all([start(), launchChromium(home)]);
});
afterAll(async () => {
  await browser.close();
  await demo.close();
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
});

/** What axe finds wrong, each with its place. What it cannot decide counts as wrong: these pages are simple enough. */
const violations = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(axe.source);
  const { violations: wrong, incomplete, passes } = await page.evaluate<AxeResults>("axe.run(document)");
  expect(passes.length, "rules that were applied").toBeGreaterThan(5);
  return [...wrong, ...incomplete].flatMap(({ id, help, nodes }) =>
    nodes
      .filter((node) => !isOneSign(node))
      .map(({ target }) => `${page.url()} ${id}: ${help} (${target.join(" ")})`),
  );
};

/** Whether a text of one character is text or an ornament, axe leaves to people: ours are ornaments, hidden from readers. */
const isOneSign = ({ any, html }: NodeResult): boolean =>
  html.includes('aria-hidden="true"') && any.some(({ data }) => hasMessage.safeParse(data).success);
const hasMessage = z.object({ messageKey: z.enum(["shortTextContent", "nonBmp"]) });

const visitor = async (colorScheme: "light" | "dark"): Promise<BrowserContext> => {
  const context = await browser.newContext({ colorScheme, viewport: { width: 900, height: 900 } });
  context.setDefaultTimeout(30_000);
  return context;
};

const schemes = ["light", "dark"] as const;

describe.each(schemes)("the page after a sign-in, %s", (scheme) => {
  const failures: readonly SignInFailure[] = [
    ...(["cancelled", "denied", "timedOut", "wrongState", "wrongIssuer", "clockSkew"] as const),
    ...(["unreachable", "notPossibleHere", "stepUpUnmet", "storageFailed", "rejected"] as const),
  ];
  const session = {
    ...{ id: "id", issuer: "https://idp.example.com", clientId: "lanyard", subject: "alice" },
    ...{ accountLabel: "alice@acme.example", scopes: [], signedInAtMs: 0 },
  };
  const outcomes: readonly (SignInOutcome | undefined)[] = [
    undefined,
    { kind: "signedIn", session },
    ...failures.map((failure) => failed(failure, "https://idp.example.com", "Contractors only")),
  ];

  test("has no violations, whatever came of it", async () => {
    const template = await readFile(inRoot("media/sign-in-result.html"), "utf8");
    await using context = await visitor(scheme);
    const page = await context.newPage();
    for (const outcome of outcomes) {
      const receiver = await startLoopback({ clock: systemClock, page: resultPage({ template }) });
      if (receiver?.kind !== "loopback") throw new Error("No port of this machine can be opened.");
      const came = receiver.receive(new AbortController().signal);
      const loaded = awaitedLater(page.goto(`${receiver.redirectUri}?code=c&state=s`));
      await came;
      if (outcome !== undefined) receiver.conclude(outcome);
      await Promise.all([loaded, receiver.dispose()]);
      expect(await violations(page)).toEqual([]);
    }
  });
});

const authorizationUrl = async (parameters: Readonly<Record<string, string>> = {}): Promise<string> =>
  oauth.buildAuthorizationUrl(await discover(demo), {
    ...{ redirect_uri: redirectUri, scope: "openid profile", state: oauth.randomState() },
    code_challenge: await oauth.calculatePKCECodeChallenge(oauth.randomPKCECodeVerifier()),
    code_challenge_method: "S256",
    ...parameters,
  }).href;

const submit = async (page: Page, fields: Readonly<Record<string, string>>): Promise<void> => {
  for (const [name, value] of Object.entries(fields)) await page.fill(`[name=${name}]`, value);
  await page.click("main form [type=submit]");
};

describe.each(schemes)("the demo's identity provider, %s", (scheme) => {
  const titled = (page: Page, title: string): Promise<void> =>
    page.getByRole("heading", { level: 1, name: title }).waitFor();

  test("has no violations where a person signs in, mistypes, and confirms", async () => {
    await using context = await visitor(scheme);
    const page = await context.newPage();
    const alice = personOf(demo, "alice");
    await page.goto(await authorizationUrl({ acr_values: "urn:acme:acr:mfa" }));
    await titled(page, "Sign in");
    expect(await violations(page)).toEqual([]);
    await submit(page, { username: alice.username, password: "wrong" });
    await page.getByRole("alert").waitFor();
    expect(await violations(page)).toEqual([]);
    await submit(page, { password: alice.password });
    await titled(page, "Confirm it is you");
    expect(await violations(page)).toEqual([]);
    await submit(page, { otp: "000000" });
    await page.getByRole("alert").waitFor();
    expect(await violations(page)).toEqual([]);
  });

  test("has no violations where a person connects a device, and signs out", async () => {
    await using context = await visitor(scheme);
    const page = await context.newPage();
    const alice = personOf(demo, "alice");
    const configuration = await discover(demo);
    const device = await oauth.initiateDeviceAuthorization(configuration, { scope: "openid profile" });
    await page.goto(device.verification_uri);
    await titled(page, "Connect a device");
    expect(await violations(page)).toEqual([]);
    await submit(page, { user_code: "WRONG-CODE" });
    await page.getByRole("alert").waitFor();
    expect(await violations(page)).toEqual([]);
    await submit(page, { user_code: device.user_code });
    await titled(page, "Is this your device?");
    expect(await violations(page)).toEqual([]);
    await submit(page, {});
    await titled(page, "Sign in");
    await submit(page, { username: alice.username, password: alice.password });
    await titled(page, "Your device is signed in");
    expect(await violations(page)).toEqual([]);
    await page.goto(configuration.serverMetadata().end_session_endpoint ?? "");
    await titled(page, "Sign out?");
    expect(await violations(page)).toEqual([]);
    await submit(page, {});
    await titled(page, "You are signed out");
    expect(await violations(page)).toEqual([]);
  });

  test("has no violations where something is wrong", async () => {
    await using context = await visitor(scheme);
    const page = await context.newPage();
    await page.goto(await authorizationUrl({ client_id: "stranger" }));
    await titled(page, "That did not work");
    expect(await violations(page)).toEqual([]);
    await page.goto(`${demo.idp}/interaction/gone`);
    await titled(page, "This sign-in is over");
    expect(await violations(page)).toEqual([]);
  });
});

describe.each(schemes)("the demo's vault, phone and administrators, %s", (scheme) => {
  const addressOf = (body: Readonly<Record<string, unknown>>, name: string): string => {
    const url = body[name];
    if (typeof url !== "string") throw new Error(`No ${name} in ${JSON.stringify(body)}`);
    return url;
  };

  test("have no violations", async () => {
    await using context = await visitor(scheme);
    const page = await context.newPage();
    const { tokens } = await signIn(demo);
    const [crm = "", wiki = "", chat = "", desk = ""] = connectors.map(({ name }) => name);
    await put(demo, crm, { state: "step-up", method: "push" });
    await put(demo, wiki, { state: "needs-connection" });
    await put(demo, chat, { state: "step-up", method: "url" });
    await put(demo, desk, { state: "deny", reason: "Contractors may not" });
    const phone = await context.newPage();
    await phone.goto(`${demo.admin}/phone`);
    expect(await violations(phone)).toEqual([]);
    const [, connect, confirm, denied] = await Promise.all(
      [crm, wiki, chat, desk].map((name) => exchange(demo, tokens.access_token, name)),
    );
    // It looks again by itself, in the page that is open.
    await phone.getByRole("button", { name: "Approve" }).first().waitFor();
    expect(await violations(phone)).toEqual([]);
    await page.goto(demo.admin);
    expect(await violations(page)).toEqual([]);
    for (const answer of [connect, confirm]) {
      const url = addressOf(answer?.body ?? {}, "interaction_uri");
      await page.goto(url);
      expect(await violations(page)).toEqual([]);
      await submit(page, {});
      expect(await violations(page)).toEqual([]);
      await page.goto(url);
      expect(await violations(page)).toEqual([]);
    }
    await page.goto(addressOf(denied?.body ?? {}, "error_uri"));
    expect(await violations(page)).toEqual([]);
  });
});
