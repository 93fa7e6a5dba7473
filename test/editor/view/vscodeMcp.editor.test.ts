import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Admin } from "../admin.ts";
import { startWorld, type World } from "../harness.ts";
import { McpServers } from "../mcpServers.ts";
import { signInAs } from "../people.ts";
import type { Workbench } from "../workbench.ts";

/** VS Code's own MCP client, told in order: each test goes on where the one before has stopped. */
let world: World;
let workbench: Workbench;
let servers: McpServers;
let admin: Admin;

/** A server that starts shows its output, which would take the focus of a menu that opens meanwhile. */
const keepMenus = { "workbench.quickOpen.closeOnFocusLost": false };

const ours = "Lanyard";
const files = "workspace/.mcp.json";
/** Connectors that are ready for Alice by a password, in the order of the file; Platform's bridge VS Code starts itself. */
const ready = ["salesforce", "github", "linear", "sentry"];
const approved = ["salesforce", "github", "linear", "notion", "slack", "sentry", "pagerduty"];
const all = (state: string, names = ready): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, state]));

/** The machine's settings, as an administrator sets them; those of the person and the workspace do not reach them. */
const setMachine = async (settings: Readonly<Record<string, unknown>>): Promise<void> => {
  const folder = join(world.serverDataDir, "data/Machine");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "settings.json.part"), JSON.stringify(settings));
  await rename(join(folder, "settings.json.part"), join(folder, "settings.json"));
};
/** Resolves once the output of this server says that its last start has found tools. */
const started = (name: string): Promise<void> => {
  const sinceStart = async (): Promise<string> => {
    const [, ...starts] = (await servers.output()).split(`Starting server ${name}\n`);
    return starts.at(-1) ?? "";
  };
  return expect.poll(sinceStart).toMatch(/Discovered \d tools/);
};
const notice = async (): Promise<string | undefined> =>
  (await workbench.tree()).find(({ label }) => label === "Chat in VS Code")?.description;

beforeAll(async () => {
  world = await startWorld({ name: "vscode-mcp", settings: keepMenus });
  admin = new Admin(world);
  workbench = await world.openWorkbench();
  servers = new McpServers(workbench);
  await workbench.trust();
  await workbench.showLanyard();
});
afterAll(() => world[Symbol.asyncDispose]());

describe("before the person chooses", () => {
  test("nothing is offered to anyone who is not signed in", async () => {
    await expect.poll(() => servers.list()).toHaveProperty([files, "github"], "Stopped");
    expect(await servers.list()).not.toHaveProperty(ours);
  });

  test("what is ready is offered, and of two servers with one name VS Code runs only the one of the file", async () => {
    await signInAs(workbench, world, "alice");
    await expect.poll(async () => (await servers.list())[ours]).toEqual(all("Disabled"));
    expect((await servers.list())[files]).toMatchObject(all("Stopped"));
    await workbench.run("MCP: List Servers");
    await workbench.screenshot("vscode-mcp-1-both");
    await workbench.page.keyboard.press("Escape");
  });

  test("the file's server sends nothing and asks for no registration: its guard cannot be sent", async () => {
    const before = (await admin.audit("github")).length;
    await servers.act(files, "github", "Start Server");
    const state = async (): Promise<string | undefined> => (await servers.list())[files]?.["github"];
    await expect.poll(state).toMatch(/^Error.*Open this folder in VS Code and sign in with Lanyard\./);
    await workbench.screenshot("vscode-mcp-2-guarded");
    expect(await workbench.page.locator(".monaco-dialog-box").count()).toBe(0);
    expect(await admin.audit("github")).toHaveLength(before);
  });
});

describe("once the person has chosen Lanyard's servers", () => {
  test("the view offers it, and VS Code's own menus ask for each connector", async () => {
    await expect.poll(notice).toBe("does not use these sign-ins yet");
    await workbench.treeRow("Chat in VS Code").hover();
    await workbench.screenshot("vscode-mcp-0-row");
    await workbench.treeAction("Chat in VS Code", "Use Connectors in VS Code's Chat…");
    const { message, detail } = await workbench.dialog();
    expect(message).toBe("Use Lanyard's sign-ins in VS Code's chat?");
    expect(detail).toContain("Enable Server (Workspace)");
    await workbench.screenshot("vscode-mcp-3-offer");
    await workbench.answer("Go On");
    const menu = workbench.page.locator(".quick-input-widget");
    for (const name of approved) {
      await menu.getByPlaceholder(`Select action for '${name}'`).waitFor();
      if (name === approved[0]) await workbench.screenshot("vscode-mcp-4-menu");
      await workbench.pick("Enable Server (Workspace)");
    }
    await expect.poll(notice).toBeUndefined();
  });

  test("each connector runs once: ours can be started when it is ready, none of the file's", async () => {
    await expect.poll(async () => (await servers.list())[ours]).toEqual(all("Stopped"));
    expect((await servers.list())[files]).toEqual({ ...all("Disabled", approved), platform: "Stopped" });
  });

  test("ours starts with the credential, and finds the tools", async () => {
    const before = (await admin.audit("github")).length;
    await servers.act(ours, "github", "Start Server");
    await started("github");
    await workbench.screenshot("vscode-mcp-5-running");
    expect((await servers.list())[ours]).toMatchObject({ github: "Running" });
    const lines = (await admin.audit("github")).slice(before);
    expect(lines.map(({ user, outcome }) => [user, outcome])).toEqual([["alice", "granted"]]);
  });

  test("the bridge of the file starts by itself, and finds the tools of what wants its requests signed", async () => {
    await servers.act(files, "platform", "Start Server");
    await started("platform");
    expect((await servers.list())[files]).toMatchObject({ platform: "Running" });
    expect((await admin.audit("platform")).map(({ outcome }) => outcome)).not.toContain("refused");
  });

  test("so does one whose headers the team's script makes", async () => {
    await servers.act(ours, "sentry", "Start Server");
    await started("sentry");
    expect((await admin.audit("sentry")).map(({ outcome }) => outcome)).not.toContain("refused");
  });

  test("a server whose vault refuses does not start, says why, and is withdrawn", async () => {
    await admin.setPolicy("linear", {
      state: "deny",
      method: "reauthenticate",
      reason: "Linear is being moved.",
    });
    const before = (await admin.audit("linear")).length;
    await servers.act(ours, "linear", "Start Server");
    expect(await workbench.notification("Linear is being moved")).toContain("Lanyard does not start linear.");
    await workbench.screenshot("vscode-mcp-6-refused");
    await expect.poll(async () => Object.keys((await servers.list())[ours] ?? {})).not.toContain("linear");
    const lines = (await admin.audit("linear")).slice(before);
    expect(lines.map(({ outcome }) => outcome)).not.toContain("refused");
    expect((await servers.list())[files]).toMatchObject({ linear: "Disabled" });
  });
});

describe("a server is withdrawn, and what runs is stopped", () => {
  test("by a name that .vscode/mcp.json defines: whoever wrote it wants it as it is", async () => {
    const own = join(world.workspace, ".vscode/mcp.json");
    await mkdir(join(world.workspace, ".vscode"), { recursive: true });
    await writeFile(own, '{ "servers": { "GitHub": { "type": "http", "url": "https://own.example/mcp" } } }');
    await expect.poll(() => servers.list()).toHaveProperty(["workspace/.vscode/mcp.json", "GitHub"]);
    await expect.poll(async () => Object.keys((await servers.list())[ours] ?? {})).not.toContain("github");
    await workbench.screenshot("vscode-mcp-7-own");
    await rm(own);
    await expect.poll(async () => (await servers.list())[ours]).toMatchObject({ github: "Stopped" });
  });

  test("by the setting", async () => {
    await setMachine({ "lanyard.vscodeMcp.enabled": false });
    await expect.poll(async () => (await servers.list())[ours]).toBeUndefined();
    await setMachine({});
    await expect.poll(async () => (await servers.list())[ours]).toMatchObject({ github: "Stopped" });
  });

  test("by an administrator's policy, which the view tells", async () => {
    await setMachine({ "chat.mcp.access": "none" });
    await expect.poll(notice).toBe("runs no connector: chat.mcp.access is none");
    await workbench.screenshot("vscode-mcp-8-policy");
    await setMachine({});
    await expect.poll(notice).toBeUndefined();
  });

  test("by the sign-out, and the file's server stays disabled", async () => {
    await servers.act(ours, "github", "Start Server");
    await expect.poll(() => servers.list()).toHaveProperty([ours, "github"], "Running");
    await workbench.run("Lanyard: Sign Out");
    await expect.poll(async () => (await servers.list())[ours]).toBeUndefined();
    expect((await servers.list())[files]).toMatchObject({ github: "Disabled" });
    await workbench.run("MCP: List Servers");
    await workbench.screenshot("vscode-mcp-9-signed-out");
    await workbench.page.keyboard.press("Escape");
  });
});

describe("a credential that is about to expire", () => {
  const credentialSeconds = 32;

  test("ends the connection before: the connector never sees it refused, and the next start has another", async () => {
    await using other = await startWorld({
      ...{ name: "vscode-mcp-expiry", credentialSeconds },
      settings: { ...keepMenus, "chat.mcp.deniedServers": [{ serverName: "linear" }] },
    });
    const window = await other.openWorkbench();
    const mcp = new McpServers(window);
    const office = new Admin(other);
    await window.trust();
    await window.showLanyard();
    await signInAs(window, other, "alice");
    await expect.poll(() => mcp.list()).toHaveProperty([ours, "github"], "Disabled");
    const said = async (): Promise<string | undefined> =>
      (await window.tree()).find(({ label }) => label === "Chat in VS Code")?.description;
    expect(await said()).toBe("may not run linear");

    await mcp.act(ours, "github", "Enable Server (Workspace)");
    await mcp.act(ours, "github", "Start Server");
    await expect.poll(() => mcp.list()).toHaveProperty([ours, "github"], "Running");
    const startedAtMs = Date.now();
    await expect
      .poll(() => mcp.list(), { timeout: credentialSeconds * 1000 })
      .toHaveProperty([ours, "github"], "Stopped");
    expect(Date.now() - startedAtMs).toBeGreaterThan(credentialSeconds * 500);
    expect(Date.now() - startedAtMs).toBeLessThan(credentialSeconds * 1000);
    await window.screenshot("vscode-mcp-10-expiring");
    await mcp.act(ours, "github", "Start Server");
    await expect.poll(() => mcp.list()).toHaveProperty([ours, "github"], "Running");
    const outcomes = (await office.audit("github")).map(({ outcome }) => outcome);
    expect(outcomes).not.toContain("refused");
  });
});
