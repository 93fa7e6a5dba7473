import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { canBeAdministered } from "../../support/administered.ts";
import { startWorld, type World } from "../harness.ts";
import { signInAs } from "../people.ts";
import { approveAll } from "../review.ts";
import { Shell } from "../shell.ts";
import type { Workbench } from "../workbench.ts";

/** Where Claude Code reads servers from beside the folder's own file: each is in the view, and its helper answers. */
let world: World;
let window: Workbench;
let github: z.infer<typeof entry>;

const entry = z.looseObject({ url: z.string().default(""), headersHelper: z.string().default("") });
const mcpFile = z.object({ mcpServers: z.record(z.string(), entry) });

beforeAll(async () => {
  // Set to nothing is not set.
  const env = { CLAUDE_CONFIG_DIR: "" };
  world = await startWorld({ name: "client-files", env, isAdministered: canBeAdministered });
  const text = await readFile(join(world.workspace, ".mcp.json"), "utf8");
  github = entry.parse(mcpFile.parse(JSON.parse(text)).mcpServers["github"]);
  window = await world.openWorkbench();
  await window.trust();
  await window.showLanyard();
  await signInAs(window, world, "alice");
});
afterAll(() => world[Symbol.asyncDispose]());

const row = async (at: Workbench, name: string): Promise<string> =>
  (await at.tree()).find(({ label }) => label === name)?.description ?? "";

/** Approves what is new, as a person does who sees its row; and asks as Claude Code does there. */
const answered = async (at: Workbench, name: string, cwd: string): Promise<string> => {
  await expect.poll(() => row(at, name), { timeout: 30_000 }).not.toBe("");
  if (/approv/i.test(await row(at, name))) {
    await at.run("Lanyard: Review Connectors…");
    await approveAll(at);
  }
  return asked(name, cwd);
};

const asked = async (name: string, cwd: string): Promise<string> => {
  const asks = { CLAUDE_CODE_MCP_SERVER_NAME: name, CLAUDE_CODE_MCP_SERVER_URL: github.url };
  return (await new Shell(world).run(github.headersHelper, asks, cwd)).stdout;
};

/** The demo's vault gives credentials to the eight names that it knows, and says so of others: it was asked. */
const wasAsked = /Bearer acme_github_|vault knows no connector/;

test("the person's own file, where CLAUDE_CONFIG_DIR is set to nothing", async () => {
  await writeFile(join(world.home, ".claude.json"), JSON.stringify({ mcpServers: { mine: github } }));
  expect(await answered(window, "mine", world.workspace)).toMatch(wasAsked);
});

test("a URL with a variable of the client's settings", async () => {
  const { host } = new URL(github.url);
  await mkdir(join(world.home, ".claude"), { recursive: true });
  const settings = JSON.stringify({ env: { GITHUB_MCP_HOST: host } });
  await writeFile(join(world.home, ".claude/settings.json"), settings);
  const file = join(world.workspace, ".mcp.json");
  const { mcpServers } = mcpFile.parse(JSON.parse(await readFile(file, "utf8")));
  const viaenv = { ...github, url: github.url.replace(host, "${GITHUB_MCP_HOST}") };
  await writeFile(file, JSON.stringify({ mcpServers: { ...mcpServers, viaenv } }));
  expect(await answered(window, "viaenv", world.workspace)).toMatch(wasAsked);
});

test("a folder below the one that holds the file is open", async () => {
  const app = join(world.workspace, "packages/app");
  await mkdir(app, { recursive: true });
  const below = await world.openWorkbench(app);
  // The folder above is trusted, and this one with it.
  await below.showLanyard();
  expect(await answered(below, "github", app)).toMatch(wasAsked);
});

describe.skipIf(!canBeAdministered)("the administrator's file", () => {
  const file = (): string => join(world.managed, "managed-mcp.json");
  const handOut = (...names: readonly string[]): Promise<void> =>
    writeFile(
      file(),
      JSON.stringify({ mcpServers: Object.fromEntries(names.map((name) => [name, github])) }),
    );
  /** Where the client runs the helpers of these entries. */
  const configFolder = (): string => join(world.home, ".claude");

  test("comes while the window is open: its helper answers in the client's own folder, and in every other", async () => {
    await handOut("corp");
    expect(await answered(window, "corp", configFolder())).toMatch(wasAsked);
    expect(await asked("corp", world.workspace)).toMatch(wasAsked);
    expect(await asked("corp", "/")).toMatch(wasAsked);
  });

  test("lay there before the window", async () => {
    await window.reload();
    await window.showLanyard();
    expect(await answered(window, "corp", configFolder())).toMatch(wasAsked);
  });

  test("is replaced by another of its name: what is new answers, what is gone no more", async () => {
    await handOut("corp");
    await writeFile(`${file()}.new`, JSON.stringify({ mcpServers: { board: github } }));
    await rename(`${file()}.new`, file());
    expect(await answered(window, "board", configFolder())).toMatch(wasAsked);
    expect(await asked("corp", configFolder())).toContain(
      "No open folder in VS Code has a connector of this name",
    );
    await rm(file());
    await expect.poll(() => asked("board", configFolder()), { timeout: 20_000 }).toContain("No open folder");
  });
});

describe("a helper outside of every open folder", () => {
  test("is answered for the person's own entry", async () => {
    for (const cwd of [join(world.home, ".claude"), "/"]) expect(await asked("mine", cwd)).toMatch(wasAsked);
  });

  test("is refused for an entry of a folder, and told which", async () => {
    for (const cwd of [join(world.home, ".claude"), "/", join(world.workspace, "..")])
      expect(await asked("github", cwd)).toContain("connector of this name is for");
    expect(await asked("github", world.workspace)).toMatch(wasAsked);
  });

  test("is refused for an entry of local scope", async () => {
    const projects = { [world.workspace]: { mcpServers: { local: github } } };
    await writeFile(
      join(world.home, ".claude.json"),
      JSON.stringify({ mcpServers: { mine: github }, projects }),
    );
    expect(await answered(window, "local", world.workspace)).toMatch(wasAsked);
    expect(await asked("local", join(world.home, ".claude"))).toMatch(
      /^\{"Lanyard sends nothing. .*connector/,
    );
  });
});
