import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { endpointFileOf, readEndpoint } from "../../../src/ipc/endpoint/endpointFile.ts";
import { startWorld, type World } from "../harness.ts";
import { signInAs } from "../people.ts";
import { Shell } from "../shell.ts";
import type { Workbench } from "../workbench.ts";
import { approveAll } from "../review.ts";

/** Three pages are three windows with an extension host each; told in order, each test goes on where the last stopped. */
let world: World;
let shell: Shell;
let one: Workbench;
let two: Workbench;
/** In a folder of its own, which has another connector by the name of github. */
let other: Workbench;
let otherFolder: string;

/** A token is renewed in its last minute: here half a minute after it was issued. */
const accessTokenSeconds = 90;

beforeAll(async () => {
  world = await startWorld({ name: "windows", accessTokenSeconds });
  shell = new Shell(world);
  otherFolder = join(world.home, "other");
  await mkdir(otherFolder);
  const { mcpServers } = mcpFile.parse(
    JSON.parse(await readFile(join(world.workspace, ".mcp.json"), "utf8")),
  );
  await writeFile(
    join(otherFolder, ".mcp.json"),
    JSON.stringify({ mcpServers: { github: mcpServers["salesforce"] } }),
  );
  one = await world.openWorkbench();
  await one.trust();
  await one.showLanyard();
  two = await world.openWorkbench();
  await two.showLanyard();
});
afterAll(() => world[Symbol.asyncDispose]());

const mcpFile = z.object({
  mcpServers: z.record(z.string(), z.looseObject({ url: z.string().default("") })),
});
const statsSchema = z.object({ refreshes: z.number(), refreshFailures: z.number() });

const stats = async (): Promise<z.infer<typeof statsSchema>> =>
  statsSchema.parse(await (await fetch(`${world.demo.admin}/api/stats`)).json());

const statusIn = async (window: Workbench, name: string): Promise<string> =>
  (await window.tree()).find(({ label }) => label === name)?.description.split(" · ")[0] ?? "";

const leaderPid = async (): Promise<number> => {
  const reading = await readEndpoint(endpointFileOf(world.lanyardHome));
  return reading.kind === "record" ? reading.record.pid : 0;
};

/** What a helper printed, which is always something: headers that can be sent, or one that cannot. */
const connectorOf = (printed: Readonly<Record<string, string>>): string | undefined => {
  const credential = /^Bearer acme_([a-z]+)_/.exec(printed["Authorization"] ?? "");
  if (credential === null) expect(() => new Headers(printed)).toThrow(TypeError);
  return credential?.[1];
};

test("a sign-in in one window is there in the other, without a reload", async () => {
  await signInAs(one, world, "alice");
  await expect.poll(() => statusIn(one, "github")).toBe("Ready");
  await expect.poll(() => statusIn(two, "github")).toBe("Ready");
  await expect.poll(async () => (await two.tree()).map(({ label }) => label)).toContain("alice");
});

test("one name in two folders: the helper's own folder decides", async () => {
  other = await world.openWorkbench(otherFolder);
  await other.trust();
  await other.showLanyard();
  await expect.poll(() => statusIn(other, "github")).toBe("Needs your approval");
  await other.run("Lanyard: Review Connectors…");
  await approveAll(other);
  await expect.poll(() => statusIn(other, "github")).toBe("Ready");
  expect(connectorOf(await shell.helper("github"))).toBe("github");
  const { url } = await shell.connector("salesforce");
  expect(connectorOf(await shell.helper("github", url, otherFolder))).toBe("salesforce");
});

test("200 helpers across the end of the leading extension host: each gets headers or a reason", async () => {
  const before = await stats();
  const killed = await leaderPid();
  const names = ["github", "linear", "sentry"];
  const helpers = Array.from({ length: 200 }, (_, index) => shell.helper(names[index % names.length] ?? ""));
  await Promise.race(helpers);
  process.kill(killed, "SIGKILL");
  const killedMs = performance.now();
  while ([0, killed].includes(await leaderPid())) await new Promise((resolve) => setTimeout(resolve, 2));
  const tookMs = performance.now() - killedMs;
  const printed = (await Promise.all(helpers)).map(connectorOf);
  const after = await stats();
  console.log(
    `200 helpers across an extension host's SIGKILL: ${printed.filter((name) => name !== undefined).length} granted, ` +
      `${printed.filter((name) => name === undefined).length} refused with a reason; another window led after ` +
      `${Math.round(tookMs)} ms; refreshes ${after.refreshes - before.refreshes}, failed ${after.refreshFailures - before.refreshFailures}`,
  );
  expect(after.refreshFailures).toBe(before.refreshFailures);
});

test("the window whose extension host was killed is back, and nobody was signed out", async () => {
  for (const window of [one, two, other]) {
    await expect.poll(() => statusIn(window, "github")).toBe("Ready");
  }
  expect(connectorOf(await shell.helper("github"))).toBe("github");
});

test("each rotation is one refresh, whichever window needs it", async () => {
  const before = await stats();
  const startedMs = Date.now();
  while ((await stats()).refreshes < before.refreshes + 3) {
    for (const window of [one, two, other]) await window.run("Lanyard: Check All Connectors");
  }
  const seconds = (Date.now() - startedMs) / 1000;
  const after = await stats();
  console.log(
    `${after.refreshes - before.refreshes} refreshes in ${Math.round(seconds)} s, by three windows`,
  );
  expect(after.refreshFailures).toBe(before.refreshFailures);
  expect(after.refreshes - before.refreshes).toBeLessThanOrEqual(
    Math.ceil(seconds / (accessTokenSeconds - 60)) + 1,
  );
  for (const window of [one, two, other])
    expect(await statusIn(window, "github")).toMatch(/^(Ready|Checking)/);
}, 240_000);
