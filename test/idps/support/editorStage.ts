import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { inject } from "vitest";
import { build } from "../../../scripts/build.ts";
import { startEditor } from "../../../scripts/editor/server.ts";
import { demoSettings } from "../../../scripts/editor/settings.ts";
import { withBrokerApi2 } from "../../../scripts/idps/keycloakInstall.ts";
import { packVsix } from "../../../scripts/package.ts";
import { shortTmp } from "../../../scripts/support/paths.ts";
import { helperCommand } from "../../../src/core/config/command/helperCommand.ts";
import { launchChromium } from "../../editor/chromium.ts";
import { approveWhatWaits } from "../../editor/review.ts";
import { Shell } from "../../editor/shell.ts";
import { showing } from "../../editor/sights.ts";
import { Workbench } from "../../editor/workbench.ts";
import { startFastMcp } from "../../support/mcpServers/fastMcp.ts";
import type { GuardedServer } from "../../support/mcpServers/guarded.ts";
import { startSdkServer } from "../../support/mcpServers/sdkServer.ts";
import { ClaudeCaller } from "./claudeCaller.ts";
import { checksOf } from "./guardedStage.ts";
import { startKeycloak, type Keycloak } from "./keycloak.ts";
import {
  crmResource,
  facadeBefore,
  payrollResource,
  upstreamResource,
  wikiResource,
  type KeycloakFacade,
} from "./keycloakFacade.ts";
import { audienceScope, giveRoleToAll } from "./keycloakRealm.ts";
import { brokered, upstreamRealm } from "./keycloakVault.ts";

/** What the provider's own tokens are for. */
export const upstreamAudience = "notes";

/** A real Keycloak, the facade, servers that check the audience, the real editor with the VSIX, and the real client. */
export interface EditorStage extends AsyncDisposable {
  readonly keycloak: Keycloak;
  readonly facade: KeycloakFacade;
  readonly workbench: Workbench;
  readonly claude: ClaudeCaller;
  readonly shell: Shell;
  /** From the palette to Keycloak and back, through every dialog that a person sees. */
  signIn(): Promise<void>;
  /** Connector by connector, the first words of its row. */
  statuses(): Promise<Readonly<Record<string, string>>>;
}

export const openEditorStage = async (): Promise<EditorStage> => {
  const [installation, fastMcpHere, client] = [inject("keycloak"), inject("fastMcp"), inject("claudeCode")];
  if (installation === undefined || fastMcpHere === undefined || client === undefined)
    throw new Error("Not all is here.");
  await using stack = new AsyncDisposableStack();
  const root = await mkdtemp(join(shortTmp, "lanyard-whole-"));
  stack.defer(() => rm(root, { recursive: true, force: true, maxRetries: 5 }));
  const [workspace, home, lanyardHome] = [join(root, "acme"), join(root, "home"), join(root, "lanyard")];
  for (const folder of [workspace, home]) await mkdir(folder);

  const [vsix, keycloak] = await Promise.all([
    build().then(() => packVsix()),
    startKeycloak(await withBrokerApi2(installation)).then((each) => stack.use(each)),
  ]);
  const facade = await setUp(keycloak, stack);
  const upstream = { issuer: `${keycloak.base}/realms/${upstreamRealm}` };
  const servers = {
    fastmcp: stack.use(await startFastMcp(fastMcpHere, checksOf(keycloak, "crm"))),
    sdk: stack.use(await startSdkServer(checksOf(keycloak, "wiki"))),
    upstream: stack.use(await startSdkServer(checksOf(upstream, upstreamAudience))),
  };
  const claude = stack.use(await ClaudeCaller.open({ client, lanyardHome, project: workspace }));
  await claude.folder.writeMcpJson(entriesOf(keycloak, facade, servers));
  await writeFile(join(workspace, "README.md"), "# Acme\n");

  const editor = await startEditor({
    ...{ folder: workspace, lanyardHome, serverDataDir: join(root, "editor"), vsix, settings: demoSettings },
    machineSettings: {
      "lanyard.signIn.method": "loopback",
      "lanyard.signIn.redirectUri": keycloak.need.redirectUri,
    },
    env: { HOME: home, USERPROFILE: home },
  });
  stack.defer(() => editor.dispose());
  const browser = await launchChromium(home);
  stack.defer(() => browser.close());
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  context.setDefaultTimeout(60_000);
  stack.defer(showing("facade-editor", context));
  const workbench = await Workbench.open(context, editor.url);
  const open = stack.move();
  return {
    ...{ keycloak, facade, workbench, claude, shell: new Shell({ workspace, home, lanyardHome }) },
    signIn: () => signIn(workbench, (page) => keycloak.logIn(page)),
    statuses: async () => {
      const rows = await workbench.tree();
      return Object.fromEntries(
        rows.map(({ label, description }) => [label, description.split(" · ")[0] ?? ""]),
      );
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
};

/** Longer than the test: what comes when the provider's token is over has a test of its own. */
const upstreamLifeSeconds = 300;

const setUp = async (keycloak: Keycloak, stack: AsyncDisposableStack): Promise<KeycloakFacade> => {
  await brokered(keycloak, upstreamLifeSeconds);
  const { admin } = keycloak;
  const at = `/realms/${upstreamRealm}`;
  const scope = await audienceScope(admin, upstreamAudience, upstreamAudience, at);
  const broker = await admin.idOf(`${at}/clients?clientId=acme-broker`);
  await admin.call("PUT", `${at}/clients/${broker}/default-client-scopes/${scope}`);
  const facade = stack.use(await facadeBefore(keycloak));
  await giveRoleToAll(keycloak, "crm-seller");
  return facade;
};

const entriesOf = (
  { need: { issuer, clientId } }: Keycloak,
  facade: KeycloakFacade,
  { fastmcp, sdk, upstream }: Readonly<Record<"fastmcp" | "sdk" | "upstream", GuardedServer>>,
): Readonly<Record<string, object>> => {
  const entry = ({ url }: GuardedServer, resource: string): object => ({
    ...{ type: "http", url, headersHelper: helperCommand },
    userAuth: {
      ...{ issuer, clientId, parameters: { kc_idp_hint: "upstream" }, events: `${facade.url}/events` },
      credential: { source: "token-exchange", endpoint: `${facade.url}/token`, resource },
    },
  });
  return {
    ...{ crm: entry(fastmcp, crmResource), wiki: entry(sdk, wikiResource) },
    ...{ notes: entry(upstream, upstreamResource), payroll: entry(fastmcp, payrollResource) },
  };
};

const signIn = async (workbench: Workbench, logIn: (page: Page) => Promise<void>): Promise<void> => {
  await workbench.trust();
  await workbench.showLanyard();
  const page = await workbench.opens(async () => {
    await workbench.run("Lanyard: Sign In");
    await approveWhatWaits(workbench);
    await workbench.answer("Allow");
  });
  await logIn(page);
  await page.getByText("You are signed in").waitFor();
  await page.close();
};
