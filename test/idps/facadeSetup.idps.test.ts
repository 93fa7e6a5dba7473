import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Page } from "playwright-core";
import { expect, inject, test, vi } from "vitest";
import { shortTmp } from "../../scripts/support/paths.ts";
import { launchChromium } from "../editor/chromium.ts";
import { buildHelper, install } from "../process/support.ts";
import { openBoardWindow } from "../support/boardWindow.ts";
import { startFastMcp } from "../support/mcpServers/fastMcp.ts";
import { recordingLog } from "../support/ports.ts";
import { freePort } from "../support/servers.ts";
import { ClaudeCaller } from "./support/claudeCaller.ts";
import { checkAs, readContainerfile, readUnit } from "./support/facadePackage.ts";
import { checksOf, isStageHere } from "./support/guardedStage.ts";
import { startKeycloak, type Keycloak } from "./support/keycloak.ts";
import { Person } from "./support/person.ts";
import { SetupWalk } from "./support/setupWalk.ts";

/** Each walk begins with an empty folder and a Keycloak of its own. */
vi.setConfig({ testTimeout: 900_000 });

interface Begun extends AsyncDisposable {
  readonly keycloak: Keycloak;
  readonly walk: SetupWalk;
  readonly workspace: string;
  readonly lanyardHome: string;
}

const begin = async (): Promise<Begun> => {
  const [installation, fastMcpHere] = [inject("keycloak"), inject("fastMcp")];
  if (installation === undefined || fastMcpHere === undefined) throw new Error("Not all is here.");
  await using stack = new AsyncDisposableStack();
  const root = await mkdtemp(join(shortTmp, "lanyard-setup-"));
  stack.defer(() => rm(root, { recursive: true, force: true, maxRetries: 5 }));
  const [folder, workspace, lanyardHome] = [join(root, "facade"), join(root, "acme"), join(root, "lanyard")];
  for (const each of [folder, workspace, join(root, "home")]) await mkdir(each);
  const keycloak = stack.use(await startKeycloak(installation));
  // The realm and its people are there before; the client that other tests sign in with is not.
  const own = await keycloak.admin.idOf("/realms/acme/clients?clientId=lanyard");
  await keycloak.admin.call("DELETE", `/realms/acme/clients/${own}`);
  const server = stack.use(await startFastMcp(fastMcpHere, checksOf(keycloak, "crm")));
  const port = await freePort();
  const walk = await SetupWalk.begin({
    ...{ folder, port },
    names: {
      "https://id.example.com": keycloak.base,
      "https://vault.example.com": `http://127.0.0.1:${port}`,
      "https://mcp.crm.example.com/mcp": server.url,
    },
    env: {
      PATH: [join(installation.folder, "bin"), process.env["PATH"] ?? ""].join(delimiter),
      ...{ JAVA_HOME: installation.javaHome, KC_CLI_PASSWORD: "admin" },
    },
  });
  const open = stack.move();
  return { keycloak, walk, workspace, lanyardHome, [Symbol.asyncDispose]: () => open.disposeAsync() };
};

const tookMs: Record<string, number> = {};
const timed = async <T>(name: string, act: () => Promise<T>): Promise<T> => {
  const startedMs = performance.now();
  const value = await act();
  tookMs[name] = Math.round(performance.now() - startedMs);
  return value;
};

/** The connector works for who has the role, from their next question on. */
const useConnector = async (
  { keycloak, walk, workspace, lanyardHome }: Begun,
  stack: AsyncDisposableStack,
): Promise<void> => {
  const client = inject("claudeCode");
  if (client === undefined) throw new Error("Not all is here.");
  await walk.writeMcpJson(workspace);
  const browser = await launchChromium("/tmp");
  stack.defer(() => browser.close());
  const person = stack.use(await Person.with(browser));
  const need = { issuer: keycloak.issuer, clientId: "lanyard", scopes: ["openid"] };
  const { outcome } = await person.signIn(need, (page: Page) => keycloak.logIn(page));
  expect(outcome).toMatchObject({ kind: "signedIn" });
  await install(lanyardHome, await buildHelper(workspace));
  const { identity } = person;
  const window = stack.use(
    await openBoardWindow({ workspace, home: lanyardHome, identity, fetch, log: recordingLog() }),
  );
  const claude = stack.use(await ClaudeCaller.open({ client, lanyardHome, project: workspace }));
  expect(await claude.list()).toMatch(/^crm: (?!.*Connected)/m);
  expect(window.board.entries().map(({ status }) => status.kind)).toEqual(["denied"]);
  await timed("role", () => walk.giveRole());
  expect(await claude.list()).toMatch(/^crm: .*✔ Connected$/m);
  const sub = await keycloak.admin.idOf("/realms/acme/users?username=alice&exact=true");
  expect(await claude.whoami("crm")).toEqual({ sub, aud: "crm" });
};

/** What the service and the container start finds all that it needs there, and all of it works. */
const startOtherwise = async ({ walk, workspace }: Begun): Promise<void> => {
  const at = (name: string): string => join(workspace, "..", name);
  await walk.installService(at("service"));
  const program = await readContainerfile(at("facade/node_modules/lanyard-facade"), at("image"));
  const starts = [await readUnit(at("service")), { program, configuration: at("facade/facade.json") }];
  for (const [index, start] of starts.entries()) {
    const checked = await checkAs(start, at(`empty-${index}`));
    expect(checked.length).toBeGreaterThan(4);
    expect(checked.filter((line) => !line.startsWith("ok "))).toEqual([]);
  }
};

/** From an empty folder to a connector that works, by the commands of docs/facade-setup.md alone. */
test.skipIf(!isStageHere)(
  "docs/facade-setup.md, for Keycloak: its commands set up a facade of which all works, and a connector behind it",
  async () => {
    await using begun = await begin();
    await using stack = new AsyncDisposableStack();
    const { walk } = begun;
    await timed("pack", () => walk.pack());
    await timed("register", () => walk.register());
    await walk.writeConfiguration();
    const checked = await timed("start", () => walk.start(stack));
    expect(checked.length).toBeGreaterThan(4);
    expect(checked.filter((line) => !line.startsWith("ok "))).toEqual([]);
    await startOtherwise(begun);
    await useConnector(begun, stack);
    console.log(`The walk: ${JSON.stringify({ ...walk.size, tookMs })}`);
  },
);
