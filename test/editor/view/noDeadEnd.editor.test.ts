import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { Admin } from "../admin.ts";
import { startWorld, type World } from "../harness.ts";
import { logIn, personOf } from "../people.ts";
import { approveAll } from "../review.ts";
import { TextEditor } from "../textEditor.ts";
import type { Workbench } from "../workbench.ts";

/**
 * Every kind of row and its action, one after the other in one window: none ends where it began. Vaults that refuse a live sign-in, in
 * whatever words, are among them: their rows ask for no sign-in, for there Sign In has nothing to do. When they heal, the rows heal.
 */
let world: World;
let workbench: Workbench;
let admin: Admin;
let vaults: Server;
let isHealed = false;

/** What vaults say to a token that the identity provider stands by, and the row's first word. */
const refusals: Readonly<
  Record<
    string,
    { readonly status: number; readonly headers?: Record<string, string>; readonly body: string }
  >
> = {
  "refuses-401": {
    ...{ status: 401, body: "{}" },
    headers: { "www-authenticate": 'Bearer error="invalid_token", error_description="audience"' },
  },
  "refuses-bare": { status: 401, body: "" },
  "refuses-exchange": {
    status: 400,
    body: '{"error":"invalid_request","error_description":"Standard token exchange is not enabled"}',
  },
  firewall: {
    status: 403,
    headers: { "content-type": "text/html" },
    body: "<html><title>Blocked</title></html>",
  },
  down: { status: 503, headers: { "retry-after": "600" }, body: "" },
};

const granted = JSON.stringify({
  ...{ access_token: "healed", token_type: "Bearer", expires_in: 300 },
  issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
});

const startVaults = async (): Promise<string> => {
  vaults = createServer((request, response) => {
    request.resume();
    const refusal = refusals[(request.url ?? "").slice(1)];
    if (isHealed || refusal === undefined) response.writeHead(200).end(granted);
    else response.writeHead(refusal.status, refusal.headers).end(refusal.body);
  }).listen(0, "127.0.0.1");
  await once(vaults, "listening");
  const address = vaults.address();
  if (address === null || typeof address === "string") throw new Error("No port is free.");
  return `http://127.0.0.1:${address.port}`;
};

const mcpJson = z.object({
  mcpServers: z.record(z.string(), z.looseObject({ userAuth: z.looseObject({}) })),
});

/** Adds a connector for each vault to the demo's. */
const addRefusals = async (origin: string): Promise<void> => {
  const file = join(world.workspace, ".mcp.json");
  const { mcpServers } = mcpJson.parse(JSON.parse(await readFile(file, "utf8")));
  const { github } = mcpServers;
  for (const name of Object.keys(refusals)) {
    const credential =
      name === "refuses-exchange"
        ? { source: "token-exchange", endpoint: `${origin}/${name}` }
        : { source: "vault-lookup", url: `${origin}/${name}` };
    mcpServers[name] = { ...github, userAuth: { ...github?.userAuth, credential } };
  }
  await writeFile(file, JSON.stringify({ mcpServers }, undefined, 2));
};

const status = async (label: string): Promise<string> =>
  (await workbench.tree()).find((row) => row.label === label)?.description.split(" · ")[0] ?? "no row";

const becomes = async (label: string, what: RegExp): Promise<void> => {
  await expect.poll(() => status(label), { timeout: 60_000 }).toMatch(what);
};

beforeAll(async () => {
  world = await startWorld({ name: "no-dead-end" });
  admin = new Admin(world);
  await addRefusals(await startVaults());
  workbench = await world.openWorkbench();
});
afterAll(async () => {
  vaults.close();
  vaults.closeAllConnections();
  await world[Symbol.asyncDispose]();
});

/** Rows that ask for a sign-in, or do not know yet. */
const unsettled = /^(Signed out|Checking|Not checked)/;

test("not trusted: trust", async () => {
  await workbench.distrust();
  await workbench.showLanyard();
  await becomes("github", /^Folder not trusted/);
  await workbench.trustAfterAll();
  await becomes("github", /^Needs your approval/);
});

test("not approved: review", async () => {
  await workbench.showLanyard();
  await workbench.treeAction("github", "Review Connectors…");
  await approveAll(workbench);
  await becomes("github", /^Signed out/);
});

test("signed out: sign in, once for all rows", async () => {
  const page = await workbench.opens(async () => {
    await workbench.treeAction("github", "Sign In");
    await workbench.answer("Allow");
  });
  await logIn(page, personOf(world, "alice"));
  await page.getByText("You are signed in").waitFor();
  await page.close();
  await becomes("github", /^Ready/);
  const asking = async (): Promise<readonly string[]> =>
    (await workbench.tree()).map(({ description }) => description).filter((text) => unsettled.test(text));
  await expect.poll(asking).toEqual([]);
});

test.each(Object.keys(refusals))(
  "%s: its row asks for no sign-in, and its actions lead somewhere",
  async (name) => {
    await workbench.treeAction(name, "Check Now");
    await becomes(
      name,
      name === "down" || name === "firewall" ? /^Unavailable|^Misconfigured/ : /^Misconfigured/,
    );
    await workbench.treeAction(name, "Open Entry in .mcp.json");
    await expect
      .poll(async () => (await new TextEditor(workbench).lines()).join("\n"))
      .toContain(`"${name}"`);
  },
);

test("needs connection: authorize, and leave it", async () => {
  const page = await workbench.opens(async () => {
    await workbench.treeAction("notion", "Authorize");
    await workbench.answer("Open in Browser");
  });
  await page.close();
  await workbench.treeAction("notion", "Cancel Waiting");
  await becomes("notion", /^Needs connection/);
});

test("step-up: sign in more strongly, and leave it", async () => {
  const page = await workbench.opens(() => workbench.treeAction("pagerduty", "Step Up"));
  expect(page.url()).toContain(new URL(world.demo.idp).host);
  await page.close();
  await workbench.treeAction("pagerduty", "Cancel Waiting");
  await becomes("pagerduty", /^Step-up needed/);
});

test("a step-up on the phone: leave it, ask for it again, and approve it there", async () => {
  await admin.setPolicy("linear", { state: "step-up", method: "push" });
  await workbench.treeAction("linear", "Check Now");
  // Where a question that nobody asked came first, nothing is pushed until somebody asks for it.
  await becomes("linear", /^(Step-up needed|Approve on your phone)/);
  if ((await status("linear")).startsWith("Step-up")) await workbench.treeAction("linear", "Step Up");
  await becomes("linear", /^Approve on your phone/);
  await workbench.treeAction("linear", "Cancel Waiting");
  await becomes("linear", /^Step-up needed/);
  await workbench.treeAction("linear", "Step Up");
  await becomes("linear", /^Approve on your phone/);
  const pushes = (await admin.approvals()).filter(({ connector }) => connector === "linear");
  for (const _push of pushes) await admin.decide("linear", "approve");
  await becomes("linear", /^Ready/);
});

test("denied: read why, and check again when the policy is another", async () => {
  await becomes("slack", /^Denied/);
  // The tooltip of the row before may still be there.
  await expect.poll(() => workbench.tooltip("slack")).toContain("Ask the Acme IT desk");
  await admin.setPolicy("slack", { state: "allow" });
  await workbench.treeAction("slack", "Check Now");
  await becomes("slack", /^Ready/);
});

test("all that was refused heals with its vault", async () => {
  isHealed = true;
  for (const name of Object.keys(refusals)) {
    await workbench.treeAction(name, "Check Now");
    await becomes(name, /^Ready/);
  }
});

test("ready: sign out, and there is a way back in", async () => {
  await workbench.treeAction("alice", "Sign Out");
  await becomes("github", /^Signed out/);
  const page = await workbench.opens(async () => {
    await workbench.treeAction("github", "Sign In");
    await workbench.answer("Allow");
  });
  // The browser may still be signed in at the identity provider, and then nothing is asked there.
  const form = page.getByLabel("Username");
  const done = page.getByText("You are signed in");
  await form.or(done).first().waitFor();
  if (await form.isVisible()) await logIn(page, personOf(world, "alice"));
  await done.waitFor();
  await page.close();
  await becomes("github", /^Ready/);
});
