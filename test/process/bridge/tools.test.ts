import { expect, test, vi } from "vitest";
import type { HistoryLine } from "../../../src/core/history/history.ts";
import { Secret } from "../../../src/core/secret.ts";
import { readHistory } from "../../../src/node/historyFile.ts";
import { grants } from "../../support/grants.ts";
import { textIn } from "./client.ts";
import { useStage } from "./stage.ts";
import { connectorName, goodGrant } from "./window.ts";

const now = useStage();

const tool = (name: string, readOnlyHint?: boolean): object => ({
  ...{ name, inputSchema: { type: "object" } },
  ...(readOnlyHint === undefined ? {} : { annotations: { readOnlyHint } }),
});
const names = (reply: { readonly result?: { readonly tools?: readonly { readonly name: string }[] } }) =>
  reply.result?.tools?.map(({ name }) => name);

test("a tool that the entry forbids is missing in the list, and its call is not sent", async () => {
  const { begun, connector, window } = now();
  connector.tools = ["echo", "get_a", "get_secret", "delete_a"].map((name) => tool(name));
  window.load({ userAuth: { ...window.userAuth, tools: { allow: ["echo", "get_*"], deny: ["*_secret"] } } });
  const client = await begun();
  expect(names(await client.ask("tools/list"))).toEqual(["echo", "get_a"]);
  expect(textIn(await client.call("echo", { text: "x" }))).toBe("x");
  for (const name of ["get_secret", "delete_a", ""]) {
    const reply = await client.call(name);
    expect(reply.error?.code).toBe(-32001);
    expect(textIn(reply)).toMatch(/may not be used here: userAuth\.tools does not allow it/);
  }
  expect(connector.of("tools/call")).toHaveLength(1);
});

test("what another parser may read as a call of a forbidden tool is not sent", async () => {
  const { begun, connector, window } = now();
  connector.tools = ["echo", "delete_a"].map((name) => tool(name));
  window.load({ userAuth: { ...window.userAuth, tools: { allow: ["echo"] } } });
  const client = await begun();
  const bad = '{"name":"delete_a"}';
  const forms = [
    // Read by the first of two members of a name.
    `"method":"tools/call","params":{"name":"delete_a","name":"echo"}`,
    `"method":"tools/call","params":${bad},"method":"ping"`,
    `"method":"tools/call","params":${bad},"params":{"name":"echo"}`,
    // Read without heed of case.
    `"method":"ping","Method":"tools/call","params":${bad}`,
    `"method":"ping","\\u004dethod":"tools/call","params":${bad}`,
    `"method":"tools/call","params":{"name":"echo","NAME":"delete_a"}`,
    `"method":"tools/call","params":{"name":"echo"},"param\u017f":${bad}`,
  ];
  for (const [index, form] of forms.entries()) {
    const id = `form-${index}`;
    client.send(`{"jsonrpc":"2.0","id":"${id}",${form}}`);
    const reply = await client.heard((each) => each.id === id);
    expect(reply?.error?.code, form).toBe(-32001);
    expect(reply?.error?.message).toBe(
      "A call of that form may not be used here: userAuth.tools does not allow it. Nothing was sent.",
    );
  }
  client.send(`{"jsonrpc":"2.0","id":"answer","result":{},"Method":"tools/call","params":${bad}}`);
  client.send(
    `{"jsonrpc":"2.0","method":"notifications/x","method":"tools/call","METHOD":"x","params":${bad}}`,
  );
  expect(textIn(await client.call("echo", { name: "x", Name: "y", text: "on" }))).toBe("on");
  expect(connector.seen.filter(({ raw }) => raw.includes("delete_a"))).toEqual([]);
});

test("without rules such a message is passed on as it came", async () => {
  const { begun, connector } = now();
  const client = await begun();
  client.send(
    `{"jsonrpc":"2.0","id":"twin","method":"tools/call","params":{"name":"a","name":"echo","arguments":{"text":"x"}}}`,
  );
  expect(textIn((await client.heard(({ id }) => id === "twin")) ?? {})).toBe("x");
  expect(connector.of("tools/call")[0]?.raw).toContain('{"name":"a","name":"echo"');
});

test("the rest of the list comes as the connector wrote it", async () => {
  const { begun, connector, window } = now();
  connector.tools = [tool("echo"), { ...tool("get"), "x-number": 10000000000000001n.toString() }, tool("no")];
  window.load({ narrowed: [{ deny: ["no"], by: "lanyard.policy.tools" }] });
  const client = await begun();
  expect((await client.ask("tools/list")).result).toEqual({
    ...{ tools: connector.tools.slice(0, 2), "x-unknown": 7 },
  });
  expect(textIn(await client.call("no"))).toMatch(/lanyard\.policy\.tools does not allow it/);
});

test("readOnly lets through what the connector marks as such, listed or not", async () => {
  const { begun, connector, window } = now();
  connector.tools = [tool("echo", true), tool("write", false), tool("unmarked")];
  window.load({ userAuth: { ...window.userAuth, tools: { readOnly: true } } });
  const client = await begun();
  // Nobody has listed yet: the bridge asks for the list itself.
  expect(textIn(await client.call("echo", { text: "x" }))).toBe("x");
  for (const name of ["write", "unmarked", "unknown"])
    expect(textIn(await client.call(name))).toMatch(/may not be used here/);
  expect(names(await client.ask("tools/list"))).toEqual(["echo"]);
  expect(connector.of("tools/call")).toHaveLength(1);
});

test("no two questions of the bridge's own have one id in a session", async () => {
  const { begun, connector, window } = now();
  connector.tools = [tool("echo", true)];
  window.load({ userAuth: { ...window.userAuth, tools: { readOnly: true } } });
  const client = await begun();
  await Promise.all(["one", "two", "three"].map((text) => client.call("echo", { text })));
  const ids = connector.of("tools/list").map(({ raw }) => (JSON.parse(raw) as { id: unknown }).id);
  expect(ids.length).toBeGreaterThan(1);
  expect(new Set(ids).size).toBe(ids.length);
});

test("what is not fit to be given away is neither kept nor a hand-out in the history", async () => {
  const { begun, connector, window, home } = now();
  window.load({ userAuth: { ...window.userAuth, reuseSeconds: 10 } });
  const client = await begun();
  const handOuts = async (): Promise<number> =>
    (await readHistory(home)).filter(({ kind }) => kind === "handOut").length;
  await window.check();
  window.answer = () => grants.granted({ headers: { "odd name": new Secret("x") } });
  await window.check();
  const before = await handOuts();
  for (const text of ["one", "two"])
    expect(textIn(await client.call("echo", { text }))).toContain('"odd name" is not a header name');
  window.answer = goodGrant;
  expect(textIn(await client.call("echo", { text: "y" }))).toBe("y");
  await vi.waitFor(async () => expect(await handOuts()).toBeGreaterThan(before));
  expect(await handOuts()).toBe(before + 1);
  expect(connector.of("tools/call")).toHaveLength(1);
});

test("rules that come while the client runs hold at once, and the client is told to list again", async () => {
  const { streaming, connector, window } = now();
  connector.tools = [tool("echo"), tool("write")];
  const client = await streaming();
  expect(names(await client.ask("tools/list"))).toEqual(["echo", "write"]);
  window.load({ narrowed: [{ deny: ["write"], by: "lanyard.restrictions.tools" }] });
  expect(textIn(await client.call("write"))).toMatch(
    /lanyard\.restrictions\.tools does not allow it|right to this connector ended/,
  );
  await window.check();
  expect(await client.heard(({ method }) => method === "notifications/tools/list_changed")).toBeDefined();
  expect(textIn(await client.call("write"))).toMatch(/lanyard\.restrictions\.tools does not allow it/);
  expect(names(await client.ask("tools/list"))).toEqual(["echo"]);
  expect(connector.of("tools/call")).toHaveLength(0);
});

test("each call leaves a line without its arguments, and its trace goes on", async () => {
  const { begun, connector, window, home } = now();
  window.load({ narrowed: [{ deny: ["no"], by: "lanyard.policy.tools" }] });
  const client = await begun();
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
  const own = { name: "echo", arguments: { text: "argument-canary" }, _meta: { traceparent } };
  await client.ask("tools/call", own);
  connector.fault({ rpc: "tools/call", status: 500 });
  await client.call("echo");
  await client.call("no");
  await client.ask("resources/read", { uri: "file:///argument-canary" });
  const lines = await vi.waitFor(async () => {
    const calls = (await readHistory(home)).filter(({ kind }) => kind === "call").slice(-4);
    expect(calls.at(-1)?.method).toBe("resources/read");
    return calls;
  });
  const facts = ({ connector: name, method, tool: of, status, outcome, policy }: HistoryLine): unknown[] => [
    ...[name, method, of, status, outcome, policy],
  ];
  expect(lines.map(facts)).toEqual([
    [connectorName, "tools/call", "echo", "200", "answered", undefined],
    [connectorName, "tools/call", "echo", "500", "error", undefined],
    [connectorName, "tools/call", "no", undefined, "forbidden", "lanyard.policy.tools"],
    [connectorName, "resources/read", undefined, "200", "answered", undefined],
  ]);
  expect(lines[0]?.traceId).toBe(traceId);
  expect(JSON.stringify(lines)).not.toContain("argument-canary");
  const [sent, ...others] = connector.seen.filter(({ rpc }) => rpc === "tools/call");
  expect(sent?.headers["traceparent"]).toBe(traceparent);
  expect(sent?.raw).toContain(traceparent);
  for (const { headers } of others)
    expect(headers["traceparent"]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
});
