/** `npm run start:windows`: VS Code's server on Windows with the VSIX, and Linux' Chromium before it, as a person has them. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { demoReady } from "../../../scripts/demo.ts";
import { inRoot, shortTmp } from "../../../scripts/support/paths.ts";
import { nodeFolder, nodeProgram, onLinux, projectFolder } from "../../../scripts/wine/places.ts";
import { openWindows, type WindowsSession } from "../../../scripts/wine/windows.ts";
import { launchChromium } from "../../editor/chromium.ts";
import { standing, statusesIn } from "../../editor/demoRows.ts";
import { signInAs } from "../../editor/people.ts";
import { showing } from "../../editor/sights.ts";
import { Workbench } from "../../editor/workbench.ts";

const readySchema = demoReady.extend({ editor: z.url(), workspace: z.string(), lanyardHome: z.string() });
type Ready = z.infer<typeof readySchema>;

/** Wine has no access lists: a home outside of the profile would be refused. */
const profile = String.raw`${projectFolder}\.demo`;
const limitMs = 9 * 60_000;

const stack = new AsyncDisposableStack();
let windows: WindowsSession;
let ready: Ready;
let workbench: Workbench;

/** As a person types it: `npm` is a batch file there. */
const startAll = async (): Promise<Ready> => {
  const lines = [
    "@echo off",
    `set "USERPROFILE=${profile}"`,
    `set "PATH=${nodeFolder};%PATH%"`,
    "npm run start:windows -- --no-open --json",
  ];
  await mkdir(inRoot("artifacts"), { recursive: true });
  await writeFile(inRoot("artifacts/wine-start.cmd"), lines.map((line) => `${line}\r\n`).join(""));
  const batch = String.raw`${projectFolder}\artifacts\wine-start.cmd`;
  const program = await windows.start(["cmd", "/d", "/c", batch], { limitMs, cwd: projectFolder });
  for (;;) {
    const ended = await Promise.race([program.ended, delay(300, undefined)]);
    if (ended !== undefined)
      throw new Error(`It has ended before it was ready.\n${ended.stdout}\n${ended.stderr}`);
    const [json] = /^\{.*\}(?=\r?\n)/m.exec((await program.said()).stdout) ?? [];
    if (json !== undefined) return readySchema.parse(JSON.parse(json));
  }
};

beforeAll(async () => {
  windows = stack.use(await openWindows());
  const home = await mkdtemp(join(shortTmp, "lanyard-test-"));
  stack.defer(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  const [started, browser] = await Promise.all([startAll(), launchChromium(home)]);
  ready = started;
  stack.defer(() => browser.close());
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(60_000);
  stack.defer(showing("wine", context));
  workbench = await Workbench.open(context, ready.editor);
  await workbench.trust();
  await workbench.showLanyard();
}, limitMs);
afterAll(() => stack.disposeAsync());

const mcpFile = z.object({
  mcpServers: z.record(
    z.string(),
    z.looseObject({ url: z.string().default(""), headersHelper: z.string().default("") }),
  ),
});

const entryOf = async (name: string): Promise<{ url: string; headersHelper: string }> => {
  const text = await readFile(join(onLinux(ready.workspace), ".mcp.json"), "utf8");
  return mcpFile.parse(JSON.parse(text)).mcpServers[name] ?? { url: "", headersHelper: "" };
};

/** Runs a connector's helper exactly as Claude Code for Windows does: by cmd.exe. */
const helper = async (name: string): Promise<Record<string, string>> => {
  const { url, headersHelper } = await entryOf(name);
  const script = [
    "const { LINE, PROFILE, ...env } = process.env;",
    "const ran = require('child_process').spawnSync(LINE,",
    "{ shell: true, encoding: 'utf8', timeout: 30000, env: { ...env, USERPROFILE: PROFILE } });",
    "process.stderr.write(ran.stderr); process.stdout.write(ran.stdout); process.exitCode = ran.status ?? 99;",
  ].join(" ");
  const { exitCode, stdout, stderr } = await windows.run([nodeProgram, "-e", script], {
    ...{ limitMs: 60_000, cwd: ready.workspace },
    env: {
      ...{ LINE: headersHelper, PROFILE: profile, LANYARD_HOME: ready.lanyardHome, WINEPATH: nodeFolder },
      ...{ CLAUDE_CODE_MCP_SERVER_NAME: name, CLAUDE_CODE_MCP_SERVER_URL: url },
    },
  });
  expect(exitCode, stderr).toBe(0);
  return z.record(z.string(), z.string()).parse(JSON.parse(stdout));
};

/** A machine that is busy may be late with a script: then a person asks again. */
const patiently = async (name: string, tries = 5): Promise<Record<string, string>> => {
  const printed = await helper(name);
  const isLate = Object.keys(printed).some((each) => each.includes("in time"));
  return isLate && tries > 1 ? patiently(name, tries - 1) : printed;
};

/** What the helper prints when it refuses: no client can send it, and a person can read it. */
const refusal = async (name: string): Promise<string> => {
  const printed = await patiently(name);
  expect(() => new Headers(printed)).toThrow();
  return Object.keys(printed).join();
};

test("the editor answers, with the extension installed in it", async () => {
  const page = await fetch(ready.editor, { redirect: "manual" });
  expect(page.status, "a cookie for the token, and on to the workbench").toBe(302);
  expect((await fetch(ready.admin)).status).toBe(200);
  const extensions = await readdir(join(dirname(onLinux(ready.lanyardHome)), "editor/extensions"));
  expect(extensions.filter((name) => name.startsWith("lanyard.lanyard-"))).toHaveLength(1);
});

test("signed in by the browser, each of the eight connectors says where it stands", async () => {
  await expect.poll(() => statusesIn(workbench)).toMatchObject({ github: "Needs your approval" });
  expect(await refusal("github")).toContain("approval");
  await signInAs(workbench, { demo: ready }, "alice");
  await expect.poll(() => statusesIn(workbench)).toEqual(standing);
  await workbench.screenshot("wine-signed-in");
});

test.for(["salesforce", "github", "linear", "sentry"])(
  "%s: launcher.cmd prints headers with which a real MCP client lists its tools",
  async (name) => {
    const { url } = await entryOf(name);
    const requestInit = { headers: await patiently(name) };
    const client = new Client({ name: "test", version: "1.0.0" });
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
    const { tools } = await client.listTools();
    await client.close();
    expect(tools.map((tool) => tool.name)).toContain("whoami");
  },
);

test("launcher.cmd refuses what is not granted, and everything after sign-out", async () => {
  expect(await refusal("slack")).toContain("Denied by policy");
  await workbench.run("Lanyard: Sign Out");
  await expect.poll(() => statusesIn(workbench)).toMatchObject({ github: "Signed out" });
  for (const name of ["github", "sentry"]) expect(await refusal(name)).toMatch(/[Ss]ign/);
});
