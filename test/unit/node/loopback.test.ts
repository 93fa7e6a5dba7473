import { connect } from "node:net";
import { once } from "node:events";
import { request } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { failed } from "../../../src/core/identity/failures.ts";
import type { RedirectReceiver, SignInOutcome } from "../../../src/core/identity/session.ts";
import { startLoopback } from "../../../src/node/loopback.ts";
import { fakeClock, type FakeClock } from "../../support/ports.ts";

const never = new AbortController().signal;
const receivers: RedirectReceiver[] = [];

const page = (outcome: SignInOutcome | undefined, nonce: string): string =>
  `${outcome?.kind ?? "under way"} ${nonce}`;

const start = async (clock: FakeClock = fakeClock()): Promise<RedirectReceiver> => {
  const receiver = await startLoopback({ clock, page });
  if (receiver === undefined) throw new Error("no port");
  receivers.push(receiver);
  return receiver;
};

afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.dispose()));
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
    deaf.on("error", () => undefined).write(`GET /callback HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n\r\n`);
    await receiver.receive(never);
    deaf.destroy();
    await receiver.dispose();
    expect(clock.pending).toBe(0);
  });
});
