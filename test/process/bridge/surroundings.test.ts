/** A bridge among processes, proxies and certificates: how it ends, what it reads of its surroundings, what it prints. */
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import { createServer as createSecure } from "node:https";
import { connect, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { afterEach, describe, expect, test, vi } from "vitest";
import { dangersInTerminal, hostileTexts } from "../../support/hostile.ts";
import { selfSigned } from "../../support/selfSigned.ts";
import { textIn } from "./client.ts";
import { useStage } from "./stage.ts";
import { token } from "./window.ts";

const now = useStage();
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const listening = async (server: Server): Promise<number> => {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
};

/** A proxy that opens the tunnels it is asked for. */
const startProxy = async (): Promise<{ readonly url: string; readonly asked: string[] }> => {
  const asked: string[] = [];
  const proxy = createServer().on("connect", ({ url = "" }: IncomingMessage, near: Duplex) => {
    asked.push(url);
    const far = connect(Number(url.split(":")[1]), "127.0.0.1", () => {
      near.write("HTTP/1.1 200 Connection established\r\n\r\n");
      near.pipe(far).pipe(near);
    });
    near.on("error", () => far.destroy());
    far.on("error", () => near.destroy());
  });
  return { url: `http://127.0.0.1:${await listening(proxy)}`, asked };
};

describe("it ends", () => {
  test.each(["SIGINT", "SIGHUP", "SIGTERM"] as const)("by %s, and tells the connector", async (signal) => {
    const { streaming, connector } = now();
    const client = await streaming();
    client.child.kill(signal);
    await vi.waitFor(() => expect(client.isAlive).toBe(false), 3000);
    expect(connector.seen.map(({ http }) => http)).toContain("DELETE");
  });

  test("when nobody reads any more (EPIPE)", async () => {
    const { streaming, connector } = now();
    const client = await streaming();
    client.child.stdout?.destroy();
    connector.notify("notifications/one");
    connector.notify("notifications/two");
    await vi.waitFor(() => expect(client.isAlive).toBe(false), 5000);
  });
});

describe("two side by side", () => {
  test("are two: starting asks nobody for anything, and the end of one is not the other's", async () => {
    const { begun, start, window } = now();
    const asked: (boolean | undefined)[] = [];
    const { answer } = window;
    window.answer = (query) => {
      asked.push(query.unasked);
      return answer(query);
    };
    const [one, other] = await Promise.all([begun(), begun()]);
    expect(asked.every((unasked) => unasked === true)).toBe(true);
    start().child.kill("SIGKILL");
    one.child.kill("SIGKILL");
    expect(textIn(await other.call("echo", { text: "on" }))).toBe("on");
  });
});

test("it takes no URL from anybody but the approved entry", async () => {
  const { start, connector } = now();
  const client = start("odd", { more: [connectorElsewhere] });
  await vi.waitFor(() => expect(client.isAlive).toBe(false), 5000);
  expect(client.child.exitCode).not.toBe(0);
  expect(client.lines).toEqual([]);
  expect(connector.seen).toEqual([]);
});
const connectorElsewhere = "http://127.0.0.1:9/mcp";

test("what it notes is nothing that a terminal obeys, whatever its connector is called", async () => {
  const { start } = now();
  const names = hostileTexts.map(([, text]) => text.replaceAll(/[\u0000\ud800-\udfff]/g, "").slice(0, 100));
  const client = start(names.join(" "));
  await client.begin();
  await vi.waitFor(() => expect(client.stderr).toMatch(/^lanyard bridge "[^]*\n$/));
  expect(dangersInTerminal(client.stderr)).toEqual([]);
});

describe("the network", () => {
  test("is reached by the proxy that is set, and directly where NO_PROXY says so", async () => {
    const { start, window } = now();
    window.load({ url: "https://connector.invalid/mcp" });
    const { url, seen } = await proxyHere();
    const proxied = start("odd", { env: { https_proxy: url } });
    await proxied.begin();
    expect(textIn(await proxied.call("echo"))).toMatch(/cannot be reached/);
    expect(new Set(seen)).toEqual(new Set(["connector.invalid:443"]));
    seen.length = 0;
    const direct = start("odd", { env: { HTTPS_PROXY: url, NO_PROXY: "connector.invalid" } });
    await direct.begin();
    expect(textIn(await direct.call("echo"))).toMatch(/cannot be reached \((?:ENOTFOUND|EAI_AGAIN)\)/);
    expect(seen).toEqual([]);
  });

  test.each(["http_proxy", "HTTP_PROXY", "https_proxy"])(
    "has no proxy for what stays on this machine: %s",
    async (name) => {
      const { start, connector } = now();
      const { url, seen } = await proxyHere();
      const client = start("odd", { env: { [name]: url, no_proxy: "elsewhere.example" } });
      await client.begin();
      expect(textIn(await client.call("echo", { text: "direct" }))).toBe("direct");
      expect(connector.of("tools/call")).toHaveLength(1);
      expect(seen).toEqual([]);
    },
  );

  test("has none either for https on this machine", async () => {
    const { start, window } = now();
    const { url, seen } = await proxyHere();
    for (const host of ["localhost", "127.0.0.2", "[::1]"]) {
      window.load({ url: `https://${host}:9/mcp` });
      const client = start("odd", { env: { https_proxy: url } });
      await client.begin();
      expect(textIn(await client.call("echo"))).toMatch(/cannot be reached/);
    }
    expect(seen).toEqual([]);
  });

  test("needs a certificate that is trusted: one of NODE_EXTRA_CA_CERTS is, another gets nothing", async () => {
    const { start, window, home } = now();
    const { cert, key } = selfSigned("127.0.0.1");
    const seen: string[] = [];
    const secure = createSecure({ cert, key }, (request, response) => {
      seen.push(String(request.headers.authorization));
      response.writeHead(500).end();
    });
    window.load({ url: `https://127.0.0.1:${await listening(secure)}/mcp?canary=of-a-query` });
    const stranger = start();
    await stranger.begin();
    expect(textIn(await stranger.call("echo"))).toMatch(/cannot be reached \([A-Z_]*CERT/);
    expect(seen).toEqual([]);
    const folder = join(home, "trusted");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "ca.pem"), cert);
    const trusting = start("odd", { env: { NODE_EXTRA_CA_CERTS: join(folder, "ca.pem") } });
    await trusting.begin();
    expect(textIn(await trusting.call("echo"))).toMatch(/answered 500/);
    expect(new Set(seen)).toEqual(new Set([`Bearer ${token}`]));
    for (const { stderr } of [stranger, trusting]) {
      expect(stderr).not.toMatch(/of-a-query|tok-/);
      expect(stderr.split("\n").every((line) => line === "" || line.startsWith("lanyard bridge "))).toBe(
        true,
      );
    }
  });

  test("is reached by the editor's own proxy where the environment names none", async () => {
    const { start, window, home } = now();
    const host = "connector.invalid";
    const { cert, key } = selfSigned(host);
    const secure = createSecure({ cert, key }, (_request, response) => response.writeHead(500).end());
    const place = `${host}:${await listening(secure)}`;
    const ca = join(home, "behind.pem");
    await writeFile(ca, cert);
    const [editors, own] = [await startProxy(), await startProxy()];
    window.load({ url: `https://${place}/mcp` });
    window.proxy = editors.url;
    const said = async (env: Readonly<Record<string, string>>): Promise<string> => {
      const client = start("odd", { env: { NODE_EXTRA_CA_CERTS: ca, ...env } });
      await client.begin();
      return textIn(await client.call("echo"));
    };
    expect(await said({})).toMatch(/answered 500/);
    expect(new Set(editors.asked)).toEqual(new Set([place]));
    editors.asked.length = 0;
    // What a client's own environment says comes first.
    expect(await said({ HTTPS_PROXY: own.url })).toMatch(/answered 500/);
    expect(new Set(own.asked)).toEqual(new Set([place]));
    for (const env of [{ no_proxy: host }, { https_proxy: "" }])
      expect(await said(env)).toMatch(/cannot be reached \((?:ENOTFOUND|EAI_AGAIN)\)/);
    expect(editors.asked).toEqual([]);
  });

  test("is asked over connections that are kept", async () => {
    const { streaming, connector } = now();
    const client = await streaming();
    for (let each = 0; each < 20; each += 1) await client.call("echo");
    expect(new Set(connector.seen.map(({ port }) => port)).size).toBeLessThanOrEqual(4);
  });
});

/** A proxy that lets nothing through, and what it was asked for. */
const proxyHere = async (): Promise<{ readonly url: string; readonly seen: (string | undefined)[] }> => {
  const seen: (string | undefined)[] = [];
  const proxy = createServer((request, response) => {
    seen.push(request.url);
    response.writeHead(502).end();
  });
  proxy.on("connect", (request, socket) => {
    seen.push(request.url);
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  return { url: `http://127.0.0.1:${await listening(proxy)}`, seen };
};
