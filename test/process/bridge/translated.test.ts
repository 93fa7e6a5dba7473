import { describe, expect, test, vi } from "vitest";
import { names, type Rpc } from "../../../demo/mcp/wire.ts";
import { grants } from "../../support/grants.ts";
import { textIn } from "./client.ts";
import { useEras } from "./eraStage.ts";
import { awaitedLater } from "../../support/awaitedLater.ts";

const open = useEras();

describe("a client that begins with initialize at a connector of 2026-07-28", () => {
  test("has its own answer, and says in every request what it said once", async () => {
    const { door, older, of } = await open();
    const client = await older({ roots: {} });
    const [begun] = client.messages;
    expect(begun?.result).toMatchObject({
      ...{ protocolVersion: "2025-11-25", serverInfo: { name: "reference" } },
      capabilities: { tools: { listChanged: true } },
    });
    expect(await client.ask("ping")).toMatchObject({ result: {} });
    await client.ask("logging/setLevel", { level: "warning" });
    expect(textIn(await client.call("echo", { text: "x" }))).toBe("x");
    const { params } = JSON.parse(of("tools/call")[0]?.raw ?? "") as Rpc;
    expect(params?._meta).toMatchObject({
      [names.version]: "2026-07-28",
      [names.clientInfo]: { name: "test", version: "1" },
      [names.capabilities]: { roots: {} },
      [names.logLevel]: "warning",
    });
    expect(of("initialize")).toHaveLength(1);
    await client.end();
    // What it speaks is remembered.
    const before = door.requests.length;
    await older();
    expect(door.requests.slice(before).map(({ method }) => method)).toContain("server/discover");
    expect(of("initialize")).toHaveLength(1);
  });

  test("is asked what the server wants to know, as its era has it", async () => {
    const { older, of } = await open();
    const client = await older();
    client.onAsk = ({ method }) =>
      method === "elicitation/create"
        ? { result: { action: "accept", content: { name: "Ada" } } }
        : { result: { content: { text: "Paris" }, roots: [{ uri: "file:///a" }] } };
    expect(textIn(await client.call("test_input_required_result_elicitation"))).toBe("Hello, Ada!");
    expect(textIn(await client.call("test_input_required_result_multi_round"))).toBe("All rounds done");
    const all = textIn(await client.call("test_input_required_result_multiple_inputs"));
    expect(all).toMatch(/^multiple: .*Ada.*/s);
    const ids = of("tools/call").map(({ raw }) => (JSON.parse(raw) as Rpc).id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("is not asked what it has not declared", async () => {
    const { older } = await open();
    const client = await older({});
    const { error } = await client.call("test_input_required_result_elicitation");
    expect(error?.message).toMatch(/did not answer/);
    expect(client.messages.some(({ method }) => method === "elicitation/create")).toBe(false);
  });

  test("hears of changes, and of a resource that it subscribed to", async () => {
    const { older, of } = await open();
    const client = await older();
    await vi.waitFor(() => expect(of("subscriptions/listen")).toHaveLength(1), 5000);
    await client.call("test_trigger_tool_change");
    expect(await client.heard(({ method }) => method === "notifications/tools/list_changed")).toBeDefined();
    await client.ask("resources/subscribe", { uri: "test://watched-resource" });
    await vi.waitFor(() => expect(of("subscriptions/listen")).toHaveLength(2), 5000);
    const { params } = JSON.parse(of("subscriptions/listen").at(-1)?.raw ?? "") as Rpc;
    expect(params?.["notifications"]).toEqual({
      ...{ toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true },
      resourceSubscriptions: ["test://watched-resource"],
    });
  });

  test("is out at once when the right ends", async () => {
    const { window, older, of } = await open();
    const client = await older();
    const call = awaitedLater(client.call("wait", { ms: 20_000 }, 15_000));
    await vi.waitFor(() => expect(of("tools/call")).toHaveLength(1), 5000);
    window.answer = () => grants.denied();
    const revokedMs = Date.now();
    await window.check();
    expect((await call).error?.code).toBe(-32001);
    expect(Date.now() - revokedMs).toBeLessThan(1500);
  });
});
