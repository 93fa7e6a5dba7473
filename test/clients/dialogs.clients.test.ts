import { readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, inject, test, vi } from "vitest";
import * as z from "zod";
import { bridgeCommand } from "../../src/core/config/command/bridgeCommand.ts";
import { goodGrant, token } from "../process/bridge/window.ts";
import { openAcmeWindow, type AcmeWindow } from "../support/acmeWindow.ts";
import { Browserless } from "../support/browserless.ts";
import { grants } from "../support/grants.ts";
import { openClaudeFolder } from "./support/claudeFolder.ts";
import { startModel, type Model } from "./support/model.ts";
import { drivers } from "./support/others/drivers.ts";
import { machineEnv, openHome, openStage } from "./support/others/stage.ts";
import { leaveCells } from "./support/tables.ts";
import { openTerminal, type Terminal } from "./support/terminal.ts";

/** A call that has to be approved, in sessions of real clients: each shows the vault's page in a dialog of its own. */

const server = "salesforce";
const large = 'call create_opportunity {"name":"Globex","amount":50000}';

const fileSchema = z.looseObject({
  mcpServers: z.looseObject({ [server]: z.looseObject({ url: z.string() }) }),
});

/** The company's file with the one connector, and that through the bridge. */
const throughBridge = async (workspace: string): Promise<void> => {
  const file = join(workspace, ".mcp.json");
  const { mcpServers } = fileSchema.parse(JSON.parse(await readFile(file, "utf8")));
  const { url, userAuth, headers } = mcpServers[server];
  const entry = {
    ...bridgeCommand(server),
    userAuth: { url, ...z.looseObject({}).parse(userAuth) },
    headers,
  };
  await writeFile(file, JSON.stringify({ mcpServers: { [server]: entry } }));
};

interface Scene extends AsyncDisposable {
  readonly acme: AcmeWindow;
  readonly model: Model;
  /** Whatever Lanyard was given to send, or to sign in with. */
  readonly secrets: ReadonlySet<string>;
}

const openScene = async (): Promise<Scene> => {
  await using stack = new AsyncDisposableStack();
  const secrets = new Set<string>();
  const acme = stack.use(await openAcmeWindow({ prepare: throughBridge, fetch: listening(secrets) }));
  await acme.setPolicy(server, { state: "allow", method: "url" });
  const model = stack.use(await startModel());
  const open = stack.move();
  return { acme, model, secrets, [Symbol.asyncDispose]: () => open.disposeAsync() };
};

/** Hears every token that comes by. */
const listening =
  (secrets: Set<string>) =>
  async (url: string | URL, init?: RequestInit): Promise<Response> => {
    const response = await fetch(url, init);
    const text = await response.clone().text();
    for (const [, secret = ""] of text.matchAll(/"(?:access|refresh|id)_token"\s*:\s*"([^"]+)"/g))
      secrets.add(secret);
    return response;
  };

/** Waits for the vault's page, accepts it in the client's dialog, and approves. @returns the page. */
const approve = async ({ acme }: Scene, terminal: Terminal, dialog: RegExp): Promise<string> => {
  const status = await vi.waitUntil(() => {
    const present = acme.board.get(acme.idOf(server))?.status;
    return present?.kind === "stepUp" && present.how.kind === "url" ? present.how : undefined;
  }, 40_000);
  const [alice] = acme.demo.users;
  if (alice === undefined) throw new Error("Nobody works at the demo.");
  // The person sees where the page is before they open it.
  const shown = await terminal.until(dialog);
  expect(shown.replaceAll(/\s/g, "")).toContain(new URL(status.url).pathname);
  await terminal.press("Enter");
  await new Browserless().visit(new URL(status.url), alice);
  return status.url;
};

/** The one call that was made goes on by itself, and nothing that the model read holds the page or a secret. */
const expectApproved = async ({ model, secrets }: Scene, page: string, before: number): Promise<void> => {
  await vi.waitUntil(() => model.toolResults.length > before, 40_000);
  expect(model.toolResults.slice(before)).toEqual([expect.stringContaining("Created the opportunity")]);
  // The last answer has reached the model, too.
  const transcript = model.read.join("\n");
  expect(transcript).toContain("Created the opportunity");
  // The page's own parts, in whatever way a client would have written the rest.
  const { host, pathname } = new URL(page);
  for (const part of [host, pathname, pathname.split("/").at(-1) ?? pathname])
    expect(transcript).not.toContain(part);
  expect(secrets.size).toBeGreaterThan(1);
  for (const secret of secrets) expect(transcript).not.toContain(secret);
};

const approved = { "approved in its own dialog": "yes; the model saw neither page nor token" };

const newest = inject("claudeCodes").slice(-1);

describe.skipIf(newest.length === 0)("the $50,000 call", () => {
  test.for(newest)("in Claude Code $version", async (client) => {
    await using scene = await openScene();
    const { acme, model } = scene;
    await using folder = await openClaudeFolder({
      ...{ isTrusted: true, project: acme.workspace, modelUrl: model.url },
    });
    const allowed = ["create_opportunity", "whoami"].map((tool) => `mcp__${server}__${tool}`);
    await using terminal = await openTerminal({
      ...{ folder: folder.home, cwd: acme.workspace },
      command: [client.program, "--permission-mode", "default", "--allowedTools", ...allowed],
      env: { ...folder.env, LANYARD_HOME: acme.home },
    });
    await terminal.until(/ mode on/);
    // It starts before its servers have answered.
    for (let asked = 1; !model.toolResults.some((text) => text.includes("alice")); asked += 1) {
      await terminal.submit("call whoami {}");
      await vi.waitUntil(() => model.toolResults.length >= asked, 40_000);
      await terminal.until(/ mode on(?!.*esc to interrupt)/);
    }
    const before = model.toolResults.length;
    await terminal.submit(large);
    const page = await approve(scene, terminal, /Accept/);
    await expectApproved(scene, page, before);
    await leaveCells(`Claude Code ${client.version}`, "dialog", approved);
  });
});

const copilots = inject("otherClients").filter(({ name }) => name === "copilot");

describe.skipIf(copilots.length === 0)("the $50,000 call", () => {
  test.for(copilots)("in $title $version", async (client) => {
    await using scene = await openScene();
    const { acme, model } = scene;
    await using home = await openHome();
    await symlink(acme.home, join(home.path, ".lanyard"));
    const entry = bridgeCommand(server);
    const place = {
      ...{ client, server, entry },
      home: home.path,
      project: acme.workspace,
      modelUrl: model.url,
    };
    const driver = drivers[client.name];
    await using terminal = await openTerminal({
      ...{ folder: home.path, cwd: acme.workspace },
      command: [client.program, "-i", large, "--allow-all-tools", "--disable-client-telemetry"],
      env: { ...machineEnv(home.path), ...driver.env(place), COPILOT_ALLOW_ALL: "true" },
    });
    const page = await approve(scene, terminal, /wants you to visit/);
    await expectApproved(scene, page, 0);
    await leaveCells(`${client.title} ${client.version}`, "dialog", approved);
  });
});

const codexes = inject("otherClients").filter(({ name }) => name === "codex");

describe.skipIf(codexes.length === 0)("a call that waits for a page", () => {
  /** It declines pages that are not https by itself, and those of the demo are on this machine. */
  const page = new URL("https://vault.acme.example/requests/page-canary");

  test.for(codexes)("in $title $version", async (client) => {
    await using stage = await openStage(client);
    const { model, connector, place } = stage;
    await using terminal = await openTerminal({
      ...{ folder: place.home, cwd: place.project },
      // What it opens the page with.
      env: { ...stage.env, BROWSER: "true" },
      command: [client.program, 'call echo {"text":"held"}'],
    });
    // Whether the tool may be called at all, it asks as well.
    await terminal.until(/Allow the odd MCP server to run tool "echo"/);
    stage.window.answer = () => grants.needsConnection({ url: page.href });
    await stage.window.check();
    await terminal.press("Enter");
    const shown = await terminal.until(/Action required/);
    expect(shown.replaceAll(/\s/g, "")).toContain(page.href);
    await terminal.press("Enter");
    await terminal.until(/I finished/);
    await terminal.press("Enter");
    // Accepted is not done: nothing is called before the vault says so.
    expect(connector.of("tools/call")).toEqual([]);
    stage.window.answer = goodGrant;
    await stage.window.check();
    await vi.waitUntil(() => model.toolResults.length > 0, 40_000);
    expect(model.toolResults).toEqual([expect.stringContaining("held")]);
    expect(connector.of("tools/call")).toHaveLength(1);
    expect(model.read.join("\n")).not.toMatch(new RegExp(`${page.host}|page-canary|${token}`));
    await leaveCells(`${client.title} ${client.version}`, "dialog", {
      "approved in its own dialog": "yes, where the page is https; the model saw neither page nor token",
    });
  });
});
