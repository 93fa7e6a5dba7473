import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { untilAborted } from "../core/abort.ts";
import type { Disposable } from "../core/disposable.ts";
import {
  defaultRedirect,
  parseLoopbackRedirect,
  redirectAt,
  type LoopbackRedirect,
} from "../core/identity/redirect.ts";
import type { ResultPage } from "../core/identity/resultPage.ts";
import type { RedirectReceiver, RedirectTaken, SignInOutcome } from "../core/identity/session.ts";
import type { Clock } from "../core/ports.ts";
import { plainText } from "../core/text.ts";
import { portHolder, signInHeader } from "./portHolder.ts";

export interface LoopbackOptions {
  readonly clock: Clock;
  readonly page: ResultPage;
  /** The redirect that is registered; any free port of 127.0.0.1 when left out. */
  readonly redirectUri?: string;
  /** How long the browser waits for the outcome before it is told that the editor goes on with it. */
  readonly patienceMs?: number;
}

/** With an open port it is tried again where one address family has the port and the other has not. */
const mostTries = 5;

/**
 * Receives the authorization response on a loopback address (RFC 8252, section 7.3): one redirect, by GET, addressed to
 * exactly this place. `localhost` is listened for in both address families, of which a browser may choose either.
 * @returns undefined when no port can be opened.
 */
export const startLoopback = async (
  options: LoopbackOptions,
): Promise<RedirectReceiver | RedirectTaken | undefined> => {
  const redirect = parseLoopbackRedirect(options.redirectUri ?? defaultRedirect);
  if (redirect === undefined) return undefined;
  for (let tries = 1; tries <= mostTries; tries += 1) {
    const opened = await open(redirect);
    if (opened.kind === "open")
      return new Loopback(opened.servers, redirectAt(redirect, opened.port), options);
    if (opened.kind === "impossible") return undefined;
    if (redirect.port !== undefined) return takenBy(opened.host, redirect.port, redirect.text);
  }
  return undefined;
};

const takenBy = async (host: string, port: number, redirectUri: string): Promise<RedirectTaken> => {
  const { isSignIn, program } = await portHolder(host, port);
  return {
    kind: "taken",
    ...{ redirectUri, port, isSignIn },
    ...(program === undefined ? {} : { program: plainText(program, 80) }),
  };
};

type Opened =
  | { readonly kind: "open"; readonly servers: readonly Server[]; readonly port: number }
  | { readonly kind: "taken"; readonly host: string }
  | { readonly kind: "impossible" };

/** Listens on all addresses of the redirect's host or on none; a family that the machine has not is left out. */
const open = async ({ host, port: wanted = 0 }: LoopbackRedirect): Promise<Opened> => {
  const servers: Server[] = [];
  const close = (): void => {
    for (const server of servers) server.close();
  };
  let port = wanted;
  for (const address of host === "localhost" ? ["127.0.0.1", "::1"] : [host]) {
    const server = createServer({ maxHeaderSize, requestTimeout: 10_000, headersTimeout: 10_000 });
    server.maxConnections = 32;
    const code = await listen(server, port, address);
    if (code === undefined) {
      servers.push(server);
      port = portOf(server) ?? port;
      continue;
    }
    server.close();
    if (code === "EADDRINUSE" || code === "EACCES") {
      close();
      return { kind: "taken", host: address };
    }
  }
  return servers.length === 0 ? { kind: "impossible" } : { kind: "open", servers, port };
};

/** Cookies know no ports: those of everything else on this machine come with the redirect. */
const maxHeaderSize = 256 * 1024;

/** @returns the system's code when it cannot be listened there. */
const listen = async (server: Server, port: number, host: string): Promise<string | undefined> => {
  try {
    server.listen({ port, host, exclusive: true });
    await once(server, "listening");
    return undefined;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "unknown";
  }
};

const portOf = (server: Server): number | undefined => {
  const address = server.address();
  return address === null || typeof address === "string" ? undefined : address.port;
};

class Loopback implements RedirectReceiver {
  readonly kind = "loopback";
  readonly redirectUri: string;
  readonly #servers: readonly Server[];
  readonly #host: string;
  readonly #path: string;
  readonly #options: LoopbackOptions;
  readonly #answer: Promise<URL>;
  #resolve: (url: URL) => void = () => undefined;
  #browser: { readonly response: ServerResponse; readonly patience: Disposable } | undefined;
  #delivered: Promise<void> = Promise.resolve();
  #hasCome = false;
  /** Nothing is, before it is waited for. */
  #isExpected: (answer: URL) => boolean = () => false;

  constructor(servers: readonly Server[], redirectUri: string, options: LoopbackOptions) {
    const { host, pathname } = new URL(redirectUri);
    this.#servers = servers;
    this.#host = host;
    this.#path = pathname;
    this.#options = options;
    this.redirectUri = redirectUri;
    this.#answer = new Promise((resolve) => (this.#resolve = resolve));
    for (const server of servers) {
      server.on("request", (request: IncomingMessage, response: ServerResponse) =>
        this.#handle(request, response),
      );
      server.on("clientError", refuseUnread);
      server.on("error", () => undefined);
    }
  }

  receive(signal: AbortSignal, isExpected: (answer: URL) => boolean = () => true): Promise<URL> {
    this.#isExpected = isExpected;
    return untilAborted(this.#answer, signal);
  }

  conclude(outcome: SignInOutcome): void {
    this.#show(outcome);
  }

  /** Lets the page reach the browser, then closes every connection. */
  async dispose(): Promise<void> {
    this.#show(undefined);
    for (const server of this.#servers) server.close();
    await this.#delivered;
    for (const server of this.#servers) server.closeAllConnections();
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
    if (request.headers.host?.toLowerCase() !== this.#host || url?.host !== this.#host) return 421;
    if (url.pathname !== this.#path) return 404;
    if (request.method !== "GET") return 405;
    if (!isAnswer(url)) return 400;
    if (this.#hasCome) return 410;
    return this.#isExpected(url) ? undefined : 400;
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

/** An authorization response has one or the other (RFC 6749, section 4.1.2); a probe or a mistyped address has neither. */
const isAnswer = ({ searchParams }: URL): boolean => searchParams.has("code") || searchParams.has("error");

const commonHeaders = {
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  [signInHeader]: "1",
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
  400: "This is no answer to a sign-in. Go back to the editor: it still waits.",
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

const unread = {
  431: "The browser sent more cookies than can be read here. Delete the cookies of this address, or open the page in a private window, then go back to the editor and open the sign-in's page again.",
  400: "This request cannot be read. Go back to the editor: it still waits.",
} as const;

/** What Node's parser refuses gets words too; by itself it would close the connection, or say no more than a number. */
const refuseUnread = (error: NodeJS.ErrnoException, socket: Socket): void => {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const status = error.code === "HPE_HEADER_OVERFLOW" ? 431 : 400;
  const headers = { ...commonHeaders, "content-type": "text/plain; charset=utf-8" };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status} Refused`, ...head, "", unread[status]].join("\r\n"));
};
