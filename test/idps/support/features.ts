import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import * as z from "zod";
import type { ActiveSession, SignInOutcome } from "../../../src/core/identity/session.ts";
import { english } from "../../../src/core/text.ts";
import { launchChromium } from "../../editor/chromium.ts";
import { never, Person } from "./person.ts";
import type { Stranger } from "./stranger.ts";
import { keepSightings } from "./table.ts";

const metadataShape = z.looseObject({
  userinfo_endpoint: z.url(),
  pushed_authorization_request_endpoint: z.url().optional(),
  device_authorization_endpoint: z.url().optional(),
  dpop_signing_alg_values_supported: z.array(z.string()).optional(),
});

const said = (outcome: SignInOutcome): string =>
  outcome.kind === "failed"
    ? `${outcome.failure}: ${english(outcome.template, ...outcome.args)} ${outcome.detail ?? ""}`
    : outcome.kind;

/** Every feature of a sign-in, in the order in which one provider lives through them; the last one ends it. */
export const featuresOf = (name: string, start: () => Promise<Stranger>): void => {
  describe.skipIf(inject("missing").includes(name))(name, () => {
    const seen = new Map<string, string>();
    let stranger: Stranger;
    let browser: Browser;
    let person: Person;
    let metadata: z.infer<typeof metadataShape>;

    beforeAll(async () => {
      [stranger, browser] = await Promise.all([start(), launchChromium("/tmp")]);
      person = await Person.with(browser);
      const issuer = stranger.issuer.replace(/\/$/, "");
      const response = await fetch(`${issuer}/.well-known/openid-configuration`);
      metadata = metadataShape.parse(await response.json());
    });
    afterAll(async () => {
      await keepSightings(stranger.name, seen);
      await person[Symbol.asyncDispose]();
      await browser.close();
      await stranger[Symbol.asyncDispose]();
    });

    const active = async (of: Person = person): Promise<ActiveSession> => {
      const answer = await of.identity.fresh(stranger.need, { signal: never });
      if (answer.kind !== "active") throw new Error(answer.kind);
      return answer.session;
    };
    /** By the provider itself. */
    const isAccepted = async (token: string): Promise<boolean> => {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(metadata.userinfo_endpoint, { headers })).ok;
    };

    test("a sign-in comes back to the one redirect that is registered", async () => {
      const { outcome, page } = await person.signIn(stranger.need, (page) => stranger.logIn(page));
      expect(said(outcome)).toBe("signedIn");
      expect(page).toContain("You are signed in");
      seen.set("sign-in", stranger.need.redirectUri.replace(/:\d+\//, ":PORT/"));
    });

    test("its access token is accepted", async () => {
      expect(await isAccepted((await active()).accessToken.reveal())).toBe(true);
      seen.set("token accepted", "yes");
    });

    test("pushed requests are used where they are offered", () => {
      const offered = metadata.pushed_authorization_request_endpoint;
      const pushed = person.sent.filter(
        ({ path }) => offered !== undefined && path === new URL(offered).pathname,
      );
      expect(pushed.length > 0).toBe(offered !== undefined);
      seen.set("PAR", offered === undefined ? "not offered" : "used");
    });

    test("the session is renewed twice, each time with a token that is accepted", async () => {
      const tokens = new Set<string>();
      for (let turn = 0; turn < 3; turn += 1) {
        const { accessToken } = await active();
        tokens.add(accessToken.reveal());
        if (turn === 2) break;
        const answer = await person.identity.fresh(stranger.need, { signal: never, refused: accessToken });
        expect(answer.kind).toBe("active");
        // Who refuses a token that was just renewed is not renewed for at once.
        person.passTime(61_000);
      }
      expect(tokens.size).toBe(3);
      expect(await isAccepted([...tokens].at(-1) ?? "")).toBe(true);
      seen.set("two refreshes", "yes");
    });

    test("tokens are bound to a key where that is offered", async () => {
      const isOffered = metadata.dpop_signing_alg_values_supported?.includes("ES256") === true;
      await using bound = await Person.with(browser, { senderConstrained: () => true });
      const { outcome } = await bound.signIn(stranger.need, (page) => stranger.logIn(page));
      expect(said(outcome)).toBe("signedIn");
      const session = await active(bound);
      expect(session.senderConstrained === true).toBe(isOffered);
      const renewed = await bound.identity.fresh(stranger.need, {
        signal: never,
        refused: session.accessToken,
      });
      expect(renewed.kind).toBe("active");
      expect(bound.sent.some(({ isProved }) => isProved)).toBe(isOffered);
      seen.set("DPoP", isOffered ? "sign-in and refresh" : "not offered");
    });

    test("a sign-in by code works where it is offered, and is refused in words where not", async () => {
      await using elsewhere = await Person.with(browser);
      const outcome = await elsewhere.signInByCode(stranger.need, async (page) => {
        await stranger.approveCode?.(page);
      });
      const isOffered = metadata.device_authorization_endpoint !== undefined;
      expect(said(outcome)).toMatch(
        isOffered ? /^signedIn$/ : /^notPossibleHere: .*offers no sign-in by code/,
      );
      if (isOffered) expect(await isAccepted((await active(elsewhere)).accessToken.reveal())).toBe(true);
      seen.set("device flow", isOffered ? "yes" : "not offered");
    });

    test("a client that it does not know is no sign-in", async () => {
      await using other = await Person.with(browser);
      const end = new AbortController();
      const { outcome, page } = await other.signIn(
        { ...stranger.need, clientId: "nobody" },
        async (page) => {
          await page.waitForLoadState();
          // Only the person sees what stands there: they end it.
          end.abort();
        },
        end.signal,
      );
      expect(said(outcome)).toMatch(/^(unknownClient|requestRefused|cancelled)/);
      seen.set(
        "wrong client",
        said(outcome).startsWith("cancelled") ? "in the browser alone" : (said(outcome).split(":")[0] ?? ""),
      );
      expect(page).not.toContain("You are signed in");
    });

    test("a sign-in that the person gives up leaves nothing", async () => {
      await using other = await Person.with(browser);
      const end = new AbortController();
      const { outcome } = await other.signIn(
        stranger.need,
        (page) => {
          end.abort();
          return page.waitForLoadState();
        },
        end.signal,
      );
      expect(outcome).toMatchObject({ kind: "failed", failure: "cancelled" });
      expect(await other.identity.list()).toEqual([]);
      await expect(fetch(stranger.need.redirectUri)).rejects.toThrow();
      seen.set("cancelled", "nothing left");
    });

    test("a sign-out is told to it where it listens", async () => {
      const session = await active();
      const outcome = await person.identity.signOut(session.id);
      if (outcome.kind !== "signedOut") throw new Error(outcome.kind);
      const lives = await isAccepted(session.accessToken.reveal());
      expect(outcome.revoked && lives).toBe(false);
      expect((await person.identity.fresh(stranger.need, { signal: never })).kind).toBe("signedOut");
      seen.set("sign-out", outcome.revoked ? "tokens revoked" : "told: tokens live on");
    });

    test("while it is down a session stays, and a sign-in says so", async () => {
      const { outcome } = await person.signIn(stranger.need, async (page) => {
        if (!page.url().startsWith(stranger.need.redirectUri)) await logInIfAsked(page);
      });
      expect(said(outcome)).toBe("signedIn");
      const { accessToken } = await active();
      await stranger.halt();
      const answer = await person.identity.fresh(stranger.need, { signal: never, refused: accessToken });
      expect(answer.kind).toBe("unavailable");
      expect(await person.identity.list()).toHaveLength(1);
      await using other = await Person.with(browser);
      const again = await other.signIn(stranger.need, () => Promise.resolve());
      expect(again.outcome).toMatchObject({ kind: "failed", failure: "unreachable" });
      seen.set("stopped", "session stays, sign-in says so");
    });

    /** The browser may still be signed in there, and come back by itself. */
    const logInIfAsked = async (page: Page): Promise<void> => {
      const form = page.locator("[name=password]").first();
      const back = page.getByText("You are signed in");
      if (/login\.html/.test(page.url())) return stranger.logIn(page);
      await form.or(back).first().waitFor();
      if (await form.isVisible()) await stranger.logIn(page);
    };
  });
};
