import { describe, expect, test, vi } from "vitest";
import { textIn } from "./client.ts";
import { useStage } from "./stage.ts";
import { token } from "./window.ts";

const now = useStage();

describe("frames", () => {
  test("ids, numbers, unknown fields and methods come through as they were written", async () => {
    const { begun, connector } = now();
    const client = await begun();
    const line =
      '{"jsonrpc":"2.0","id":"\\u00fc 1","method":"vendor/x","params":{"n":12345678901234567890,"f":1.0,"_meta":{"a":1}},"x":1}';
    client.send(line);
    await client.heard(({ id }) => id === "ü 1");
    expect(connector.of("vendor/x")[0]?.raw).toBe(line);

    connector.exact =
      '{"jsonrpc":"2.0","id":"ID","result":{"n":12345678901234567890,"f":1.0,"zz":{"b":1,"a":2}}}';
    const { id } = await client.call("exact");
    expect(client.lines.at(-1)).toBe(connector.exact.replace('"ID"', JSON.stringify(id)));
  });

  test("an answer over several lines is one line, and one with a line within a text is none", async () => {
    const { begun, connector } = now();
    const client = await begun();
    connector.exact = '{\n "jsonrpc": "2.0",\r\n "id": "ID",\n "result": {"content": []}\n}';
    expect(await client.call("exact")).toMatchObject({ result: { content: [] } });
    connector.exact = '{"jsonrpc":"2.0","id":"ID","result":{"x":"a\nb"}}';
    expect(await client.call("exact")).toMatchObject({ error: { code: -32603 } });
  });

  test("50 MB go both ways", async () => {
    const { begun } = now();
    const client = await begun();
    const text = "ü".repeat(5_000_000);
    expect(textIn(await client.call("echo", { text }, 25_000))).toBe(text);
    expect(textIn(await client.call("echo", { bytes: 50_000_000 }, 25_000))).toHaveLength(25_000_000);
  });

  test("many requests are under way at once, and each is answered once", async () => {
    const { begun } = now();
    const client = await begun();
    const startedMs = Date.now();
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_each, index) => client.call("echo", { ms: 300 - index, text: index })),
    );
    expect(replies.map(textIn)).toEqual(replies.map((_each, index) => String(index)));
    expect(Date.now() - startedMs).toBeLessThan(10_000);
    expect(new Set(client.messages.map(({ id }) => id)).size).toBe(client.messages.length);
  });

  test("what is no message is left, and a batch is answered message by message", async () => {
    const { begun } = now();
    const client = await begun();
    for (const junk of ["Content-Length: 10\r", "", "{", '"text"', "[1,]", "null"]) client.send(junk);
    client.send('[{"jsonrpc":"2.0","id":901,"method":"ping"},{"jsonrpc":"2.0","id":902,"method":"ping"}]');
    expect(await client.heard(({ id }) => id === 901)).toBeDefined();
    expect(await client.heard(({ id }) => id === 902)).toBeDefined();
    expect(textIn(await client.call("echo", { text: "on" }))).toBe("on");
  });

  test("progress and logs come in order, and before their result", async () => {
    const { begun } = now();
    const client = await begun();
    const reply = await client.call("steps");
    const said = client.messages.flatMap(({ params }) =>
      params?.["data"] === undefined ? [] : [params["data"]],
    );
    expect(said).toEqual([1, 2, 3, 4, 5]);
    expect(client.messages.at(-1)).toBe(reply);
  });

  test("what was cancelled is told to the connector, and not answered", async () => {
    const { begun, connector } = now();
    const client = await begun();
    client.send({ jsonrpc: "2.0", id: "c", method: "tools/call", params: { name: "hang" } });
    await vi.waitFor(() => expect(connector.ran.get("hang")).toBe(1), 5000);
    client.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: "c" } });
    expect(textIn(await client.call("echo", { text: "on" }))).toBe("on");
    expect(connector.of("notifications/cancelled")).toHaveLength(1);
    expect(client.messages.some(({ id }) => id === "c")).toBe(false);
  });
});

describe("streams and sessions", () => {
  test("every request carries the credential, and all after the first the session and the version", async () => {
    const { streaming, connector } = now();
    const client = await streaming();
    await client.call("echo");
    await client.end();
    expect(connector.seen.map(({ http }) => http)).toContain("DELETE");
    expect(new Set(connector.seen.map(({ headers }) => headers.authorization))).toEqual(
      new Set([`Bearer ${token}`]),
    );
    const after = connector.seen.filter(({ rpc }) => rpc !== "initialize");
    expect(new Set(after.map(({ headers }) => headers["mcp-protocol-version"]))).toEqual(
      new Set(["2025-11-25"]),
    );
    expect(new Set(after.map(({ headers }) => headers["mcp-session-id"])).size).toBe(1);
    expect(connector.of("initialize")).toHaveLength(1);
  });

  test("what the server says by itself comes through, also after its stream was cut", async () => {
    const { streaming, connector } = now();
    const client = await streaming();
    connector.notify("notifications/one");
    expect(await client.heard(({ method }) => method === "notifications/one")).toBeDefined();
    for (const stream of connector.streams) stream.cut();
    const last = (): unknown =>
      connector.seen.findLast(({ http }) => http === "GET")?.headers["last-event-id"];
    await vi.waitFor(() => expect(last()).toBeDefined(), 5000);
    connector.notify("notifications/two");
    expect(await client.heard(({ method }) => method === "notifications/two")).toBeDefined();
    expect(client.messages.filter(({ method }) => method === "notifications/one")).toHaveLength(1);
  });

  test("a server without such a stream is asked once", async () => {
    const { begun, connector } = now();
    connector.hasStream = false;
    const client = await begun();
    await client.call("echo", { ms: 1200 });
    expect(connector.seen.filter(({ http }) => http === "GET")).toHaveLength(1);
  });

  test.each([404, 400, 403, 302])(
    "one that answers %d to GET has none either, and keeps its session",
    async (status) => {
      const { begun, connector } = now();
      connector.fault({ http: "GET", status, times: 1000 });
      const client = await begun();
      await client.call("echo", { ms: 1200 });
      // A refusal of the credential has it asked for once more.
      expect(connector.seen.filter(({ http }) => http === "GET").length).toBeLessThanOrEqual(2);
      expect(connector.of("initialize")).toHaveLength(1);
      expect(textIn(await client.call("echo", { text: "on" }))).toBe("on");
    },
  );

  test("a session that is forgotten while its stream is cut is begun anew, stream and all", async () => {
    const { streaming, connector } = now();
    const client = await streaming();
    connector.sessions.clear();
    for (const stream of connector.streams) stream.end();
    await vi.waitFor(() => expect(connector.of("initialize")).toHaveLength(2), 5000);
    await vi.waitFor(() => expect(connector.streams.size).toBe(1), 5000);
    connector.notify("notifications/later");
    expect(await client.heard(({ method }) => method === "notifications/later")).toBeDefined();
  });

  test("a forgotten session is begun anew, once for all who need it, and nothing runs twice", async () => {
    const { begun, connector } = now();
    const client = await begun();
    connector.sessions.clear();
    const replies = await Promise.all(["a", "b", "c"].map((text) => client.call("echo", { text })));
    expect(replies.map(textIn)).toEqual(["a", "b", "c"]);
    expect(connector.ran.get("echo")).toBe(3);
    expect(connector.of("initialize")).toHaveLength(2);
    expect(connector.of("notifications/initialized")).toHaveLength(2);
  });

  test("an answer that breaks off is resumed, and the call is not repeated", async () => {
    const { begun, connector } = now();
    const client = await begun();
    expect(textIn(await client.call("cut", { text: "whole" }))).toBe("whole");
    expect(client.messages.some(({ params }) => params?.["data"] === "before")).toBe(true);
    expect(connector.ran.get("cut")).toBe(1);
  });

  test("one that cannot be resumed ends in an error, and the call is not repeated", async () => {
    const { begun, connector } = now();
    const client = await begun();
    expect(await client.call("cutForGood")).toMatchObject({ error: { code: -32603 } });
    expect(connector.ran.get("cutForGood")).toBe(1);
  });

  test("the server's own requests reach the client, and its answers the server", async () => {
    const { streaming, connector } = now();
    const client = await streaming();
    client.onAsk = ({ method }) => ({ result: { roots: [], method } });
    expect(await connector.ask("roots/list")).toMatchObject({ result: { method: "roots/list" } });
    client.onAsk = () => ({ error: { code: -32000, message: "not now" } });
    expect(await connector.ask("vendor/ask")).toMatchObject({ error: { message: "not now" } });
  });

  test("a client is not asked for what it has not declared", async () => {
    const { streaming, connector } = now();
    const client = await streaming({});
    expect(await connector.ask("elicitation/create")).toMatchObject({ error: { code: -32601 } });
    expect(client.messages.some(({ method }) => method === "elicitation/create")).toBe(false);
  });
});
