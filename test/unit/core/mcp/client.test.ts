import { EventEmitter, once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, describe, test } from "vitest";
import * as z from "zod";
import { McpClient, type McpResult } from "../../../../src/core/mcp/client.ts";
import type { HttpLimits } from "../../../../src/core/http.ts";
import { Secret } from "../../../../src/core/secret.ts";
import { startTrace } from "../../../../src/core/trace.ts";
import { systemClock } from "../../../../src/node/clock.ts";
import { listen, listenMcp } from "./server.ts";

const token = "canary-token-5d1f";
const forever = new AbortController().signal;

const clientOf = (url: string, limits: Partial<HttpLimits> = {}): McpClient =>
  new McpClient(
    { url, headers: { Authorization: new Secret(`Bearer ${token}`) }, trace: startTrace("ab".repeat(16)) },
    { fetch: (input, init) => fetch(input, init), clock: systemClock, limits },
  );

/** A server that gives one answer to everything. */
const answering = (
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body: string | Buffer = "",
): ReturnType<typeof listen> => listen((_request, response) => response.writeHead(status, headers).end(body));

const initializedAt = async (url: string, limits?: Partial<HttpLimits>): Promise<McpResult<unknown>> =>
  clientOf(url, limits).initialize(forever);

describe.each([
  { enableJsonResponse: true, hasSessions: true },
  { enableJsonResponse: true, hasSessions: false },
  { enableJsonResponse: false, hasSessions: true },
  { enableJsonResponse: false, hasSessions: false },
])("a server with %o", (mode) => {
  test("is initialized, lists its tools, and its session is ended", async () => {
    const closed: string[] = [];
    await using server = await listenMcp({
      ...mode,
      tools: ["whoami", "search"],
      onClosed: (id) => closed.push(id),
    });
    const client = clientOf(server.url);
    expect(await client.initialize(forever)).toMatchObject({
      kind: "ok",
      value: { protocolVersion: "2025-11-25", serverInfo: { name: "acme-test" } },
    });
    expect(await client.listTools(forever)).toEqual({ kind: "ok", value: ["whoami", "search"] });
    await client.close();

    const sent = server.requests.map(({ method, headers }) => [method, headers["mcp-protocol-version"]]);
    expect(sent.slice(0, 3)).toEqual([
      ["POST", undefined],
      ["POST", "2025-11-25"],
      ["POST", "2025-11-25"],
    ]);
    expect(closed).toHaveLength(mode.hasSessions ? 1 : 0);
    for (const { headers } of server.requests) {
      expect(headers.authorization).toBe(`Bearer ${token}`);
      expect(headers["traceparent"]).toMatch(/^00-(ab){16}-/);
    }
  });
});

test("the reply is taken from a stream that stays open, and the stream is let go", async () => {
  const gone = new EventEmitter();
  await using server = await listen((_request, response) => {
    response.once("close", () => gone.emit("gone"));
    response.writeHead(200, { "content-type": "text/event-stream" });
    const notice = { jsonrpc: "2.0", method: "notifications/message", params: {} };
    const reply = { jsonrpc: "2.0", id: 1, result: { tools: [{ name: "a" }] } };
    response.write(`data: ${JSON.stringify(notice)}\n\nevent: message\ndata: ${JSON.stringify(reply)}\n\n`);
  });
  const isGone = once(gone, "gone");
  expect(await clientOf(server.url).listTools(forever)).toEqual({ kind: "ok", value: ["a"] });
  await isGone;
});

test("tools are listed over all pages", async () => {
  await using server = await listen((request, response) => {
    void (async () => {
      const asked = z.object({ id: z.number(), params: z.object({ cursor: z.string().optional() }) });
      const { id, params } = asked.parse(JSON.parse(await text(request)));
      const page = Number(params.cursor ?? "0");
      const next = page < 2 ? { nextCursor: String(page + 1) } : {};
      const result = { tools: [{ name: `tool-${page}` }], ...next };
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ jsonrpc: "2.0", id, result }));
    })();
  });
  const names = ["tool-0", "tool-1", "tool-2"];
  expect(await clientOf(server.url).listTools(forever)).toEqual({ kind: "ok", value: names });
});

describe("what a server refuses", () => {
  test.each([
    [401, { "www-authenticate": 'Bearer error="invalid_token", error_description="Too old"' }, "", "Too old"],
    [403, { "www-authenticate": 'Bearer error="insufficient_scope"' }, "", "insufficient_scope"],
    [403, {}, '{"message":"Not for you"}', "Not for you"],
    [401, {}, '{"jsonrpc":"2.0","id":null,"error":{"code":-1,"message":"No"}}', "No"],
    [401, {}, "<html>", undefined],
    [401, {}, JSON.stringify({ message: `Unknown token ${token}` }), "Unknown token [secret]"],
  ])("%i %o %s is its refusal", async (status, headers, body, reason) => {
    await using server = await answering(status, headers, body);
    const expected = { kind: "refused", status, ...(reason === undefined ? {} : { reason }) };
    expect(await initializedAt(server.url)).toEqual(expected);
  });
});

describe("what is no answer", () => {
  const json = { "content-type": "application/json" };
  test.each([
    ["another status", 404, {}, "", { kind: "status", status: 404 }],
    ["a page", 200, { "content-type": "text/html" }, "<html>", { kind: "notMcp" }],
    ["a reply to something else", 200, json, '{"jsonrpc":"2.0","id":7,"result":{}}', { kind: "notMcp" }],
    ["a result of another kind", 200, json, '{"jsonrpc":"2.0","id":1,"result":{}}', { kind: "notMcp" }],
    [
      "an error",
      200,
      json,
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"No\\u202e way"}}',
      { kind: "error", code: -32602, reason: "No way" },
    ],
    [
      "a version that nobody knows",
      200,
      json,
      '{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"1999-01-01","capabilities":{},"serverInfo":{"name":"x"}}}',
      { kind: "version", version: "1999-01-01" },
    ],
  ])("%s", async (_, status, headers, body, expected) => {
    await using server = await answering(status, headers, body);
    expect(await initializedAt(server.url)).toEqual(expected);
  });

  test("a redirect is not followed, and the credential goes nowhere else", async () => {
    await using elsewhere = await answering(200);
    await using server = await answering(307, { location: elsewhere.url });
    expect(await initializedAt(server.url)).toMatchObject({ kind: "unreachable" });
    expect(elsewhere.requests).toEqual([]);
  });

  test("a reply that is too large", async () => {
    await using server = await answering(200, {}, Buffer.alloc(2000, "a"));
    expect(await initializedAt(server.url, { maxBytes: 1000 })).toMatchObject({ kind: "unreachable" });
  });

  test("a stream of events without end", async () => {
    await using server = await listen((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const flood = (): void => {
        while (response.writable && response.write(`data: {"x":"${"a".repeat(500)}"}\n\n`));
      };
      response.on("drain", flood);
      flood();
    });
    expect(await initializedAt(server.url, { maxBytes: 100_000 })).toMatchObject({ kind: "unreachable" });
  });

  test("nothing in time", async () => {
    await using server = await listen(() => undefined);
    expect(await initializedAt(server.url, { timeoutMs: 20 })).toMatchObject({ kind: "unreachable" });
  });

  test("a URL that would carry the credential in the clear", async () => {
    expect(await initializedAt("http://mcp.example.com/")).toMatchObject({ kind: "unreachable" });
  });
});

test("who cancels is not told of a failure", async () => {
  const abort = new AbortController();
  await using server = await listen(() => abort.abort());
  await expect(clientOf(server.url).initialize(abort.signal)).rejects.toMatchObject({ code: "cancelled" });
});
