import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startDemo } from "../../scripts/demo.ts";
import { shortTmp } from "../../scripts/support/paths.ts";
import { selfSigned } from "../../test/support/selfSigned.ts";
import { buildHelper, install, run } from "../../test/process/support.ts";
import { askHelper, openWindow, signInTo, type TestWindow } from "../../test/process/windowsSupport.ts";
import { startProgram } from "./programs.ts";
import type { VaultProcessOptions } from "./vaultProcess.ts";

export interface StageOptions {
  readonly connectors: number;
  /** A vault that is far away and speaks TLS; left out, it stands on loopback and speaks http. */
  readonly roundTripMs?: number;
  /** Where the connectors are, by index; left out, at names that nobody asks. */
  readonly urlOf?: (index: number) => string;
  /** What the window's Node is started with. */
  readonly flags?: readonly string[];
}

/** A window of Lanyard with alice signed in and everything approved, its vault and its helpers: all in their own processes. */
export interface Stage extends AsyncDisposable {
  readonly folder: string;
  readonly home: string;
  readonly window: TestWindow;
  /** The vault's token endpoint. */
  readonly tokenEndpoint: string;
  /** The certificate that proves the vault, when it speaks TLS. */
  readonly caFile: string | undefined;
  urlOf(index: number): string;
  /** Runs a connector's helper as Claude Code does. @returns how long it took. @throws unless it printed headers. */
  helper(index: number): Promise<number>;
  /** The same for the first `count` connectors at once, started by one shell: Node would take its time to start eight. */
  helpersAtOnce(count: number): Promise<number>;
  /** Refresh tokens that the identity provider has exchanged so far. */
  refreshes(): Promise<number>;
}

export const openStage = async ({
  connectors,
  roundTripMs,
  urlOf = nowhere,
  flags = [],
}: StageOptions): Promise<Stage> => {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(shortTmp, "lanyard-bench-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const [workspace, home, storage] = [
    ...[join(folder, "workspace"), join(folder, "home"), join(folder, "storage")],
  ] as const;
  const demo = await startDemo({ workspace: join(folder, "demo"), logFile: join(folder, "demo.log") });
  stack.defer(() => demo.stop());
  const tls = roundTripMs === undefined ? undefined : selfSigned("vault of the bench");
  const caFile = tls === undefined ? undefined : join(folder, "ca.pem");
  if (tls !== undefined && caFile !== undefined) await writeFile(caFile, tls.cert);
  const options: VaultProcessOptions = {
    roundTripMs: roundTripMs ?? 0,
    ...(tls === undefined ? {} : { tls }),
  };
  const vault = stack.use(
    await startProgram(join(import.meta.dirname, "vaultProcess.ts"), JSON.stringify(options)),
  );
  const tokenEndpoint = `${vault.said}/token`;
  await mkdir(workspace);
  await writeFile(join(workspace, ".mcp.json"), mcpJson(demo.ready.idp, tokenEndpoint, connectors, urlOf));
  await install(home, await buildHelper(folder));
  await signInTo(demo.ready, storage);
  const window = await openWindow(
    { home, storage, storageDelayMs: 0, folders: [workspace] },
    { flags, env: caFile === undefined ? {} : { NODE_EXTRA_CA_CERTS: caFile } },
  );
  stack.defer(() => window.close());
  const open = stack.move();
  return {
    ...{ folder, home, window, tokenEndpoint, caFile, urlOf },
    helper: async (index) => {
      const ran = await askHelper(home, workspace, nameOf(index), urlOf(index));
      if (!ran.stdout.includes("vault-credential")) throw new Error(`The helper printed ${ran.stdout}`);
      return ran.tookMs;
    },
    helpersAtOnce: async (count) => {
      const env = { PATH: process.env["PATH"] ?? "", LANYARD_HOME: home };
      const ran = await run(["/bin/sh", "-c", atOnce(count, urlOf)], { cwd: workspace, env });
      const granted = ran.stdout.split("vault-credential").length - 1;
      if (granted !== count) throw new Error(`The helpers printed ${ran.stdout}`);
      return ran.tookMs;
    },
    refreshes: async () => {
      const response = await fetch(`${demo.ready.admin}/api/stats`);
      return ((await response.json()) as { readonly refreshes: number }).refreshes;
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
};

export const nameOf = (index: number): string => `connector-${index}`;
const nowhere = (index: number): string => `https://mcp-${index}.example.com/mcp`;

const atOnce = (count: number, urlOf: (index: number) => string): string => {
  const starts = Array.from(
    { length: count },
    (_, index) =>
      `CLAUDE_CODE_MCP_SERVER_NAME='${nameOf(index)}' CLAUDE_CODE_MCP_SERVER_URL='${urlOf(index)}' /bin/sh "$LANYARD_HOME/bin/lanyard" headers &`,
  );
  return [...starts, "wait"].join("\n");
};

const mcpJson = (
  issuer: string,
  endpoint: string,
  count: number,
  urlOf: (index: number) => string,
): string => {
  const entries = Array.from({ length: count }, (_, index) => [
    nameOf(index),
    {
      type: "http",
      url: urlOf(index),
      userAuth: {
        ...{ issuer, clientId: "lanyard", scopes: "openid profile email" },
        credential: { source: "token-exchange", endpoint, resource: urlOf(index) },
      },
      headersHelper: '"${LANYARD_HOME:-$HOME/.lanyard}/bin/lanyard" headers',
    },
  ]);
  return JSON.stringify({ mcpServers: Object.fromEntries(entries) as unknown });
};
