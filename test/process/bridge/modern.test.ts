import { describe, expect, test, vi } from "vitest";
import { names } from "../../../demo/mcp/wire.ts";
import { grants } from "../../support/grants.ts";
import { textIn, type Reply } from "./client.ts";
import { needsConnection, useEras } from "./eraStage.ts";
import { goodGrant, token } from "./window.ts";

const open = useEras();

describe("a client of 2026-07-28 at a connector of 2026-07-28", () => {
  test("has its requests passed with the headers that say the same, and without a session", async () => {
    const { door, modern } = await open();
    const client = modern();
    const found = await client.ask("server/discover");
    expect(found.result).toMatchObject({ supportedVersions: ["2026-07-28"], resultType: "complete" });
    expect(textIn(await client.call("echo", { text: "ü" }))).toBe("ü");
    await client.ask("resources/read", { uri: "test://static-text" });
    await client.ask("prompts/get", { name: "päß" });
    await client.end();
    const told = door.requests.map(({ headers }) => [
      ...[headers["mcp-protocol-version"], headers["mcp-method"], headers["mcp-name"]],
    ]);
    expect(told).toEqual([
      ["2026-07-28", "server/discover", undefined],
      ["2026-07-28", "tools/call", "echo"],
      ["2026-07-28", "resources/read", "test://static-text"],
      ["2026-07-28", "prompts/get", `=?base64?${Buffer.from("päß").toString("base64")}?=`],
    ]);
    expect(door.requests.every(({ headers }) => headers["mcp-session-id"] === undefined)).toBe(true);
    expect(door.requests.every(({ headers }) => headers.authorization === `Bearer ${token}`)).toBe(true);
    expect(door.requests.every(({ http }) => http === "POST")).toBe(true);
  });

  test("has a request passed byte for byte", async () => {
    const { modern, of } = await open();
    const client = modern();
    const line = `{"jsonrpc":"2.0","id":"\\u00fc 1","method":"tools/call","params":{"name":"echo","arguments":{"n":12345678901234567890,"f":1.0},"_meta":${JSON.stringify(client.meta)},"x":1}}`;
    client.send(line);
    await client.heard(({ id }) => id === "ü 1");
    expect(of("tools/call")[0]?.raw).toBe(line);
  });

  test("has what a tool wants as headers sent so, asked for where it is not known yet", async () => {
    const { door, modern, of } = await open();
    const client = modern();
    const args = { region: "us west é", priority: -7, dryRun: false, query: "x" };
    expect(textIn(await client.call("test_custom_headers", args))).toBe("region us west é");
    expect(door.requests.map(({ method }) => method)).toEqual(["tools/call", "tools/list", "tools/call"]);
    expect(textIn(await client.call("test_custom_headers", { region: "eu" }))).toBe("region eu");
    expect(of("tools/call").at(-1)?.headers).toMatchObject({ "mcp-param-region": "eu" });
    expect(of("tools/call").at(-1)?.headers["mcp-param-priority"]).toBeUndefined();
    expect(of("tools/list")).toHaveLength(1);
  });

  test("ends a request by leaving it, and hears no more of it", async () => {
    const { modern, of } = await open();
    const client = modern();
    client.send({
      ...{ jsonrpc: "2.0", id: "c", method: "tools/call" },
      params: { name: "wait", arguments: { ms: 800 }, _meta: client.meta },
    });
    await vi.waitFor(() => expect(of("tools/call")).toHaveLength(1), 5000);
    client.send({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: "c" } });
    expect(textIn(await client.call("echo", { text: "on" }))).toBe("on");
    await client.call("wait", { ms: 1000 });
    expect(client.messages.some(({ id }) => id === "c")).toBe(false);
    expect(of("notifications/cancelled")).toEqual([]);
  });

  test("a stream that breaks off ends in an error, and the call is not repeated", async () => {
    const { modern, of } = await open("modern", ({ params }) => params?.name === "test_tool_with_progress");
    const client = modern();
    client.more = { progressToken: "p" };
    expect(await client.call("test_tool_with_progress")).toMatchObject({ error: { code: -32603 } });
    expect(of("tools/call")).toHaveLength(1);
  });

  test("hears of changes, by the id of its own request", async () => {
    const { window, modern, of } = await open();
    const client = modern();
    const notifications = { toolsListChanged: true };
    client.send({
      ...{ jsonrpc: "2.0", id: "sub", method: "subscriptions/listen" },
      params: { notifications, _meta: client.meta },
    });
    const isOf = ({ params }: Reply): boolean =>
      (params?.["_meta"] as Record<string, unknown> | undefined)?.[names.subscription] === "sub";
    const acknowledged = "notifications/subscriptions/acknowledged";
    expect(await client.heard((each) => each.method === acknowledged && isOf(each))).toBeDefined();
    await client.call("test_trigger_tool_change");
    const changed = "notifications/tools/list_changed";
    expect(await client.heard((each) => each.method === changed && isOf(each))).toBeDefined();

    // The right ends and comes back: the subscription outlasts it, and what may have changed is asked for again.
    window.answer = () => grants.denied();
    await window.check();
    await vi.waitFor(async () => expect((await client.call("echo")).error?.code).toBe(-32001), 3000);
    const before = client.messages.length;
    window.answer = goodGrant;
    await window.check();
    await vi.waitFor(() => expect(of("subscriptions/listen").length).toBeGreaterThan(1), 5000);
    const since = client.messages.slice(before);
    expect(since.some((each) => each.method === changed && isOf(each))).toBe(true);
    expect(client.messages.filter(({ method }) => method === acknowledged)).toHaveLength(1);
    expect(client.messages.some(({ id }) => id === "sub")).toBe(false);
  });
});

describe("server/discover", () => {
  test("of a connector of an older era is an error, and the client begins as it did before", async () => {
    const { modern } = await open("stateful");
    const client = await modern().up();
    const startedMs = Date.now();
    expect((await client.ask("server/discover")).error).toBeDefined();
    expect(Date.now() - startedMs).toBeLessThan(2000);
    client.isModern = false;
    const begun = await client.begin();
    expect(begun.result).toMatchObject({ protocolVersion: "2025-11-25" });
  });

  test("of one that hangs is answered within two seconds: with what it said the last time, or so that the client falls back", async () => {
    const { door, modern } = await open();
    door.hangs = true;
    const first = await modern().up();
    const startedMs = Date.now();
    expect((await first.ask("server/discover")).error?.code).toBe(-32601);
    expect(Date.now() - startedMs).toBeLessThan(2000);
    door.hangs = false;
    const second = modern();
    const own = await second.ask("server/discover");
    door.hangs = true;
    const third = await modern().up();
    const againMs = Date.now();
    expect((await third.ask("server/discover")).result).toEqual(own.result);
    expect(Date.now() - againMs).toBeLessThan(2000);
  });

  test("without a right is what the connector said the last time, and so are its tools", async () => {
    const { window, modern } = await open();
    const first = modern();
    const [own, tools] = [await first.ask("server/discover"), await first.ask("tools/list")];
    window.answer = needsConnection;
    await window.check();
    const second = modern();
    expect((await second.ask("server/discover")).result).toEqual(own.result);
    expect((await second.ask("tools/list")).result?.tools).toEqual(tools.result?.tools);
  });

  test("a list that nobody knows yet is one tool that says why", async () => {
    const { window, modern } = await open();
    window.answer = needsConnection;
    await window.check();
    const client = modern();
    const { result } = await client.ask("tools/list");
    expect(result).toMatchObject({ resultType: "complete", tools: [{ name: "lanyard_why_no_tools" }] });
    client.declared = {};
    expect(textIn(await client.call("lanyard_why_no_tools"))).toMatch(/Access has to be authorized once/);
    window.answer = goodGrant;
    await window.check();
    expect(textIn(await client.call("lanyard_why_no_tools"))).toMatch(/ready now/);
  });
});

describe("the person of a client of 2026-07-28", () => {
  test("is shown the page by an answer, and the call that comes again waits for the vault", async () => {
    const { window, modern, of } = await open();
    window.answer = needsConnection;
    await window.check();
    const client = modern();
    const { result, error } = await client.call("echo", { text: "through" });
    expect(error?.message).toBeUndefined();
    expect(result).toMatchObject({
      resultType: "input_required",
      inputRequests: {
        lanyard: { params: { mode: "url", url: "https://vault.example.com/connect?canary" } },
      },
    });
    const again = client.ask("tools/call", {
      ...{ name: "echo", arguments: { text: "through" }, requestState: result?.["requestState"] },
      inputResponses: { lanyard: { action: "accept" } },
    });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(of("tools/call")).toEqual([]);
    window.answer = goodGrant;
    expect(textIn(await again)).toBe("through");
    expect(of("tools/call")[0]?.raw).not.toMatch(/requestState|inputResponses|lanyard/);
  });

  test("who declines has the call end, and a client that shows no pages is told in words without a link", async () => {
    const { window, modern } = await open();
    window.answer = needsConnection;
    await window.check();
    const client = modern();
    const { result } = await client.call("echo");
    const declined = await client.ask("tools/call", {
      ...{ name: "echo", requestState: result?.["requestState"] },
      inputResponses: { lanyard: { action: "decline" } },
    });
    expect(declined.error?.code).toBe(-32001);
    client.declared = {};
    const told = await client.call("echo");
    expect(textIn(told)).toMatch(/Access has to be authorized once/);
    expect(textIn(told) + textIn(declined)).not.toMatch(/https?:|canary/);
  });

  test("what the server wanted of the client comes back to it", async () => {
    const { window, modern } = await open();
    const client = modern();
    const tool = "test_input_required_result_request_state";
    const { result } = await client.call(tool);
    const answers = { confirm: { action: "accept", content: { ok: true } } };
    window.answer = needsConnection;
    await window.check();
    const own = { requestState: result?.["requestState"], inputResponses: answers };
    const asked = await client.ask("tools/call", { name: tool, arguments: {}, ...own });
    window.answer = goodGrant;
    await window.check();
    const done = await client.ask("tools/call", {
      ...{ name: tool, arguments: {}, requestState: asked.result?.["requestState"] },
      inputResponses: { lanyard: { action: "accept" } },
    });
    expect(textIn(done)).toBe("confirm: state-ok");
  });
});
