import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Admin } from "../admin.ts";
import { buildCaller, Caller } from "../caller.ts";
import { urlFileVariable, type Called } from "../caller/protocol.ts";
import { ClientRow } from "../clientRow.ts";
import { startWorld, type World } from "../harness.ts";
import { McpServers } from "../mcpServers.ts";
import { signInAs } from "../people.ts";
import { keepMenus, throughBridge } from "../throughBridge.ts";
import { Workbench } from "../workbench.ts";
import { awaitedLater } from "../../support/awaitedLater.ts";

/** Calls through the editor's own MCP client, told in order, by an extension that has its tools. */
let world: World;
let workbench: Workbench;
let caller: Caller;
let admin: Admin;
let row: ClientRow;

const name = "github";
const urlFile = join(tmpdir(), `lanyard-caller-${process.pid}`);
/** The tool as the editor lists it, under the server's name. */
const tool = async (wanted: string): Promise<string | undefined> =>
  (await caller.tools()).find((each) => each.name.startsWith("mcp_") && each.name.endsWith(wanted))?.name;

/** Calls, and allows it in the editor's own dialog. */
const call = async (wanted: string): Promise<Called> => {
  const called = awaitedLater(caller.call({ name: (await tool(wanted)) ?? wanted, input: {} }));
  const asked = workbench.page.locator(".monaco-dialog-box");
  await Promise.race([called, asked.waitFor()]);
  if (await asked.isVisible()) {
    await workbench.screenshot(`vscode-calls-${wanted}`);
    await workbench.answer(/Allow|Continue|Yes/);
  }
  return called;
};

beforeAll(async () => {
  row = await ClientRow.begin();
  world = await startWorld({
    name: "vscode-calls",
    // The chat of an editor in which nobody has signed in to GitHub, with a model of one's own.
    settings: { ...keepMenus, "chat.allowAnonymousAccess": true },
    extensionDevelopment: true,
    env: { [urlFileVariable]: urlFile },
  });
  await throughBridge(world.workspace, name, { reuseSeconds: 0 });
  admin = new Admin(world);
  caller = new Caller(urlFile);
  workbench = await Workbench.open(world.context, `${world.editor.url}${await buildCaller(world)}`);
  await workbench.trust();
  await workbench.showLanyard();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await rm(urlFile, { force: true });
});

test("before the sign-in an extension has the one tool that says why there are none", async () => {
  const servers = new McpServers(workbench);
  // What the server starts is written once the extension has.
  await expect.poll(() => existsSync(join(world.lanyardHome, "bin/lanyard"))).toBe(true);
  await servers.act("workspace/.mcp.json", name, "Start Server");
  await expect.poll(() => tool("lanyard_why_no_tools")).toBeDefined();
  expect((await call("lanyard_why_no_tools")).text).toMatch(/waits for your approval in the Connectors view/);
});

test("a tool of the connector is listed, and called, after the sign-in", async () => {
  await signInAs(workbench, world, "alice");
  await expect.poll(() => tool("whoami")).toBeDefined();
  await row.seen("lists tools", "yes");
  const called = await call("whoami");
  expect(called.kind).toBe("answered");
  expect(called.text).toContain("alice");
  await row.seen("calls", "yes");
});

test("in the chat a model of one's own calls it too, once the person allows it", async () => {
  await caller.chat("please call whoami");
  const allow = workbench.page.locator(".interactive-session").getByRole("button", { name: /Allow/ }).first();
  await allow.waitFor();
  await workbench.screenshot("vscode-chat-1-asked");
  await allow.click();
  const answer = workbench.page.locator(".interactive-session").getByText(/The tool said: .*alice/);
  await answer.waitFor();
  await workbench.screenshot("vscode-chat-2-answered");
  // What the model read of it, the whole of the chat before it included, holds no credential.
  const read = (await caller.read()).join("\n");
  expect(read).toContain("alice");
  expect(read).not.toMatch(/Bearer |eyJ/);
});

test("a connector that is refused says why, in the chat too", async () => {
  await admin.setPolicy(name, { state: "deny", method: "reauthenticate", reason: "GitHub is being moved." });
  const { text } = await call("whoami");
  expect(text).toMatch(/Denied by policy \(GitHub is being moved\)/);
  await caller.chat("please call whoami again");
  const why = workbench.page.locator(".interactive-session").getByText(/GitHub is being moved/);
  await why.first().waitFor();
  await workbench.screenshot("vscode-chat-3-refused");
  expect(text).not.toMatch(/\w:\/\/|Bearer |eyJ/);
  await row.seen("refused connector says why", "the sentence, without a page, in the chat too");
  await admin.setPolicy(name, { state: "allow", method: "reauthenticate" });
  expect((await call("whoami")).text).toContain("alice");
});

test("after the sign-out the next call is refused, and nothing is sent", async () => {
  await workbench.run("Lanyard: Sign Out");
  const standing = async (): Promise<string | undefined> =>
    (await workbench.tree()).find(({ label }) => label === name)?.description;
  await expect.poll(standing).toMatch(/[Ss]ign/);
  const before = (await admin.audit(name)).length;
  const { text } = await call("whoami");
  expect(text).toMatch(/Nobody is signed in/);
  expect(await admin.audit(name)).toHaveLength(before);
  await row.seen("revoked", "the next call after the sign-out, nothing sent");
});
