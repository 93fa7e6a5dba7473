import { readFileSync } from "node:fs";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { resultPage } from "../../../src/core/identity/resultPage.ts";
import { createIdentityService, type WholeIdentity } from "../../../src/core/identity/service.ts";
import type { IdentityOptions } from "../../../src/core/identity/context.ts";
import type { SignInOutcome, SignInPorts, SignInRequest } from "../../../src/core/identity/session.ts";
import { systemClock } from "../../../src/node/clock.ts";
import { startLoopback } from "../../../src/node/loopback.ts";
import { memoryMemory, memorySecrets, recordingLog } from "../../support/ports.ts";

const template = readFileSync(new URL("../../../media/sign-in-result.html", import.meta.url), "utf8");

export const never = new AbortController().signal;

/** What Lanyard's side of a sign-in asked of the network. */
export interface Sent {
  readonly path: string;
  readonly status: number;
  readonly isProved: boolean;
}

/** One person with a browser of their own, before an identity service that has nothing but real ports. */
export class Person implements AsyncDisposable {
  readonly identity: WholeIdentity;
  readonly sent: Sent[] = [];
  readonly #context: BrowserContext;
  #aheadMs = 0;

  private constructor(context: BrowserContext, options: Partial<IdentityOptions>) {
    this.#context = context;
    this.identity = createIdentityService(
      {
        clock: { ...systemClock, now: () => Date.now() + this.#aheadMs },
        ...{ secrets: memorySecrets(), memory: memoryMemory(), log: recordingLog() },
        fetch: async (url, init) => {
          const response = await fetch(url, init);
          const isProved = new Headers(init?.headers).has("dpop");
          this.sent.push({ path: new URL(url).pathname, status: response.status, isProved });
          return response;
        },
      },
      options,
    );
  }

  static async with(browser: Browser, options: Partial<IdentityOptions> = {}): Promise<Person> {
    return new Person(await browser.newContext(), options);
  }

  /** For Lanyard's side it is so much later. */
  passTime(ms: number): void {
    this.#aheadMs += ms;
  }

  /** Signs in by the browser; `act` is what the person does in the page. @returns with what the last page says. */
  async signIn(
    request: SignInRequest,
    act: (page: Page) => Promise<void>,
    signal: AbortSignal = never,
  ): Promise<{ readonly outcome: SignInOutcome; readonly page: string }> {
    let browsing: Promise<string> = Promise.resolve("");
    const outcome = await this.identity.signIn(
      request,
      this.#ports(request, (url) => {
        browsing = this.#browse(url, act);
        browsing.catch(() => undefined);
      }),
      signal,
    );
    return { outcome, page: await browsing };
  }

  /** Signs in by a code. */
  async signInByCode(request: SignInRequest, act: (page: Page) => Promise<void>): Promise<SignInOutcome> {
    const ports = this.#ports(request, () => undefined);
    return this.identity.signIn(
      request,
      {
        ...ports,
        receivers: [],
        showDeviceCode: (code) => {
          this.#browse(code.verificationUriComplete ?? code.verificationUri, act).catch(() => undefined);
          return { dispose: () => undefined };
        },
      },
      AbortSignal.timeout(90_000),
    );
  }

  async #browse(url: string, act: (page: Page) => Promise<void>): Promise<string> {
    const page = await this.#context.newPage();
    await page.goto(url);
    await act(page);
    await page.waitForLoadState();
    return page.locator("body").innerText();
  }

  #ports({ redirectUri }: SignInRequest, open: (url: string) => void): SignInPorts {
    const page = resultPage({ template });
    const more = redirectUri === undefined ? {} : { redirectUri };
    return {
      receivers: [() => startLoopback({ clock: systemClock, page, ...more })],
      openBrowser: (url) => {
        open(url);
        return Promise.resolve(true);
      },
      showDeviceCode: () => {
        throw new Error("No code is expected here.");
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.identity.dispose();
    await this.#context.close();
  }
}
