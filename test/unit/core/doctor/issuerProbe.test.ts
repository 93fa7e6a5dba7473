import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer, get } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { judgeIssuer } from "../../../../src/core/doctor/network.ts";
import { probeIssuer, type IssuerFacts } from "../../../../src/core/doctor/issuerProbe.ts";
import type { Fetch } from "../../../../src/core/ports.ts";
import { english } from "../../../../src/core/text.ts";
import { systemClock } from "../../../../src/node/clock.ts";
import { selfSigned } from "../../../support/selfSigned.ts";

/** Real servers of this test's own, each on a port of 127.0.0.1. */
const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
});

const listen = async (server: Server): Promise<string> => {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const answering = async (listener: RequestListener): Promise<string> =>
  `http://${await listen(createServer(listener))}`;

/** An identity provider that is in order, but for `over`. */
const provider = (
  over: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<string> =>
  answering((request, response) => {
    const issuer = `http://${request.headers.host ?? ""}`;
    const metadata = {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      response_types_supported: ["code"],
      code_challenge_methods_supported: ["S256"],
      ...over,
    };
    response.writeHead(200, { "content-type": "application/json", ...headers });
    response.end(JSON.stringify(metadata));
  });

const probe = (issuer: string, signal = new AbortController().signal): Promise<IssuerFacts> =>
  probeIssuer(issuer, { fetch, clock: systemClock }, signal);

const found = async (issuer: string): Promise<readonly string[]> =>
  judgeIssuer(await probe(issuer), english).map(
    ({ check, verdict, finding }) => `${verdict} ${check}: ${finding}`,
  );

describe("an identity provider that is asked for its metadata", () => {
  it("is in order", async () => {
    const issuer = await provider();
    const { host } = new URL(issuer);
    expect(await found(issuer)).toEqual([
      expect.stringMatching(/^ok identity provider: .* answers with valid metadata, in \d+ ms\.$/),
      `ok certificate: ${host} is on this machine, and needs none.`,
      `ok clock: This machine and ${host} agree on the time.`,
    ]);
  });

  it("offers a sign-in by code, or not", async () => {
    const device = { device_authorization_endpoint: "https://idp.example.com/device" };
    expect((await probe(await provider(device))).answer).toMatchObject({ kind: "metadata", device: true });
    expect((await probe(await provider())).answer).toMatchObject({ kind: "metadata", device: false });
  });

  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    [
      "names another issuer",
      { issuer: "https://other.example.com" },
      /^failed .* another issuer: https:\/\/other\.example\.com\.$/,
    ],
    ["has no token endpoint", { token_endpoint: undefined }, /^failed .* no valid metadata\.$/],
    [
      "has an endpoint that is not https",
      { token_endpoint: "http://idp.example.com/token" },
      /^failed .* not https: token_endpoint\.$/,
    ],
    ["names no way to sign in", { authorization_endpoint: undefined }, /^failed .* no way to sign in\.$/],
    ["does not name S256", { code_challenge_methods_supported: ["plain"] }, /^warning .* does not name S256/],
  ])("%s", async (_what, over, expected) => {
    expect((await found(await provider(over)))[0]).toMatch(expected);
  });

  it.each<[string, RequestListener, RegExp]>([
    [
      "has none",
      (_request, response) => void response.writeHead(404).end(),
      /^failed .* answers with status 404\.$/,
    ],
    [
      "does not work",
      (_request, response) => void response.writeHead(503).end(),
      /^failed .* answers with status 503\.$/,
    ],
    [
      "leads elsewhere",
      (_request, response) => void response.writeHead(302, { location: "https://portal.example.com/" }).end(),
      /^failed .* answers with a redirect, which is not followed\.$/,
    ],
    [
      "answers with a page, as a captive portal does",
      (_request, response) => void response.writeHead(200, { "content-type": "text/html" }).end("<p>Welcome"),
      /^failed .* no valid metadata\.$/,
    ],
    [
      "breaks the connection",
      (request) => void request.socket.destroy(),
      /^failed .* cannot be reached \(UND_ERR_SOCKET\)\.$/,
    ],
  ])("%s", async (_what, listener, expected) => {
    expect((await found(await answering(listener)))[0]).toMatch(expected);
  });

  it("is not there", async () => {
    const issuer = await provider();
    for (const server of servers.splice(0)) {
      server.close();
      await once(server, "close");
    }
    expect(await found(issuer)).toEqual([
      expect.stringMatching(/^failed .* refuses connections\.$/),
      expect.stringMatching(/^ok certificate/),
    ]);
  });

  it("has a name that nobody knows", async () => {
    expect((await probe("https://idp.lanyard.invalid")).answer).toEqual({ kind: "noSuchName" });
  });

  it("has an address that is not https, and is not asked at all", async () => {
    const never = { fetch: () => Promise.reject(new Error("Nobody asks.")), clock: systemClock };
    const facts = await probeIssuer("http://idp.example.com", never, new AbortController().signal);
    expect(facts.answer).toEqual({ kind: "insecure" });
  });

  it("stops when the person cancels", async () => {
    const end = new AbortController();
    const probing = probe(await answering(() => end.abort()), end.signal);
    await expect(probing).rejects.toThrow();
    expect(end.signal.aborted).toBe(true);
  });
});

describe("its certificate", () => {
  const hour = 3_600_000;
  const at = (ms: number): Date => new Date(Date.now() + ms);

  it("comes from nobody that is trusted", async () => {
    const server = createTlsServer(
      selfSigned("idp.example.com"),
      (_request, response) => void response.end("{}"),
    );
    const [metadata, certificate] = judgeIssuer(await probe(`https://${await listen(server)}`), english);
    expect(metadata).toMatchObject({ check: "identity provider", verdict: "failed" });
    expect(certificate).toMatchObject({ check: "certificate", verdict: "failed" });
    expect(certificate?.finding).toMatch(/from nobody that is trusted here \(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
    expect(certificate?.remedy).toMatch(/http\.systemCertificates/);
  });

  it.each([
    ["has expired", at(-2 * hour), at(-hour), "expired"],
    ["is not valid yet", at(hour), at(2 * hour), "notYetValid"],
  ])("%s", async (_what, from, to, what) => {
    const pair = selfSigned("idp.example.com", { from, to });
    const issuer = `https://${await listen(createTlsServer(pair))}`;
    const ports = { fetch: trusting(pair.cert), clock: systemClock };
    const { answer } = await probeIssuer(issuer, ports, new AbortController().signal);
    expect(answer).toMatchObject({ kind: "certificate", what });
  });

  it("is no certificate: something else speaks there", async () => {
    const issuer = (await provider()).replace("http:", "https:");
    expect((await probe(issuer)).answer).toMatchObject({ kind: "certificate", what: "handshake" });
  });
});

/** A fetch of a machine on which that certificate is installed. It ends as `fetch` does: the platform's error is the cause. */
const trusting =
  (ca: string): Fetch =>
  async (url) => {
    const request = get(url, { ca });
    const [response] = (await once(request, "response").catch((cause: unknown) => {
      throw new TypeError("fetch failed", { cause });
    })) as [IncomingMessage];
    return new Response(await response.toArray().then((chunks) => Buffer.concat(chunks as Buffer[])), {
      status: response.statusCode ?? 0,
    });
  };

describe("the clocks", () => {
  const dated = (ms: number, age?: string): Promise<string> =>
    provider({}, { date: new Date(Date.now() + ms).toUTCString(), ...(age === undefined ? {} : { age }) });
  const clockOf = async (issuer: string): Promise<string | undefined> =>
    (await found(issuer)).find((line) => line.includes("clock"));

  it.each([
    [0, /^ok clock: This machine and .* agree/],
    [-20_000, /^ok clock/],
    [-60_000, /^warning clock: This machine's clock is (?:59|60|61) s ahead/],
    [60_000, /^warning clock: This machine's clock is (?:59|60|61) s behind/],
    [600_000, /^failed clock: This machine's clock is (?:599|600|601) s behind/],
    [-600_000, /^failed clock: This machine's clock is (?:599|600|601) s ahead/],
  ])("differ by %d ms", async (ms, expected) => {
    expect(await clockOf(await dated(ms))).toMatch(expected);
  });

  it("agree where a cache answers with what is old, and says so", async () => {
    expect(await clockOf(await dated(-600_000, "600"))).toMatch(/^ok clock/);
  });

  it("cannot be compared where no time is told", async () => {
    const issuer = await answering((_request, response) => {
      response.sendDate = false;
      response.writeHead(404).end();
    });
    expect(await clockOf(issuer)).toBeUndefined();
  });
});
