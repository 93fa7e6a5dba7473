import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, inject } from "vitest";
import { shortTmp } from "../../../scripts/support/paths.ts";
import { helperCommand } from "../../../src/core/config/command/helperCommand.ts";
import { launchChromium } from "../../editor/chromium.ts";
import { buildHelper, install } from "../../process/support.ts";
import { openBoardWindow, type BoardWindow } from "../../support/boardWindow.ts";
import { startFastMcp } from "../../support/mcpServers/fastMcp.ts";
import type { GuardedServer, TokenChecks } from "../../support/mcpServers/guarded.ts";
import { startSdkServer } from "../../support/mcpServers/sdkServer.ts";
import { recordingLog } from "../../support/ports.ts";
import { ClaudeCaller } from "./claudeCaller.ts";
import { startKeycloak, type Keycloak } from "./keycloak.ts";
import { Person } from "./person.ts";

const keycloakHere = inject("keycloak");
const fastMcpHere = inject("fastMcp");
const client = inject("claudeCode");
export const isStageHere = keycloakHere !== undefined && fastMcpHere !== undefined && client !== undefined;

/** What the servers check their tokens for: each of another. */
export type Audience = "crm" | "wiki";

/**
 * Sets a Keycloak up, before the person signs in.
 * @returns the `credential` of an entry for an audience.
 */
export type Preparation = (
  keycloak: Keycloak,
  stack: AsyncDisposableStack,
) => Promise<(audience: Audience) => object>;

/** Real servers that check what they get, a real client that calls them, and Lanyard between it and a real Keycloak. */
export class GuardedStage {
  readonly #stack: AsyncDisposableStack;
  readonly #claude: ClaudeCaller;
  readonly keycloak: Keycloak;
  readonly servers: Servers;
  readonly window: BoardWindow;

  private constructor(parts: StageParts) {
    this.#stack = parts.stack;
    this.#claude = parts.claude;
    ({ keycloak: this.keycloak, servers: this.servers, window: this.window } = parts);
  }

  static async open(prepare: Preparation): Promise<GuardedStage> {
    await using stack = new AsyncDisposableStack();
    const parts = await partsOf(prepare, stack);
    return new GuardedStage({ ...parts, stack: stack.move() });
  }

  /** What `claude mcp list` says. */
  list(): Promise<string> {
    return this.#claude.list();
  }

  /** Has the client call the server's tool. @returns what the model heard of it. */
  whoami(server: string): Promise<unknown> {
    return this.#claude.whoami(server);
  }

  /** The client lists the servers whose audience is that of the token, and no other. */
  async expectAudiencesKept(): Promise<void> {
    const listed = await this.list();
    for (const name of ["fastmcp", "sdk"])
      expect(listed).toMatch(new RegExp(`^${name}: .*✔ Connected$`, "m"));
    for (const name of ["fastmcp-amiss", "sdk-amiss"])
      expect(listed).toMatch(new RegExp(`^${name}: (?!.*Connected)`, "m"));
    expect(this.window.board.entries().map(({ status }) => status.kind)).toEqual(Array(4).fill("granted"));
  }

  /** The person's `sub`. */
  subject(): Promise<string> {
    return this.keycloak.admin.idOf("/realms/acme/users?username=alice&exact=true");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

type Servers = Readonly<Record<"fastmcp" | "sdk", GuardedServer>>;

interface StageParts {
  readonly stack: AsyncDisposableStack;
  readonly keycloak: Keycloak;
  readonly servers: Servers;
  readonly window: BoardWindow;
  readonly claude: ClaudeCaller;
}

const partsOf = async (
  prepare: Preparation,
  stack: AsyncDisposableStack,
): Promise<Omit<StageParts, "stack">> => {
  if (keycloakHere === undefined || fastMcpHere === undefined || client === undefined)
    throw new Error("Not all is here.");
  const browser = await launchChromium("/tmp");
  stack.defer(() => browser.close());
  const keycloak = stack.use(await startKeycloak(keycloakHere));
  const credentialFor = await prepare(keycloak, stack);
  const servers: Servers = {
    fastmcp: stack.use(await startFastMcp(fastMcpHere, checksOf(keycloak, "crm"))),
    sdk: stack.use(await startSdkServer(checksOf(keycloak, "wiki"))),
  };
  const person = stack.use(await Person.with(browser));
  const { outcome } = await person.signIn(keycloak.need, (page: Page) => keycloak.logIn(page));
  if (outcome.kind !== "signedIn") throw new Error(`The sign-in ended as ${outcome.kind}.`);
  const base = await mkdtemp(join(shortTmp, "lanyard-guarded-"));
  stack.defer(() => rm(base, { recursive: true, force: true }));
  const home = join(base, "home");
  await install(home, await buildHelper(base));
  const claude = stack.use(await ClaudeCaller.open({ client, lanyardHome: home }));
  const { folder } = claude;
  await folder.writeMcpJson(entriesOf(keycloak, servers, credentialFor));
  const { identity } = person;
  const window = stack.use(
    await openBoardWindow({ workspace: folder.project, home, identity, fetch, log: recordingLog() }),
  );
  return { keycloak, servers, window, claude };
};

export const checksOf = ({ issuer }: Pick<Keycloak, "issuer">, audience: string): TokenChecks => ({
  ...{ issuer, audience, scopes: [] },
  jwksUri: `${issuer}/protocol/openid-connect/certs`,
});

/** Each server twice: with a token of its own audience, and with one that is for the other. */
const entriesOf = (
  { need: { issuer, clientId } }: Keycloak,
  { fastmcp, sdk }: Servers,
  credentialFor: (audience: Audience) => object,
): Readonly<Record<string, object>> => {
  const entry = ({ url }: GuardedServer, audience: Audience): object => ({
    ...{ type: "http", url, headersHelper: helperCommand },
    userAuth: { issuer, clientId, credential: credentialFor(audience) },
  });
  return {
    ...{ fastmcp: entry(fastmcp, "crm"), sdk: entry(sdk, "wiki") },
    ...{ "fastmcp-amiss": entry(fastmcp, "wiki"), "sdk-amiss": entry(sdk, "crm") },
  };
};
