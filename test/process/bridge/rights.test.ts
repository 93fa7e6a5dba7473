import { describe, expect, test, vi } from "vitest";
import { grants } from "../../support/grants.ts";
import { textIn } from "./client.ts";
import { OddConnector } from "./connector.ts";
import { useStage } from "./stage.ts";
import { goodGrant, startWindow, token } from "./window.ts";
import { awaitedLater } from "../../support/awaitedLater.ts";

const now = useStage();

describe("the credential", () => {
  test("a 401 has the vault asked anew, and the request is repeated once", async () => {
    const { begun, connector, window } = now();
    const client = await begun();
    const before = window.asked;
    connector.fault({ rpc: "tools/call", status: 401 });
    expect(textIn(await client.call("echo", { text: "x" }))).toBe("x");
    expect(window.asked).toBe(before + 1);
    connector.fault({ rpc: "tools/call", status: 401, times: 9 });
    expect(textIn(await client.call("echo"))).toMatch(/refused the credential, and a new one as well/);
    expect(connector.of("tools/call")).toHaveLength(4);
  });

  test.each([[301], [302], [307], [308]])("a redirect (%i) is not followed", async (status) => {
    const { begun, connector } = now();
    const elsewhere = new OddConnector();
    const location = await elsewhere.listen();
    const client = await begun();
    connector.fault({ rpc: "tools/call", status, headers: { location } });
    const reply = await client.call("echo");
    expect(reply.error?.message).toMatch(/to go on elsewhere/);
    expect(reply.error?.message).not.toContain(location);
    expect(elsewhere.seen).toEqual([]);
    await elsewhere.close();
  });

  test("a grant serves again for some seconds, and with reuseSeconds 0 not once", async () => {
    const { streaming, window } = now();
    const client = await streaming();
    await client.call("echo");
    const before = window.asked;
    for (let each = 0; each < 5; each += 1) await client.call("echo");
    expect(window.asked).toBe(before);
    window.load({ userAuth: { ...window.userAuth, reuseSeconds: 0 } });
    await client.call("echo");
    const after = window.asked;
    for (let each = 0; each < 5; each += 1) await client.call("echo");
    expect(window.asked).toBeGreaterThanOrEqual(after + 5);
  });

  test("what the vault takes back is used no more once anybody has heard of it", async () => {
    const { streaming, connector, window } = now();
    const client = await streaming();
    await client.call("echo");
    window.answer = () => ({
      ...{ kind: "denied", by: "policy", reason: "See https://vault.example.com/why for more" },
    });
    await window.check();
    await vi.waitFor(() => expect(connector.streams.size).toBe(0), 1000);
    const sent = connector.seen.length;
    const reply = await client.call("echo");
    expect(reply.error).toMatchObject({ code: -32001 });
    expect(textIn(reply)).toMatch(/Denied by policy/);
    expect(textIn(reply)).not.toMatch(/https?:|vault-credential|tok-/);
    expect(connector.seen).toHaveLength(sent);

    window.answer = goodGrant;
    await window.check();
    expect(await client.heard(({ method }) => method === "notifications/tools/list_changed")).toBeDefined();
    expect(textIn(await client.call("echo", { text: "again" }))).toBe("again");
  });

  test("an entry whose approval is gone, or that changed, gets nothing, and its streams end", async () => {
    const { streaming, connector, window } = now();
    const client = await streaming();
    await client.call("echo");
    window.load({}, "unapproved");
    await vi.waitFor(() => expect(connector.streams.size).toBe(0), 1000);
    expect(textIn(await client.call("echo"))).toMatch(/waits for your approval/);
  });

  test("a call under way when the right ends is answered with an error", async () => {
    const { begun, connector, window } = now();
    const client = await begun();
    const call = awaitedLater(client.call("hang"));
    await vi.waitFor(() => expect(connector.ran.get("hang")).toBe(1), 5000);
    window.answer = () => grants.denied();
    await window.check();
    expect(textIn(await call)).toMatch(/right to this connector ended/);
  });

  test("another name gets nothing", async () => {
    const { start, connector } = now();
    const client = start("other");
    await client.begin();
    expect(textIn(await client.call("echo"))).toMatch(
      /No open folder in VS Code has a connector of this name/,
    );
    expect(connector.seen).toEqual([]);
  });
});

describe("up at once, and never gone", () => {
  test("a connector that hangs does not keep the client waiting, and its tools come later", async () => {
    const { start, connector } = now();
    connector.fault({ rpc: "initialize", status: 200, delayMs: 3000 });
    const client = start();
    const startedMs = Date.now();
    expect((await client.begin()).result).toMatchObject({ capabilities: { tools: { listChanged: true } } });
    expect(Date.now() - startedMs).toBeLessThan(3000);
    const [tool] = (await client.ask("tools/list")).result?.tools ?? [];
    expect(tool?.name).toBe("lanyard_why_no_tools");
    expect(textIn(await client.call("lanyard_why_no_tools"))).toMatch(/ready now/);
    expect(await client.heard(({ method }) => method === "notifications/tools/list_changed")).toBeDefined();
    expect((await client.ask("tools/list")).result?.tools?.map(({ name }) => name)).toEqual(["echo"]);
  });

  test("the tools of the last time are shown while there is no right to them", async () => {
    const { start, begun, window } = now();
    const first = await begun();
    await first.ask("tools/list");
    await first.end();
    window.answer = () => grants.needsConnection({ url: "https://vault.example.com/connect" });
    await window.check();
    const client = start();
    expect((await client.begin({})).result?.["serverInfo"]).toEqual({ name: "odd", version: "1" });
    expect((await client.ask("tools/list")).result?.tools?.map(({ name }) => name)).toEqual(["echo"]);
    const reply = await client.call("echo");
    expect(textIn(reply)).toMatch(/Access has to be authorized once/);
    expect(textIn(reply)).not.toContain("https://");
    window.answer = goodGrant;
    expect(textIn(await client.call("echo", { text: "now" }))).toBe("now");
  });

  test("an agent that is away is said, and one that comes back is used", async () => {
    const stage = now();
    const { start, home, url } = stage;
    await stage.window.stop();
    const client = start();
    const startedMs = Date.now();
    await client.begin();
    expect(textIn(await client.call("echo"))).toMatch(/Lanyard is not running/);
    expect(Date.now() - startedMs).toBeLessThan(4000);
    stage.window = await startWindow(home, url);
    expect(textIn(await client.call("echo", { text: "back" }))).toBe("back");
    await stage.window.stop();
    const goneMs = Date.now();
    // The grant may not be used any more, whatever is left of its time: it was the agent's.
    expect(textIn(await client.call("echo"))).toMatch(/Lanyard is not running/);
    expect(Date.now() - goneMs).toBeLessThan(1000);
    stage.window = await startWindow(home, url);
    expect(textIn(await client.call("echo", { text: "back" }))).toBe("back");
    expect(client.isAlive).toBe(true);
  });

  test("a list that is asked for while a session is open and nobody grants is that of the last time", async () => {
    const stage = now();
    const { begun, home, url } = stage;
    const client = await begun();
    await client.ask("tools/list");
    await stage.window.stop();
    // Some clients drop their tools on an error, and never ask again.
    expect((await client.ask("tools/list")).result?.tools?.map(({ name }) => name)).toEqual(["echo"]);
    stage.window = await startWindow(home, url);
    await stage.window.check();
    expect(await client.heard(({ method }) => method === "notifications/tools/list_changed")).toBeDefined();
    expect(textIn(await client.call("echo", { text: "back" }))).toBe("back");
  });

  test.each([
    ["500", { status: 500, body: "kaputt" }, /answered 500/],
    ["429", { status: 429 }, /answered 429/],
    [
      "a page",
      { status: 200, headers: { "content-type": "text/html" }, body: "<h1>" },
      /not whole, or is none/,
    ],
    [
      "half an answer",
      { status: 200, headers: { "content-type": "application/json" }, body: "{" },
      /not whole/,
    ],
    ["a connection that breaks", { status: 0 }, /cannot be reached/],
  ])("%s is an error, and the next call works", async (_what, fault, message) => {
    const { begun, connector } = now();
    const client = await begun();
    connector.fault({ rpc: "tools/call", ...fault });
    expect(textIn(await client.call("echo"))).toMatch(message);
    expect(textIn(await client.call("echo", { text: "next" }))).toBe("next");
    expect(connector.of("tools/call")).toHaveLength(2);
  });

  test("it ends with its client, by EOF and by SIGTERM, and answers what is under way before", async () => {
    const { begun, connector } = now();
    const client = await begun();
    const call = awaitedLater(client.call("echo", { ms: 300, text: "last" }));
    await vi.waitFor(() => expect(connector.ran.get("echo")).toBe(1), 5000);
    const [tookMs] = await Promise.all([client.end(), expect(call.then(textIn)).resolves.toBe("last")]);
    expect(tookMs).toBeLessThan(2500);
    expect(client.child.exitCode).toBe(0);
    const other = await begun();
    other.child.kill("SIGTERM");
    await vi.waitFor(() => expect(other.isAlive).toBe(false), 2000);
    expect(client.stderr + other.stderr).not.toContain(token);
  });
});
