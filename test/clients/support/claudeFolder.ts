import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { shortTmp } from "../../../scripts/support/paths.ts";
import type { ClaudeCode } from "../../../scripts/clients/claudeCode.ts";
import { run, type Ran } from "../../process/support.ts";

/** A person's machine for the real client: a home, a configuration folder and a project, and nothing of anybody else's. */
export interface ClaudeFolder extends AsyncDisposable {
  readonly home: string;
  readonly configFolder: string;
  readonly project: string;
  /** What the client gets for its environment: nothing of it leads off this machine. */
  readonly env: Readonly<Record<string, string>>;
  writeMcpJson(servers: Readonly<Record<string, object>>): Promise<void>;
  /** Runs the client to its end, in the project's folder where nothing else is said. */
  run(
    client: ClaudeCode,
    args: readonly string[],
    options?: { readonly env?: Readonly<Record<string, string | undefined>>; readonly cwd?: string },
  ): Promise<Ran>;
}

export interface FolderOptions {
  /** Whether the person has said that they trust the project's folder; `mcp list` never asks. */
  readonly isTrusted: boolean;
  /** The project's folder where it is not made here. */
  readonly project?: string;
  /** What the person's home is called. */
  readonly homeName?: string;
  /** Where the model's API is; absent, nowhere. */
  readonly modelUrl?: string;
}

/** A port on which nobody listens. */
const nowhere = "http://127.0.0.1:9";

export const openClaudeFolder = async (options: FolderOptions): Promise<ClaudeFolder> => {
  const folder = await realpath(await mkdtemp(join(shortTmp, "lanyard-client-")));
  const home = join(folder, options.homeName ?? "home");
  const configFolder = join(home, ".claude");
  const project = options.project ?? join(folder, "project");
  await mkdir(configFolder, { recursive: true });
  await mkdir(project, { recursive: true });
  await writeFile(join(configFolder, "settings.json"), JSON.stringify(settings));
  await writeFile(join(configFolder, ".claude.json"), JSON.stringify(stateOf(project, options.isTrusted)));
  const env: Readonly<Record<string, string>> = {
    PATH: process.env["PATH"] ?? "",
    HOME: home,
    USERPROFILE: home,
    CLAUDE_CONFIG_DIR: configFolder,
    ANTHROPIC_BASE_URL: options.modelUrl ?? nowhere,
    ANTHROPIC_AUTH_TOKEN: "nobody",
    ...offline,
  };
  return {
    ...{ home, configFolder, project, env },
    writeMcpJson: (mcpServers) =>
      writeFile(join(project, ".mcp.json"), `${JSON.stringify({ mcpServers }, undefined, 2)}\n`),
    run: ({ program }, args, { env: more = {}, cwd = project } = {}) =>
      run([program, ...args], { cwd, env: withoutAbsent({ ...env, ...more }) }),
    [Symbol.asyncDispose]: () =>
      rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }),
  };
};

/** No telemetry, no updates, and a proxy that is not there for whatever would leave this machine all the same. */
export const offline: Readonly<Record<string, string>> = {
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
  DISABLE_AUTOUPDATER: "1",
  DISABLE_ERROR_REPORTING: "1",
  DISABLE_TELEMETRY: "1",
  ENABLE_TOOL_SEARCH: "false",
  HTTP_PROXY: nowhere,
  HTTPS_PROXY: nowhere,
  NO_PROXY: "127.0.0.1,localhost",
};

const settings = { enableAllProjectMcpServers: true, theme: "dark" };

const stateOf = (project: string, isTrusted: boolean): object => ({
  hasCompletedOnboarding: true,
  theme: "dark",
  projects: isTrusted ? { [project.replaceAll("\\", "/")]: { hasTrustDialogAccepted: true } } : {},
});

const withoutAbsent = (env: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
