import { rm, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { shortTmp } from "../../scripts/support/paths.ts";
import type { ClaudeCode } from "../../scripts/clients/claudeCode.ts";
import { bridgeCommand } from "../../src/core/config/command/bridgeCommand.ts";
import { guardSentence } from "../../src/core/config/entry/headerValue.ts";
import { OddConnector } from "../process/bridge/connector.ts";
import { connectorName, goodGrant, startWindow, token, type TestWindow } from "../process/bridge/window.ts";
import { buildHelper, install } from "../process/support.ts";
import { grants } from "../support/grants.ts";
import { openClaudeFolder, type ClaudeFolder } from "./support/claudeFolder.ts";
import { startModel, type Model } from "./support/model.ts";
import { leaveCells, leaveTable } from "./support/tables.ts";

/** The real client starts the bridge from its `.mcp.json`, and calls through it. */

interface Bridged extends AsyncDisposable {
  window: TestWindow;
  readonly connector: OddConnector;
  readonly restart: () => Promise<void>;
  readonly list: () => Promise<string>;
  /** Has the model call the tool. @returns what the model read. */
  readonly call: (text: string) => Promise<string>;
}

const openBridged = async (client: ClaudeCode): Promise<Bridged> => {
  await using stack = new AsyncDisposableStack();
  const base = await mkdtemp(join(shortTmp, "lanyard-bridge-"));
  stack.defer(() => rm(base, { recursive: true, force: true }));
  const home = join(base, "home");
  await install(home, await buildHelper(base));
  const connector = new OddConnector();
  const url = await connector.listen();
  stack.defer(() => connector.close());
  const model: Model = stack.use(await startModel());
  const folder: ClaudeFolder = stack.use(await openClaudeFolder({ isTrusted: true, modelUrl: model.url }));
  const userAuth = { url, issuer: "https://idp.example.com", clientId: "lanyard" };
  const headers = { Authorization: guardSentence };
  await folder.writeMcpJson({ [connectorName]: { ...bridgeCommand(connectorName), userAuth, headers } });
  const env = { LANYARD_HOME: home };
  const state = { window: await startWindow(home, url) };
  stack.defer(() => state.window.stop());
  const open = stack.move();
  return Object.assign(state, {
    connector,
    restart: async () => {
      state.window = await startWindow(home, url);
    },
    list: async () => (await folder.run(client, ["mcp", "list"], { env })).stdout,
    call: async (text: string) => {
      const tool = `mcp__${connectorName}__echo`;
      const said = `call ${tool} ${JSON.stringify({ text })}`;
      const before = model.toolResults.length;
      await folder.run(client, ["-p", said, "--allowedTools", tool], { env });
      return model.toolResults.slice(before).join("\n");
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  });
};

const clients = inject("claudeCodes");

describe.skipIf(clients.length === 0)("through the bridge", () => {
  test.for(clients)("Claude Code $version lists, calls, and hears why not", async (client) => {
    await using bridged = await openBridged(client);
    const listed = await bridged.list();
    expect(listed).toMatch(/^odd: sh -c .*✔ Connected$/m);
    const called = await bridged.call("through");
    expect(called).toContain("through");

    bridged.window.answer = () => grants.needsConnection({ url: "https://vault.example.com/url-canary" });
    await bridged.window.check();
    const refused = await bridged.call("no");
    expect(refused).toMatch(/Access has to be authorized once/);
    expect(await bridged.list()).toMatch(/✔ Connected$/m);

    bridged.window.answer = goodGrant;
    await bridged.window.check();
    await bridged.window.stop();
    const away = await bridged.call("no");
    expect(away).toMatch(/Lanyard is not running/);
    await bridged.restart();
    const back = await bridged.call("back");
    expect(back).toContain("back");
    // Nothing that the model read holds a page of the vault or a credential.
    expect([refused, away].join("\n")).not.toMatch(new RegExp(`url-canary|https?://vault|${token}`));
    expect(bridged.connector.seen.every(({ headers }) => headers.authorization === `Bearer ${token}`)).toBe(
      true,
    );
    await leaveCells(`Claude Code ${client.version}`, "bridge", {
      "lists tools": "connected",
      calls: "yes",
      "refused connector says why": "the sentence, without a page",
      "agent killed and back": "says so; the next call works",
    });
    await leaveTable(`4-bridge-${client.version}`, {
      title: `Claude Code ${client.version}: through lanyard bridge`,
      lines: [
        { measured: "lists tools and calls", closed: true, how: "as directly" },
        { measured: "not granted", closed: true, how: "connected; the call says why" },
        { measured: "agent gone and back", closed: true, how: "the call says why; the next one works" },
      ],
    });
  });
});
