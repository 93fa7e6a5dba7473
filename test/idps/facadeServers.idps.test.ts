import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { shortTmp } from "../../scripts/support/paths.ts";
import { openClaudeFolder, type ClaudeFolder } from "../clients/support/claudeFolder.ts";
import { startModel, type Model } from "../clients/support/model.ts";
import { launchChromium } from "../editor/chromium.ts";
import { buildHelper, install } from "../process/support.ts";
import { openBoardWindow, type BoardWindow } from "../support/boardWindow.ts";
import { startFastMcp } from "../support/mcpServers/fastMcp.ts";
import type { GuardedServer, TokenChecks } from "../support/mcpServers/guarded.ts";
import { startSdkServer } from "../support/mcpServers/sdkServer.ts";
import { recordingLog } from "../support/ports.ts";
import { startKeycloak, type Keycloak } from "./support/keycloak.ts";
import { crmResource, facadeBefore, wikiResource, type KeycloakFacade } from "./support/keycloakFacade.ts";
import { Person } from "./support/person.ts";

const keycloakHere = inject("keycloak");
const fastMcpHere = inject("fastMcp");
const client = inject("claudeCode");
const isAllHere = keycloakHere !== undefined && fastMcpHere !== undefined && client !== undefined;

/** The whole way: a sign-in, the facade, Keycloak's token exchange, servers that check the audience, a real client. */
describe.skipIf(!isAllHere)("the facade's tokens, at servers that check the audience", () => {
  const stack = new AsyncDisposableStack();
  let keycloak: Keycloak;
  let facade: KeycloakFacade;
  let servers: Readonly<Record<"fastmcp" | "sdk", GuardedServer>>;
  let window: BoardWindow;
  let folder: ClaudeFolder;
  let model: Model;
  let home: string;

  const entries = (): Readonly<Record<string, object>> => {
    const { issuer, clientId } = keycloak.need;
    const entry = (url: string, resource: string): object => ({
      ...{ type: "http", url, headersHelper: '"${LANYARD_HOME:-$HOME/.lanyard}/bin/lanyard" headers' },
      userAuth: {
        ...{ issuer, clientId },
        credential: { source: "token-exchange", endpoint: `${facade.url}/token`, resource },
      },
    });
    return {
      fastmcp: entry(servers.fastmcp.url, crmResource),
      sdk: entry(servers.sdk.url, wikiResource),
      "fastmcp-amiss": entry(servers.fastmcp.url, wikiResource),
      "sdk-amiss": entry(servers.sdk.url, crmResource),
    };
  };

  beforeAll(async () => {
    if (keycloakHere === undefined || fastMcpHere === undefined) throw new Error("Not all is here.");
    const browser: Browser = await launchChromium("/tmp");
    stack.defer(() => browser.close());
    keycloak = stack.use(await startKeycloak(keycloakHere));
    facade = stack.use(await facadeBefore(keycloak));
    await facade.giveRole();
    const checks = (audience: string): TokenChecks => ({
      ...{ issuer: keycloak.issuer, audience, scopes: [] },
      jwksUri: `${keycloak.issuer}/protocol/openid-connect/certs`,
    });
    servers = {
      fastmcp: stack.use(await startFastMcp(fastMcpHere, checks("crm"))),
      sdk: stack.use(await startSdkServer(checks("wiki"))),
    };
    const person = stack.use(await Person.with(browser));
    const { outcome } = await person.signIn(keycloak.need, (page: Page) => keycloak.logIn(page));
    expect(outcome).toMatchObject({ kind: "signedIn" });
    const base = await mkdtemp(join(shortTmp, "lanyard-facade-servers-"));
    stack.defer(() => rm(base, { recursive: true, force: true }));
    home = join(base, "home");
    await install(home, await buildHelper(base));
    model = stack.use(await startModel());
    folder = stack.use(await openClaudeFolder({ isTrusted: true, modelUrl: model.url }));
    await folder.writeMcpJson(entries());
    const { identity } = person;
    window = stack.use(
      await openBoardWindow({ workspace: folder.project, home, identity, fetch, log: recordingLog() }),
    );
  });
  afterAll(() => stack.disposeAsync());

  const claude = async (...args: readonly string[]): Promise<string> => {
    if (client === undefined) throw new Error("Claude Code is not here.");
    return (await folder.run(client, args, { env: { LANYARD_HOME: home } })).stdout;
  };

  test("are taken by Claude Code's servers, and refused by the one that they are not for", async () => {
    const listed = await claude("mcp", "list");
    for (const name of ["fastmcp", "sdk"])
      expect(listed).toMatch(new RegExp(`^${name}: .*✔ Connected$`, "m"));
    for (const name of ["fastmcp-amiss", "sdk-amiss"])
      expect(listed).toMatch(new RegExp(`^${name}: (?!.*Connected)`, "m"));
    expect(window.board.entries().map(({ status }) => status.kind)).toEqual(Array(4).fill("granted"));
  });

  test.each(["fastmcp", "sdk"])("call %s as the person", async (name) => {
    const before = model.toolResults.length;
    const tool = `mcp__${name}__whoami`;
    await claude("-p", `call ${tool} {}`, "--allowedTools", tool);
    const [said = ""] = model.toolResults.slice(before);
    const subject = await keycloak.admin.idOf("/realms/acme/users?username=alice&exact=true");
    expect(JSON.parse(said)).toEqual({ sub: subject, aud: name === "sdk" ? "wiki" : "crm" });
  });

  test("end with an administrator's logout: the first helper after it is refused", async () => {
    await keycloak.endSessions?.();
    const endedMs = performance.now();
    const listed = await claude("mcp", "list");
    console.log(`Claude Code's list ended ${(performance.now() - endedMs).toFixed(0)} ms after the logout.`);
    expect(listed).not.toContain("✔ Connected");
  });
});
