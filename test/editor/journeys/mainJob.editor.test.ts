import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tokenMarks } from "../../../demo/idp/tokenMarks.ts";
import { standing, statusesIn } from "../demoRows.ts";
import { startWorld, type World } from "../harness.ts";
import { Shell } from "../shell.ts";
import { signInAs } from "../people.ts";
import type { Workbench } from "../workbench.ts";

/** The main job, told in order: each test goes on where the one before has stopped. */
let world: World;
let workbench: Workbench;
let shell: Shell;
let accessToken: string;

beforeAll(async () => {
  world = await startWorld({ name: "main-job", machineSettings: { "lanyard.tokenCommand": "allow" } });
  shell = new Shell(world);
  workbench = await world.openWorkbench();
});
afterAll(() => world[Symbol.asyncDispose]());

const labels = async (): Promise<readonly string[]> => (await workbench.tree()).map(({ label }) => label);

/** What the helper prints when it refuses: no client can send it, and a person can read it. */
const refusal = async (name: string, url?: string): Promise<string> => {
  const printed = await shell.helper(name, url);
  expect(() => new Headers(printed)).toThrow();
  return Object.keys(printed).join();
};

test("an untrusted folder's connectors are shown, and not acted on", async () => {
  await workbench.distrust();
  await workbench.showLanyard();
  await expect.poll(() => statusesIn(workbench)).toMatchObject({ github: "Folder not trusted" });
  expect(await refusal("github")).toContain("not trusted");
});

test("from the palette to eight connectors, each where it stands", async () => {
  await workbench.trustAfterAll();
  await expect.poll(() => statusesIn(workbench)).toMatchObject({ github: "Needs your approval" });
  expect(await refusal("github")).toContain("approval");
  await workbench.screenshot("main-1-before");
  await signInAs(workbench, world, "alice");
  await expect.poll(() => statusesIn(workbench)).toEqual(standing);
  expect(await labels()).toContain("alice");
  await expect.poll(() => workbench.badge()).toBe("2");
  expect(await workbench.statusBar()).toContain("5/8");
  await workbench.screenshot("main-2-signed-in");
});

test.for(["salesforce", "github", "linear", "sentry"])(
  "%s: the helper prints headers with which a real MCP client lists its tools",
  async (name) => {
    const { url } = await shell.connector(name);
    const headers = await shell.helper(name);
    const client = new Client({ name: "test", version: "1.0.0" });
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
    const { tools } = await client.listTools();
    await client.close();
    expect(tools.map((tool) => tool.name)).toContain("whoami");
  },
);

test("a connector that is not granted gets a header that cannot be sent, with the reason", async () => {
  expect(await refusal("notion")).toContain("http://127.0.0.1:");
  expect(await refusal("slack")).toContain("Denied by policy");
  expect(await refusal("pagerduty")).toContain("stronger sign-in");
  const { url } = await shell.connector("notion");
  expect(await refusal("github", url)).toContain("was approved with another URL");
});

test("a person who asks gets a reason on stderr, a code, and nothing on stdout", async () => {
  const { url } = await shell.connector("slack");
  const said = await shell.lanyard(`headers --server slack --url ${url}`);
  expect(said).toMatchObject({ exitCode: 8, stdout: "" });
  expect(said.stderr).toContain("Denied by policy");
  expect((await shell.lanyard("status")).stdout).toContain("github");
});

test("after a reload the session is still there", async () => {
  await workbench.reload();
  await workbench.showLanyard();
  await expect.poll(() => statusesIn(workbench)).toEqual(standing);
  accessToken = (await shell.lanyard(`token --issuer ${world.demo.idp}`)).stdout.trim();
  expect(accessToken).toMatch(tokenMarks.accessToken);
  expect(await userInfoStatus()).toBe(200);
});

test("after sign-out the token is dead at the IdP, and the helper refuses", async () => {
  await workbench.run("Lanyard: Sign Out");
  await expect.poll(() => statusesIn(workbench)).toMatchObject({ github: "Signed out" });
  expect(await labels()).toContain("Not signed in");
  expect(await userInfoStatus()).toBe(401);
  expect(await refusal("github")).toContain("Sign In");
  await workbench.screenshot("main-3-signed-out");
});

test("no token is in any file that the editor, the extension or the helper wrote", async () => {
  const marks = [
    tokenMarks.accessToken,
    tokenMarks.refreshToken,
    "acme_github_",
    "acme_salesforce_",
    "acme_sentry_",
  ];
  const folders = [world.serverDataDir, world.lanyardHome, world.home, world.workspace];
  const found: string[] = [];
  for (const folder of folders) {
    for (const file of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!file.isFile() || isBrowserProfile(file.parentPath)) continue;
      const path = join(file.parentPath, file.name);
      const text = await readFile(path, "latin1");
      found.push(...marks.filter((mark) => text.includes(mark)).map((mark) => `${path}: ${mark}`));
    }
  }
  expect(found).toEqual([]);
});

test("with the editor closed, the helper says so in a header that cannot be sent", async () => {
  await world.editor.dispose();
  expect(await refusal("github")).toContain("not running");
  expect((await shell.lanyard("status")).exitCode).toBe(3);
});

const userInfoStatus = async (): Promise<number> => {
  const response = await fetch(`${world.demo.idp}/me`, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  await response.body?.cancel();
  return response.status;
};

/** The browser that stands in for the desktop keeps SecretStorage's own data. */
const isBrowserProfile = (path: string): boolean => path.includes("chromium");
