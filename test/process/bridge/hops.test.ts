/** What a hop on the way must not get wrong: sessions, streams, back-pressure, and answers to what has none. */
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { textIn } from "./client.ts";
import { OddConnector } from "./connector.ts";
import { useStage } from "./stage.ts";

const now = useStage();

describe("messages that have no answer", () => {
  test("get none, also where they cannot be passed on", async () => {
    const { begun, connector } = now();
    const client = await begun();
    for (const status of [500, 404, 0]) connector.fault({ rpc: "notifications/x", status });
    for (let each = 0; each < 3; each += 1) client.send({ jsonrpc: "2.0", method: "notifications/x" });
    client.send({ jsonrpc: "2.0", id: "nobody-asked", result: {} });
    client.send({ jsonrpc: "2.0", id: "nobody-asked-2", error: { code: 1, message: "x" } });
    await vi.waitFor(() => expect(connector.of("notifications/x").length).toBeGreaterThanOrEqual(3), 5000);
    expect(textIn(await client.call("echo", { text: "on" }))).toBe("on");
    expect(client.messages.filter(({ id }) => String(id).startsWith("nobody"))).toEqual([]);
    expect(client.messages.filter(({ method }) => method === undefined)).toHaveLength(2);
  });
});

describe("a session", () => {
  test("is the one of initialize's answer, whatever another answer says", async () => {
    const { begun, connector } = now();
    const client = await begun();
    connector.fault({
      rpc: "notifications/x",
      status: 202,
      headers: { "mcp-session-id": "of-somebody-else" },
    });
    client.send({ jsonrpc: "2.0", method: "notifications/x" });
    await vi.waitFor(() => expect(connector.of("notifications/x")).toHaveLength(1), 5000);
    expect(textIn(await client.call("echo", { text: "x" }))).toBe("x");
    expect([...connector.sessions]).toContain(connector.of("tools/call")[0]?.headers["mcp-session-id"]);
  });

  test("has the version that the server chose, not the one that was asked for", async () => {
    const { streaming, connector } = now();
    connector.version = "2025-06-18";
    const client = await streaming();
    await client.call("echo");
    const after = connector.seen.filter(({ rpc }) => rpc !== "initialize");
    expect(new Set(after.map(({ headers }) => headers["mcp-protocol-version"]))).toEqual(
      new Set(["2025-06-18"]),
    );
  });
});

describe("the stream of what a server says by itself", () => {
  test("is asked for again after refusals that pass, with growing pauses and never two at a time", async () => {
    const { begun, connector } = now();
    connector.fault({ http: "GET", status: 503 });
    connector.fault({ http: "GET", status: 409 });
    const client = await begun();
    await vi.waitFor(() => expect(connector.streams.size).toBe(1), 10_000);
    const [first = 0, second = 0, third = 0] = connector.seen.flatMap(({ http, atMs }) =>
      http === "GET" ? [atMs] : [],
    );
    expect(second - first).toBeGreaterThan(900);
    expect(third - second).toBeGreaterThan(second - first);
    connector.notify("notifications/one");
    expect(await client.heard(({ method }) => method === "notifications/one")).toBeDefined();
    expect(connector.mostStreams).toBe(1);
  });

  test("that had no ids is opened plainly again", async () => {
    const { streaming, connector } = now();
    await streaming();
    for (const stream of connector.streams) stream.end();
    await vi.waitFor(() => expect(connector.seen.filter(({ http }) => http === "GET")).toHaveLength(2), 5000);
    expect(connector.seen.findLast(({ http }) => http === "GET")?.headers["last-event-id"]).toBeUndefined();
    expect(connector.mostStreams).toBe(1);
  });
});

describe("a refusal that names an authorization server", () => {
  test("has nobody go there: one more try with what the vault gives, and no more", async () => {
    const { begun, connector } = now();
    const elsewhere = new OddConnector();
    const metadata = await elsewhere.listen();
    const client = await begun();
    const headers = { "www-authenticate": `Bearer resource_metadata="${metadata}"` };
    connector.fault({ rpc: "tools/call", status: 401, headers, times: 9 });
    expect(textIn(await client.call("echo"))).toMatch(/refused the credential/);
    expect(connector.of("tools/call")).toHaveLength(2);
    expect(elsewhere.seen).toEqual([]);
    await elsewhere.close();
  });
});

describe("who does not read is not written to without end", () => {
  const count = 150;

  test("a client that pauses has the connector wait", async () => {
    const { begun, connector } = now();
    const client = await begun();
    client.child.stdout?.pause();
    const id = "flood";
    client.send({
      jsonrpc: "2.0",
      id,
      method: "tools/call",
      params: { name: "flood", arguments: { count } },
    });
    await vi.waitFor(() => expect(connector.flooded).toBeGreaterThan(0), 5000);
    let taken = -1;
    while (taken !== connector.flooded) {
      taken = connector.flooded;
      await delay(400);
    }
    expect(taken).toBeLessThan(60);
    client.child.stdout?.resume();
    expect(await client.heard((message) => message.id === id, 25_000)).toBeDefined();
    const order = client.messages.flatMap(({ params }) =>
      params?.["each"] === undefined ? [] : [params["each"]],
    );
    expect(order).toEqual(Array.from({ length: count }, (_each, index) => index));
  });

  test("a connector that pauses has the client wait", async () => {
    const { begun, connector } = now();
    const client = await begun();
    connector.fault({ rpc: "notifications/x", status: 202, delayMs: 1_500, times: 99 });
    const data = "x".repeat(1024 * 1024);
    for (let each = 0; each < 40; each += 1)
      client.send({ jsonrpc: "2.0", method: "notifications/x", params: { data } });
    await delay(800);
    expect(client.child.stdin?.writableLength).toBeGreaterThan(10 * 1024 * 1024);
    expect(textIn(await client.call("echo", { text: "on" }, 25_000))).toBe("on");
  });
});

describe("a stream without traffic", () => {
  const silentMs = 6_000;

  test("is left open however long it is silent, the connector's own and that of an answer", async () => {
    const { streaming, connector } = now();
    const client = await streaming();
    connector.json = false;
    const gets = (): number => connector.seen.filter(({ http }) => http === "GET").length;
    const before = gets();
    // Longer than a connection may be idle: here four seconds, and five at a server of Node.
    expect(textIn(await client.call("echo", { ms: silentMs, text: "late" }, silentMs + 5_000))).toBe("late");
    connector.notify("notifications/late");
    expect(await client.heard(({ method }) => method === "notifications/late")).toBeDefined();
    expect(gets()).toBe(before);
    expect(connector.streams.size).toBe(1);
    expect(connector.ran.get("echo")).toBe(1);
  });
});

describe("a request that is sent again", () => {
  const sessionsOf = (connector: OddConnector, rpc: string): readonly unknown[] =>
    connector.of(rpc).map(({ headers }) => headers["mcp-session-id"]);

  test("after a 401 names the session as at first, whatever the refusal says", async () => {
    const { begun, connector } = now();
    const client = await begun();
    const [session] = connector.sessions;
    connector.fault({ rpc: "tools/call", status: 401, headers: { "mcp-session-id": "of-the-refusal" } });
    expect(textIn(await client.call("echo", { text: "x" }))).toBe("x");
    expect(sessionsOf(connector, "tools/call")).toEqual([session, session]);
  });

  test("to begin with names none, and the session is that of the answer which was taken", async () => {
    const { begun, connector } = now();
    connector.fault({ rpc: "initialize", status: 401, headers: { "mcp-session-id": "of-the-refusal" } });
    const client = await begun();
    expect(textIn(await client.call("echo", { text: "x" }))).toBe("x");
    expect(sessionsOf(connector, "initialize")).toEqual([undefined, undefined]);
    expect(sessionsOf(connector, "tools/call")).toEqual([...connector.sessions]);
  });

  test("because its session was forgotten names the new one, and so does all that follows", async () => {
    const { streaming, connector } = now();
    const client = await streaming();
    const [forgotten] = connector.sessions;
    connector.sessions.clear();
    expect(textIn(await client.call("echo", { text: "x" }))).toBe("x");
    const [present] = connector.sessions;
    expect(sessionsOf(connector, "tools/call")).toEqual([forgotten, present]);
    // The new session is begun as the first one was.
    expect(sessionsOf(connector, "initialize")).toEqual([undefined, undefined]);
    await vi.waitFor(() => expect(sessionsOf(connector, "notifications/initialized").at(-1)).toBe(present));
    await client.end();
    const last = connector.seen.findLast(({ http }) => http === "DELETE");
    expect(last?.headers["mcp-session-id"]).toBe(present);
  });
});
