import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { ClaudeLikeClient, RefusedLocally } from "../../support/claudeLikeClient.ts";
import { Admin, type AuditLine } from "../admin.ts";
import { startWorld, type World } from "../harness.ts";
import { signInAs } from "../people.ts";
import { Shell } from "../shell.ts";
import type { Workbench } from "../workbench.ts";
import { awaitedLater } from "../../support/awaitedLater.ts";

/** Alice asks for a large opportunity in the middle of a session, and approves it on her phone. */
let world: World;
let workbench: Workbench;
let shell: Shell;
let admin: Admin;
let claude: ClaudeLikeClient;

const claudeFor = async (
  server: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ClaudeLikeClient> =>
  new ClaudeLikeClient({
    ...{ server, cwd: world.workspace, ...(await shell.connector(server)) },
    env: { PATH: process.env["PATH"], HOME: world.home, LANYARD_HOME: world.lanyardHome, ...env },
  });

beforeAll(async () => {
  world = await startWorld({ name: "mid-session" });
  [shell, admin] = [new Shell(world), new Admin(world)];
  workbench = await world.openWorkbench();
  await workbench.trust();
  await workbench.showLanyard();
  await signInAs(workbench, world, "alice");
  claude = await claudeFor("salesforce");
});
afterAll(async () => {
  await claude.close();
  await world[Symbol.asyncDispose]();
});

const row = async (): Promise<string> =>
  (await workbench.tree()).find(({ label }) => label === "salesforce")?.description ?? "";
const turns = (expected: RegExp): Promise<void> => expect.poll(row).toMatch(expected);

const statusOutput = z.looseObject({
  connectors: z.array(z.looseObject({ server: z.string(), traceId: z.string().optional() })),
});

/** The trace id that Lanyard shows for Salesforce. */
const shownTraceId = async (): Promise<string | undefined> => {
  const { stdout } = await shell.lanyard("status --json");
  const { connectors } = statusOutput.parse(JSON.parse(stdout));
  return connectors.find(({ server }) => server === "salesforce")?.traceId;
};

/** Everything that Lanyard wrote into its log in the editor. */
const log = async (): Promise<string> => {
  const folder = join(world.serverDataDir, "data/logs");
  const files = await readdir(folder, { recursive: true });
  const texts = files
    .filter((file) => file.endsWith("Lanyard.log"))
    .map((file) => readFile(join(folder, file), "utf8"));
  return (await Promise.all(texts)).join("\n");
};

const story = (lines: readonly AuditLine[]): readonly string[] =>
  lines.map(({ policy, outcome }) => `${policy}: ${outcome}`);

const opportunity = (amount: number): [string, Readonly<Record<string, unknown>>] => [
  "create_opportunity",
  { name: "Globex", amount },
];

test("a small opportunity just works, with the helper asked once", async () => {
  await turns(/^Ready/);
  await claude.connect();
  expect(await claude.callTool(...opportunity(5_000))).toContain("Created the opportunity");
  expect(claude.helperRuns).toBe(1);
});

test("a large one waits for the phone, and then the very same call returns", async () => {
  const before = (await admin.audit("salesforce")).length;
  const firstTraceId = await shownTraceId();

  const call = awaitedLater(claude.callTool(...opportunity(50_000)));
  await turns(/^Approve on your phone: Salesforce: allow for alice, code \d{4} · \d:\d\d left$/);
  const phone = await world.context.newPage();
  await phone.goto(admin.phone);
  expect(await phone.locator(".card").innerText()).toContain((await row()).match(/code \d{4}/)?.[0]);
  await phone.getByRole("button", { name: "Approve" }).click();
  await phone.getByText("Nothing to approve").waitFor();
  await phone.close();

  expect(await call).toBe('Created the opportunity "Globex" over $50,000, owned by alice.');
  expect(claude.helperRuns).toBe(2);
  await turns(/^Ready/);

  const lines = (await admin.audit("salesforce")).slice(before);
  const [refused, ...asked] = lines;
  expect(refused).toMatchObject({
    policy: "demanded-by-connector",
    outcome: "refused",
    traceId: firstTraceId,
  });
  expect(new Set(story(asked))).toEqual(
    new Set(["demanded-by-connector: push", "demanded-by-connector: granted"]),
  );
  const granted = lines.filter(({ outcome }) => outcome === "granted");
  expect(granted).toHaveLength(1);
  expect(granted[0]?.traceId).toBe(await shownTraceId());
  expect(granted[0]?.credentialId).not.toBe(refused?.credentialId);
  for (const { traceId } of lines) await expect.poll(log).toContain(`traceId="${traceId ?? "none"}"`);
});

test("what is fresh is not asked for twice", async () => {
  expect(await claude.callTool(...opportunity(60_000))).toContain("Created the opportunity");
  expect(claude.helperRuns).toBe(2);
});

test("nobody approves in time: it ends in a sentence, nothing was sent, and the row says what to type", async () => {
  await admin.setPolicy("salesforce", { state: "step-up", method: "push" });
  await using impatient = await claudeFor("salesforce", { LANYARD_DEADLINE_SECONDS: "2" });
  const refusedBefore = (await admin.audit("salesforce")).filter(
    ({ outcome }) => outcome === "refused",
  ).length;
  const refusal = await impatient.connect().catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(RefusedLocally);
  expect(String(refusal)).toMatch(/Lanyard sends nothing\. Approve .*code \d{4}/);
  const refused = (await admin.audit("salesforce")).filter(({ outcome }) => outcome === "refused");
  expect(refused).toHaveLength(refusedBefore);

  await turns(/^Approve on your phone/);
  await admin.decide("salesforce", "approve");
  await turns(/^Ready · type \/mcp reconnect salesforce in Claude Code/);
  const runsBefore = impatient.helperRuns;
  await expect(impatient.callTool(...opportunity(70_000))).rejects.toThrow(
    'MCP server "salesforce" is not connected',
  );
  expect(impatient.helperRuns).toBe(runsBefore);

  await impatient.connect();
  expect(await impatient.callTool(...opportunity(70_000))).toContain("Created the opportunity");
  await turns(/^Ready(?!.*reconnect)/);
});
