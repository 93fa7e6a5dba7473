import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { shortTmp } from "../../scripts/support/paths.ts";
import { recordingLog } from "../support/ports.ts";
import { openBoardWindow, type BoardWindow } from "../support/boardWindow.ts";
import { startFastMcp } from "../support/mcpServers/fastMcp.ts";
import type { GuardedServer, TokenChecks } from "../support/mcpServers/guarded.ts";
import { startSdkServer } from "../support/mcpServers/sdkServer.ts";
import { openClaudeFolder, type ClaudeFolder } from "../clients/support/claudeFolder.ts";
import { startModel, type Model } from "../clients/support/model.ts";
import { launchChromium } from "../editor/chromium.ts";
import { buildHelper, install } from "../process/support.ts";
import { startKeycloak, type Keycloak } from "./support/keycloak.ts";
import { giveRole, umaOf } from "./support/keycloakVault.ts";
import { Person } from "./support/person.ts";

const keycloakHere = inject("keycloak");
const fastMcpHere = inject("fastMcp");
const client = inject("claudeCode");
const isAllHere = keycloakHere !== undefined && fastMcpHere !== undefined && client !== undefined;

/** Real servers that check what they get, a real client that calls them, and Lanyard between it and a real Keycloak. */
describe.skipIf(!isAllHere)("MCP servers that check the audience", () => {
  const stack = new AsyncDisposableStack();
  let keycloak: Keycloak;
  let servers: Readonly<Record<"fastmcp" | "sdk", GuardedServer>>;
  let window: BoardWindow;
  let folder: ClaudeFolder;
  let model: Model;
  let home: string;

  /** Connectors of the entry's audience at the server of that name. */
  const entries = (): Readonly<Record<string, object>> => {
    const { issuer, clientId } = keycloak.need;
    const entry = (url: string, audience: string): object => ({
      ...{ type: "http", url, headersHelper: '"${LANYARD_HOME:-$HOME/.lanyard}/bin/lanyard" headers' },
      userAuth: { issuer, clientId, credential: { source: "keycloak-uma", audience } },
    });
    return {
      fastmcp: entry(servers.fastmcp.url, "crm"),
      sdk: entry(servers.sdk.url, "wiki"),
      "fastmcp-amiss": entry(servers.fastmcp.url, "wiki"),
      "sdk-amiss": entry(servers.sdk.url, "crm"),
    };
  };

  beforeAll(async () => {
    if (keycloakHere === undefined || fastMcpHere === undefined) throw new Error("Not all is here.");
    const browser: Browser = await launchChromium("/tmp");
    stack.defer(() => browser.close());
    keycloak = stack.use(await startKeycloak(keycloakHere));
    const checks = (audience: string): TokenChecks => ({
      ...{ issuer: keycloak.issuer, audience, scopes: [] },
      jwksUri: `${keycloak.issuer}/protocol/openid-connect/certs`,
    });
    servers = {
      fastmcp: stack.use(await startFastMcp(fastMcpHere, checks("crm"))),
      sdk: stack.use(await startSdkServer(checks("wiki"))),
    };
    await umaOf(keycloak, "crm", "wiki");
    await giveRole(keycloak, "seller");
    const person = stack.use(await Person.with(browser));
    const { outcome } = await person.signIn(keycloak.need, (page: Page) => keycloak.logIn(page));
    expect(outcome).toMatchObject({ kind: "signedIn" });
    const base = await mkdtemp(join(shortTmp, "lanyard-servers-"));
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

  test("tell who asks without a credential where to get one", async () => {
    for (const { url } of Object.values(servers)) {
      const response = await fetch(url, { method: "POST" });
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toMatch(/^Bearer .*resource_metadata="http/);
      await response.body?.cancel();
    }
  });

  test("are listed by Claude Code, and refuse what is meant for the other", async () => {
    const listed = await claude("mcp", "list");
    for (const name of ["fastmcp", "sdk"])
      expect(listed).toMatch(new RegExp(`^${name}: .*✔ Connected$`, "m"));
    for (const name of ["fastmcp-amiss", "sdk-amiss"])
      expect(listed).toMatch(new RegExp(`^${name}: (?!.*Connected)`, "m"));
    expect(window.board.entries().map(({ status }) => status.kind)).toEqual(Array(4).fill("granted"));
  });

  test.each(["fastmcp", "sdk"])("%s is called as the person, with a token of its own", async (name) => {
    const before = model.toolResults.length;
    const tool = `mcp__${name}__whoami`;
    await claude("-p", `call ${tool} {}`, "--allowedTools", tool);
    const [said = ""] = model.toolResults.slice(before);
    const subject = await keycloak.admin.idOf("/realms/acme/users?username=alice&exact=true");
    const audience = name === "sdk" ? "wiki" : "crm";
    expect(JSON.parse(said)).toEqual({ sub: subject, aud: audience });
  });
});
