import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Admin } from "../admin.ts";
import { startWorld, type World } from "../harness.ts";
import { McpServers } from "../mcpServers.ts";
import { signInAs } from "../people.ts";
import { keepMenus, throughBridge } from "../throughBridge.ts";
import type { Workbench } from "../workbench.ts";

/** A bridge in the team's file: VS Code starts it by itself, and it is the only server of its connector. */
let world: World;
let workbench: Workbench;
let servers: McpServers;

const files = "workspace/.mcp.json";
const name = "github";
beforeAll(async () => {
  world = await startWorld({ name: "vscode-bridge", settings: keepMenus });
  await throughBridge(world.workspace, name);
  await mkdir(join(world.home, ".gemini"), { recursive: true });
  await writeFile(geminiFile(), geminiBefore);
  workbench = await world.openWorkbench();
  servers = new McpServers(workbench);
  await workbench.trust();
  await workbench.showLanyard();
});
afterAll(() => world[Symbol.asyncDispose]());

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
