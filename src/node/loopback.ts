import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import { untilAborted } from "../core/abort.ts";
import type { ResultPage } from "../core/identity/resultPage.ts";
import type { RedirectReceiver, SignInOutcome } from "../core/identity/session.ts";
import type { Disposable } from "../core/disposable.ts";
import type { Clock } from "../core/ports.ts";

export interface LoopbackOptions {
  readonly clock: Clock;
  readonly page: ResultPage;
  /** How long the browser waits for the outcome before it is told that the editor goes on with it. */
  readonly patienceMs?: number;
}

const path = "/callback";

/**
 * Receives the authorization response on an ephemeral port of 127.0.0.1 (RFC 8252, section 7.3): one redirect, by
 * GET, addressed to exactly this place.
 * @returns undefined when no port can be opened.
 */
export const startLoopback = async (options: LoopbackOptions): Promise<RedirectReceiver | undefined> => {
  const server = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 10_000, headersTimeout: 10_000 });
  server.maxConnections = 32;
  try {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  } catch {
    server.close();
    return undefined;
  }
  const address = server.address();
  if (address === null || typeof address === "string") {
    server.close();
    return undefined;
  }
  return new Loopback(server, `127.0.0.1:${address.port}`, options);
};

class Loopback implements RedirectReceiver {
  readonly kind = "loopback";
  readonly redirectUri: string;
  readonly #server: Server;
  readonly #host: string;
  readonly #options: LoopbackOptions;
  readonly #answer: Promise<URL>;
  #resolve: (url: URL) => void = () => undefined;
  #browser: { readonly response: ServerResponse; readonly patience: Disposable } | undefined;
  #delivered: Promise<void> = Promise.resolve();
  #hasCome = false;

  constructor(server: Server, host: string, options: LoopbackOptions) {
    this.#server = server;
    this.#host = host;
    this.#options = options;
    this.redirectUri = `http://${host}${path}`;
    this.#answer = new Promise((resolve) => (this.#resolve = resolve));
    server.on("request", (request: IncomingMessage, response: ServerResponse) =>
      this.#handle(request, response),
    );
    server.on("error", () => undefined);
  }

  receive(signal: AbortSignal): Promise<URL> {
    return untilAborted(this.#answer, signal);
  }

  conclude(outcome: SignInOutcome): void {
    this.#show(outcome);
  }

  /** Lets the page reach the browser, then closes every connection. */
  async dispose(): Promise<void> {
    this.#show(undefined);
    this.#server.close();
    await this.#delivered;
    this.#server.closeAllConnections();
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    const url = URL.parse(request.url ?? "", `http://${this.#host}`);
    const refusal = this.#refusalOf(request, url);
    if (url === null || refusal !== undefined) {
      refuse(response, refusal ?? 404);
      return;
    }
    this.#hasCome = true;
    this.#hold(response);
    this.#resolve(url);
  }

  /** The Host header is checked so that no page of another site reaches this by a name of its own (DNS rebinding). */
  #refusalOf(request: IncomingMessage, url: URL | null): keyof typeof refusals | undefined {
    if (request.headers.host !== this.#host || url?.host !== this.#host) return 421;
    if (url.pathname !== path) return 404;
    if (request.method !== "GET") return 405;
    return this.#hasCome ? 410 : undefined;
  }

  /** The browser waits, so that its page tells the true outcome. */
  #hold(response: ServerResponse): void {
    const { clock, patienceMs = 8000 } = this.#options;
    const patience = clock.after(patienceMs, () => this.#show(undefined));
    this.#browser = { response, patience };
    response.once("close", () => patience.dispose());
  }

  #show(outcome: SignInOutcome | undefined): void {
    const browser = this.#browser;
    if (browser === undefined) return;
    this.#browser = undefined;
    browser.patience.dispose();
    const nonce = randomBytes(16).toString("base64");
    const html = this.#options.page(outcome, nonce);
    const { response } = browser;
    response.writeHead(200, {
      ...commonHeaders,
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    });
    this.#delivered = sent(response, html, this.#options.clock);
  }
}

const commonHeaders = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  connection: "close",
};

/** Resolves when the browser has the reply, has gone, or takes too long. */
const sent = (response: ServerResponse, body: string, clock: Clock): Promise<void> =>
  new Promise((resolve) => {
    const tooLong = clock.after(1000, resolve);
    response.once("close", () => {
      tooLong.dispose();
      resolve();
    });
    response.end(body);
  });

const refusals = {
  404: "Nothing is here.",
  405: "Only GET is answered.",
  410: "This sign-in has had its answer. Go back to the editor.",
  421: "This address is not served here.",
} as const;

const refuse = (response: ServerResponse, status: keyof typeof refusals): void => {
  response.writeHead(status, {
    ...commonHeaders,
    "content-type": "text/plain; charset=utf-8",
    ...(status === 405 ? { allow: "GET" } : {}),
  });
  response.end(refusals[status]);
};
