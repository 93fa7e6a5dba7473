import { connect, createServer, type Server } from "node:net";
import { once } from "node:events";
import { request } from "node:http";
import { networkInterfaces } from "node:os";
import { afterEach, describe, expect, it } from "vitest";
import { failed } from "../../../src/core/identity/failures.ts";
import type { RedirectReceiver, SignInOutcome } from "../../../src/core/identity/session.ts";
import { startLoopback } from "../../../src/node/loopback.ts";
import { fakeClock, type FakeClock } from "../../support/ports.ts";

const never = new AbortController().signal;
const receivers: RedirectReceiver[] = [];

const page = (outcome: SignInOutcome | undefined, nonce: string): string =>
  `${outcome?.kind ?? "under way"} ${nonce}`;

const start = async (clock: FakeClock = fakeClock(), redirectUri?: string): Promise<RedirectReceiver> => {
  const receiver = await startLoopback({
    ...{ clock, page },
    ...(redirectUri === undefined ? {} : { redirectUri }),
  });
  if (receiver === undefined || receiver.kind === "taken") throw new Error("no port");
  receivers.push(receiver);
  return receiver;
};

afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.dispose()));
});

const connects = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 });
    const end = (isConnected: boolean) => (): void => {
      socket.destroy();
      resolve(isConnected);
    };
    socket.once("connect", end(true)).once("error", end(false)).once("timeout", end(false));
  });

const outcome = failed("denied", "https://idp.example.com");

/** A request exactly as written, for what `fetch` would not send. */
const raw = async (
  uri: string,
  options: { method?: string; path?: string; host?: string },
): Promise<number> => {
  const { port } = new URL(uri);
  const sent = request({
    host: "127.0.0.1",
    port,
    method: options.method ?? "GET",
    path: options.path ?? "/callback",
    headers: { host: options.host ?? `127.0.0.1:${port}` },
  }).end();
  const [response] = (await once(sent, "response")) as [{ statusCode?: number; resume(): void }];
  response.resume();
  return response.statusCode ?? 0;
};

describe("the loopback receiver", () => {
  it("hands over the whole URL that the browser came back with", async () => {
    const receiver = await start();
    const received = receiver.receive(never);
    const visit = fetch(`${receiver.redirectUri}?code=c%20d&state=s`);
    expect((await received).href).toBe(`${receiver.redirectUri}?code=c%20d&state=s`);
    receiver.conclude(outcome);
    expect((await visit).status).toBe(200);
  });

  it("is an ephemeral port of 127.0.0.1, a different one each time", async () => {
    const [a, b] = [await start(), await start()];
    expect(a.redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
    expect(a.redirectUri).not.toBe(b.redirectUri);
  });

  it.each([undefined, "http://localhost/callback"])(
    "is reached at no other address of this machine (%s)",
    async (redirectUri) => {
      const { port } = new URL((await start(fakeClock(), redirectUri)).redirectUri);
      const others = Object.values(networkInterfaces())
        .flatMap((addresses) => addresses ?? [])
        .filter(({ internal, scopeid = 0 }) => !internal && scopeid === 0)
        .map(({ address }) => address);
      for (const host of ["127.0.0.2", ...others])
        expect([host, await connects(host, Number(port))]).toEqual([host, false]);
    },
  );

  it("hands over at once what came before anybody waited, a denial included", async () => {
    const receiver = await start();
    const visit = fetch(`${receiver.redirectUri}?error=access_denied`);
    expect((await receiver.receive(never)).searchParams.get("error")).toBe("access_denied");
    receiver.conclude(outcome);
    await visit;
  });

  it("keeps the browser waiting until the outcome is known, and shows that one", async () => {
    const receiver = await start();
    const visit = fetch(`${receiver.redirectUri}?code=c`).then((response) => response.text());
    await receiver.receive(never);
    receiver.conclude(outcome);
    expect(await visit).toMatch(/^failed /);
  });

  it("lets the browser go after a while, and says that the editor goes on", async () => {
    const clock = fakeClock();
    const receiver = await start(clock);
    const visit = fetch(`${receiver.redirectUri}?code=c`).then((response) => response.text());
    await receiver.receive(never);
    clock.advance(8000);
    expect(await visit).toMatch(/^under way /);
    receiver.conclude(outcome);
  });

  it("sends a page that nobody keeps, and that may load and run nothing", async () => {
    const receiver = await start();
    const visit = fetch(`${receiver.redirectUri}?code=c`);
    await receiver.receive(never);
    receiver.conclude(outcome);
    const response = await visit;
    const policy = response.headers.get("content-security-policy") ?? "";
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? "none";
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("script");
    expect(await response.text()).toBe(`failed ${nonce}`);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("referrer-policy")).toBe("no-referrer");
  });

  it("takes one redirect: a second is told that it comes too late", async () => {
    const receiver = await start();
    const first = fetch(`${receiver.redirectUri}?code=first`);
    const received = await receiver.receive(never);
    expect(await raw(receiver.redirectUri, { path: "/callback?code=second" })).toBe(410);
    expect(received.searchParams.get("code")).toBe("first");
    receiver.conclude(outcome);
    await first;
  });

  it.each([
    ["a request without an answer", {}, 400],
    ["a request with parameters that are no answer", { path: "/callback?state=s" }, 400],
    ["another path", { path: "/" }, 404],
    ["the browser's wish for an icon", { path: "/favicon.ico" }, 404],
    ["a longer path", { path: "/callback/more" }, 404],
    ["POST", { method: "POST" }, 405],
    ["HEAD", { method: "HEAD" }, 405],
    ["another host (DNS rebinding)", { host: "evil.example" }, 421],
    ["this host by name", { host: "localhost" }, 421],
    ["a whole URL of another host", { path: "http://evil.example/callback?code=c" }, 421],
  ])("refuses %s, and still waits for the redirect", async (_name, options, status) => {
    const receiver = await start();
    expect(await raw(receiver.redirectUri, options)).toBe(status);
    const visit = fetch(`${receiver.redirectUri}?code=c`);
    expect((await receiver.receive(never)).searchParams.get("code")).toBe("c");
    receiver.conclude(outcome);
    await visit;
  });

  it("survives what is no HTTP", async () => {
    const receiver = await start();
    const socket = connect(Number(new URL(receiver.redirectUri).port), "127.0.0.1");
    socket.on("error", () => undefined).end("\u0000\u0001 not http\r\n\r\n");
    socket.resume();
    await once(socket, "close");
    const visit = fetch(`${receiver.redirectUri}?code=c`);
    await receiver.receive(never);
    receiver.conclude(outcome);
    expect((await visit).status).toBe(200);
  });

  it("stops waiting when it is told to, with the signal's reason", async () => {
    const receiver = await start();
    const stop = new AbortController();
    const received = receiver.receive(stop.signal);
    stop.abort(new Error("gave up"));
    await expect(received).rejects.toThrow("gave up");
    await expect(receiver.receive(stop.signal)).rejects.toThrow("gave up");
  });

  it("leaves no listener, connection or timer when it is disposed of", async () => {
    const clock = fakeClock();
    const receiver = await start(clock);
    const idle = connect(Number(new URL(receiver.redirectUri).port), "127.0.0.1");
    idle.resume().on("error", () => undefined);
    await once(idle, "connect");
    const visit = fetch(`${receiver.redirectUri}?code=c`).then((response) => response.text());
    await receiver.receive(never);
    await receiver.dispose();
    expect(await visit).toMatch(/^under way /);
    if (!idle.closed) await once(idle, "close");
    await expect(fetch(receiver.redirectUri)).rejects.toThrow();
    expect(clock.pending).toBe(0);
    await receiver.dispose();
  });

  it("is disposed of at once when a browser does not take its page", async () => {
    const clock = fakeClock();
    const receiver = await start(clock);
    const { port } = new URL(receiver.redirectUri);
    const deaf = connect(Number(port), "127.0.0.1");
    deaf
      .on("error", () => undefined)
      .write(`GET /callback?code=c HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`);
    await receiver.receive(never);
    deaf.destroy();
    await receiver.dispose();
    expect(clock.pending).toBe(0);
  });
});

/** A port of both address families that nobody has at this moment. */
const freePort = async (): Promise<number> => {
  const receiver = await start(fakeClock(), "http://localhost/free");
  const { port } = new URL(receiver.redirectUri);
  await receiver.dispose();
  return Number(port);
};

describe("a redirect that is registered", () => {
  it.each([
    ["http://127.0.0.1:PORT/callback", ["127.0.0.1"]],
    ["http://127.0.0.1:PORT", ["127.0.0.1"]],
    ["http://[::1]:PORT/cb", ["::1"]],
    ["http://localhost:PORT/oauth/callback", ["127.0.0.1", "::1"]],
    ["http://LocalHost:PORT/cb?tenant=a", ["127.0.0.1", "::1"]],
  ])("%s is sent to the letter, and listened for wherever a browser may look", async (text, addresses) => {
    for (const address of addresses) {
      const redirectUri = text.replace("PORT", String(await freePort()));
      const receiver = await start(fakeClock(), redirectUri);
      expect(receiver.redirectUri).toBe(redirectUri);
      const { port, host, pathname } = new URL(redirectUri);
      const asked = request({ host: address, port, path: `${pathname}?code=c`, headers: { host } }).end();
      expect((await receiver.receive(never)).searchParams.get("code")).toBe("c");
      receiver.conclude(outcome);
      const [response] = (await once(asked, "response")) as [{ statusCode?: number; resume(): void }];
      response.resume();
      expect(response.statusCode).toBe(200);
    }
  });

  it.each([
    ["http://localhost/cb", /^http:\/\/localhost:\d+\/cb$/],
    ["http://127.0.0.1", /^http:\/\/127\.0\.0\.1:\d+$/],
    ["http://[::1]/a?b=c", /^http:\/\/\[::1\]:\d+\/a\?b=c$/],
  ])("%s leaves the port open: any free one is taken", async (text, expected) => {
    expect((await start(fakeClock(), text)).redirectUri).toMatch(expected);
  });

  it("on a port of another program says whose it is, where the system tells", async () => {
    const port = await freePort();
    const other: Server = createServer((socket) => socket.destroy()).listen(port, "127.0.0.1");
    await once(other, "listening");
    const redirectUri = `http://localhost:${port}/callback`;
    const taken = await startLoopback({ clock: fakeClock(), page, redirectUri });
    other.close();
    expect(taken).toMatchObject({ kind: "taken", port, redirectUri, isSignIn: false });
    if (process.platform === "linux")
      expect(taken).toHaveProperty("program", expect.stringContaining(`(${process.pid})`));
  });

  it("on the port of another window's sign-in says that it is one, in either family", async () => {
    const port = await freePort();
    for (const host of ["127.0.0.1", "[::1]"]) {
      const first = await start(fakeClock(), `http://${host}:${port}/callback`);
      const redirectUri = `http://localhost:${port}/callback`;
      const taken = await startLoopback({ clock: fakeClock(), page, redirectUri });
      expect(taken).toMatchObject({ kind: "taken", isSignIn: true });
      await first.dispose();
      expect((await start(fakeClock(), redirectUri)).kind).toBe("loopback");
      await Promise.all(receivers.splice(0).map((each) => each.dispose()));
    }
  });
});

describe("what comes with the redirect", () => {
  const visitWith = async (receiver: RedirectReceiver, cookieBytes: number): Promise<Response> =>
    fetch(`${receiver.redirectUri}?code=c`, { headers: { cookie: `dev=${"x".repeat(cookieBytes)}` } });

  it.each([4, 20, 64, 128])("%d kB of cookies of other programs do not keep it away", async (kilobytes) => {
    const receiver = await start();
    const visit = visitWith(receiver, kilobytes * 1024);
    await receiver.receive(never);
    receiver.conclude(outcome);
    expect((await visit).status).toBe(200);
  });

  it("more than can be read gets words, and the sign-in waits on", async () => {
    const receiver = await start();
    const refused = await visitWith(receiver, 300 * 1024);
    expect(refused.status).toBe(431);
    expect(await refused.text()).toContain("cookies");
    const visit = fetch(`${receiver.redirectUri}?code=c`);
    await receiver.receive(never);
    receiver.conclude(outcome);
    expect((await visit).status).toBe(200);
  });
});

describe("a stray request at the callback", () => {
  it.each([
    "?code=x",
    "?code=x&state=wrong",
    "?error=access_denied&state=wrong",
    "?state=s",
    "?code=x&state=s&state=t",
    "",
  ])("does not end the wait: %s", async (query) => {
    const receiver = await start();
    const received = receiver.receive(never, ({ searchParams }) => {
      const states = searchParams.getAll("state");
      return states.length === 1 && states[0] === "s";
    });
    const stray = await fetch(`${receiver.redirectUri}${query}`);
    expect(stray.status).toBe(400);
    await stray.text();
    void fetch(`${receiver.redirectUri}?code=real&state=s`).catch(() => undefined);
    expect((await received).searchParams.get("code")).toBe("real");
  });
});
