import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { shortTmp } from "../../scripts/support/paths.ts";
import { launchChromium } from "../editor/chromium.ts";
import { buildHelper, install } from "../process/support.ts";
import { openBoardWindow } from "../support/boardWindow.ts";
import { startFastMcp } from "../support/mcpServers/fastMcp.ts";
import { recordingLog } from "../support/ports.ts";
import { needs } from "../support/needs.ts";
import { freePort } from "../support/servers.ts";
import { ClaudeCaller } from "./support/claudeCaller.ts";
import { checkAs, faultsOfUnit, readContainerfile, readUnit } from "./support/facadePackage.ts";
import { checksOf, isStageHere } from "./support/guardedStage.ts";
import { startKeycloak, type Keycloak } from "./support/keycloak.ts";
import { Person } from "./support/person.ts";
import { SetupWalk } from "./support/setupWalk.ts";

/** From an empty folder to a connector that works, by the commands of docs/facade-setup.md alone; told in order. */
describe.skipIf(!isStageHere)("docs/facade-setup.md, for Keycloak", () => {
  const stack = new AsyncDisposableStack();
  const tookMs: Record<string, number> = {};
  let keycloak: Keycloak;
  let walk: SetupWalk;
  let workspace: string;
  let lanyardHome: string;

  const timed = async <T>(name: string, act: () => Promise<T>): Promise<T> => {
    const startedMs = performance.now();
    const value = await act();
    tookMs[name] = Math.round(performance.now() - startedMs);
    return value;
  };

  beforeAll(async () => {
    const [installation, fastMcpHere] = [inject("keycloak"), inject("fastMcp")];
    if (installation === undefined || fastMcpHere === undefined) throw new Error("Not all is here.");
    const root = await mkdtemp(join(shortTmp, "lanyard-setup-"));
    stack.defer(() => rm(root, { recursive: true, force: true, maxRetries: 5 }));
    const folder = join(root, "facade");
    [workspace, lanyardHome] = [join(root, "acme"), join(root, "lanyard")];
    for (const each of [folder, workspace, join(root, "home")]) await mkdir(each);
    keycloak = stack.use(await startKeycloak(installation));
    // The realm and its people are there before; the client that other tests sign in with is not.
    const own = await keycloak.admin.idOf("/realms/acme/clients?clientId=lanyard");
    await keycloak.admin.call("DELETE", `/realms/acme/clients/${own}`);
    const server = stack.use(await startFastMcp(fastMcpHere, checksOf(keycloak, "crm")));
    const port = await freePort();
    walk = await SetupWalk.begin({
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
  });
  afterAll(() => stack.disposeAsync());

  test("its commands register, configure and start a facade of which all works", async () => {
    await timed("pack", () => walk.pack());
    await timed("register", () => walk.register());
    await walk.writeConfiguration();
    const checked = await timed("start", () => walk.start(stack));
    expect(checked.length).toBeGreaterThan(4);
    expect(checked.filter((line) => !line.startsWith("ok "))).toEqual([]);
  });

  test("the service that it installs starts by what systemd gives it, and all works", async () => {
    const root = join(workspace, "../service");
    await walk.installService(root);
    const started = await readUnit(root);
    const checked = await checkAs(started, join(root, "empty"));
    expect(checked.length).toBeGreaterThan(4);
    expect(checked.filter((line) => !line.startsWith("ok "))).toEqual([]);
  });

  test("the service's unit is one that systemd takes", needs("systemd"), async () => {
    const unit = join(workspace, "../service/etc/systemd/system/lanyard-facade.service");
    expect(await faultsOfUnit(unit)).toBe("");
  });

  test("the container's image has all that it starts", async () => {
    const folder = join(workspace, "../facade");
    const root = join(workspace, "../image");
    const program = await readContainerfile(join(folder, "node_modules/lanyard-facade"), root);
    const checked = await checkAs(
      { program, configuration: join(folder, "facade.json") },
      join(root, "empty"),
    );
    expect(checked.filter((line) => !line.startsWith("ok "))).toEqual([]);
  });

  test("the connector works for who has the role, from their next question on", async () => {
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
    console.log(`The walk: ${JSON.stringify({ ...walk.size, tookMs })}`);
  });
});
