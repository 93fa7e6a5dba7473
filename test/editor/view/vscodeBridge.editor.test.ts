import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Admin } from "../admin.ts";
import { startWorld, type World } from "../harness.ts";
import { McpServers } from "../mcpServers.ts";
import { signInAs } from "../people.ts";
import { BridgeClient, textIn } from "../../process/bridge/client.ts";
import { approveAll } from "../review.ts";
import { keepMenus, moveConnector, throughBridge } from "../throughBridge.ts";
import { openTunnel, type Tunnel } from "../tunnel.ts";
import type { Workbench } from "../workbench.ts";

/** A bridge in the team's file: VS Code starts it by itself, and it is the only server of its connector. */
let world: World;
let workbench: Workbench;
let servers: McpServers;
/** A host that has no address: the company's proxy alone reaches it. */
const farHost = "mcp.far.invalid";
let tunnel: Tunnel;

const files = "workspace/.mcp.json";
const name = "github";
beforeAll(async () => {
  tunnel = await openTunnel(farHost);
  const settings = { ...keepMenus, "http.proxy": tunnel.proxy, "http.noProxy": ["127.0.0.1"] };
  world = await startWorld({ name: "vscode-bridge", settings, machineSettings: settings });
  await throughBridge(world.workspace, name);
  await mkdir(join(world.home, ".gemini"), { recursive: true });
  await writeFile(geminiFile(), geminiBefore);
  workbench = await world.openWorkbench();
  servers = new McpServers(workbench);
  await workbench.trust();
  await workbench.showLanyard();
  // What the server starts is written once the extension has.
  await vi.waitUntil(() => existsSync(join(world.lanyardHome, "bin/lanyard")), 30_000);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await tunnel[Symbol.asyncDispose]();
});

const state = async (): Promise<string | undefined> => (await servers.list())[files]?.[name];
/** What the last start of the server has said. */
const sinceStart = async (): Promise<string> => {
  const [, ...starts] = (await servers.output()).split(`Starting server ${name}\n`);
  return starts.at(-1) ?? "";
};

test("signed out, there is one server of the connector, and it starts: the bridge says why there are no tools", async () => {
  await expect.poll(() => servers.list()).toEqual({ [files]: { [name]: "Stopped" } });
  await servers.act(files, name, "Start Server");
  await expect.poll(state).toBe("Running");
  await expect.poll(sinceStart).toMatch(/Discovered 1 tools/);
  await workbench.screenshot("vscode-bridge-1-signed-out");
  expect(await workbench.page.locator(".monaco-dialog-box").count()).toBe(0);
});

test("once signed in it has the connector's tools, without a second server and without a dialog", async () => {
  await signInAs(workbench, world, "alice");
  await servers.act(files, name, "Show Output");
  await expect.poll(() => servers.output()).toMatch(/Tool list changed[^]*Discovered [2-9] tools/);
  // The person has nothing to choose either.
  expect(await servers.list()).toEqual({ [files]: { [name]: "Running" } });
  expect((await workbench.tree()).map(({ label }) => label)).not.toContain("Chat in VS Code");
  await workbench.run("MCP: List Servers");
  await workbench.screenshot("vscode-bridge-2-signed-in");
  await workbench.page.keyboard.press("Escape");
  expect(await workbench.page.locator(".monaco-dialog-box").count()).toBe(0);
  const lines = await new Admin(world).audit(name);
  expect(lines.map(({ outcome }) => outcome)).not.toContain("refused");
  expect(lines.map(({ user, outcome }) => [user, outcome])).toContainEqual(["alice", "granted"]);
});

const geminiFile = (): string => join(world.home, ".gemini/settings.json");
const geminiBefore = '{\n    // Mine, and it stays.\n    "theme": "Dark", // so does this\n}\n';

test("Set Up Clients writes it to a client's own file, whose comments and layout stay, and takes it back", async () => {
  const choose = async (question: string): Promise<void> => {
    await workbench.run("Lanyard: Set Up Clients…");
    await workbench.pick("Gemini CLI");
    const { message } = await workbench.dialog();
    expect(message).toBe(question);
  };
  await workbench.run("Lanyard: Set Up Clients…");
  await expect.poll(() => workbench.picks()).toContain("Gemini CLI");
  await workbench.screenshot("set-up-clients-1-list");
  await workbench.page.keyboard.press("Escape");
  await choose(`Add ${name} to ${geminiFile()}?`);
  await workbench.screenshot("set-up-clients-2-question");
  expect(await readFile(geminiFile(), "utf8")).toBe(geminiBefore);
  await workbench.answer("Write");
  await expect.poll(() => readFile(geminiFile(), "utf8")).toContain("mcpServers");
  const written = await readFile(geminiFile(), "utf8");
  expect(written).toContain("    // Mine, and it stays.\n");
  expect(written).toContain('    "theme": "Dark", // so does this\n');
  expect(written).toContain(`bridge ${name}"`);
  await choose(`Remove ${name} from ${geminiFile()}?`);
  await workbench.answer("Write");
  await expect.poll(() => readFile(geminiFile(), "utf8")).not.toContain(name);
  const left = await readFile(geminiFile(), "utf8");
  expect(left).toContain("    // Mine, and it stays.\n");
  expect(left).toContain('"theme": "Dark", // so does this\n');
});

test("a client's bridge takes the editor's http.proxy to a connector that nothing else reaches", async () => {
  tunnel.to = await moveConnector(world.workspace, name, `https://${farHost}/mcp`);
  await workbench.run("Lanyard: Review Connectors…");
  await approveAll(workbench);
  const certificate = join(world.home, "far.pem");
  await writeFile(certificate, tunnel.certificate);
  const env = { NODE_EXTRA_CA_CERTS: certificate, HOME: world.home };
  const client = new BridgeClient(world.lanyardHome, name, { cwd: world.workspace, env });
  try {
    await client.begin();
    await expect.poll(async () => textIn(await client.call("whoami", {}, 60_000))).toContain("alice");
    // The editor goes that way too, to places of its own.
    expect(tunnel.asked).toContain(`${farHost}:443`);
  } finally {
    client.child.kill();
  }
});
