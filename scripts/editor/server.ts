import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { shortTmp } from "../support/paths.ts";
import { lastLines, run, startTree, type Tree } from "../support/processes.ts";
import { installEditor } from "./install.ts";

export interface EditorOptions {
  /** The folder that the editor's address opens. */
  readonly folder: string;
  /** `LANYARD_HOME` of everything in the editor. */
  readonly lanyardHome: string;
  /** Holds all that the editor writes: settings, extensions, storage, logs, caches, sockets. */
  readonly serverDataDir: string;
  /** Installed before the start, as a user would. */
  readonly vsix?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Settings of the machine scope: a server passes over them where they stand among the user's. */
  readonly machineSettings?: Readonly<Record<string, unknown>>;
  /** Lets a page name an extension under development and a suite to run in the extension host. */
  readonly extensionDevelopment?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  /** Words before the server's command, as `nice` has them: a program that becomes it. */
  readonly startedBy?: readonly string[];
  readonly progress?: (line: string) => void;
}

export interface Editor {
  /** Opens the folder; holds the connection token. */
  readonly url: string;
  /** The same for another folder, or for a workspace of several (`.code-workspace`). */
  urlOf(path: string): string;
  readonly port: number;
  readonly token: string;
  /** Runs the editor's own command line on the same extensions and data, such as `--install-extension FILE`. */
  cli(args: readonly string[]): Promise<string>;
  /** Resolves when the editor has ended, asked or not. */
  readonly exited: Promise<number | null>;
  /** Ends the editor and every process it started. */
  dispose(): Promise<void>;
}

/** VS Code names its sockets `vscode-ipc-<uuid>.sock` under here, and a socket's path ends at 107 bytes (103 on macOS). */
const longestRunDir = 48;

/** Starts the real VS Code on a free loopback port and waits until it answers. */
export const startEditor = async (options: EditorOptions): Promise<Editor> => {
  const main = await installEditor(options.progress ?? (() => undefined));
  const dataDir = options.serverDataDir;
  await mkdir(options.lanyardHome, { recursive: true, mode: 0o700 });
  await writeSettings(join(dataDir, "data/User"), options.settings ?? {});
  if (options.machineSettings !== undefined)
    await writeSettings(join(dataDir, "data/Machine"), options.machineSettings);
  const runDir = await makeRunDir(dataDir);
  const env = editorEnv(options, runDir);
  const common = ["--server-data-dir", dataDir, "--accept-server-license-terms", "--telemetry-level", "off"];
  const cli = (args: readonly string[]): Promise<string> =>
    run(process.execPath, [main, ...args, ...common], { env });
  if (options.vsix !== undefined) await cli(["--install-extension", options.vsix]);

  // Hex, because base64url may begin with a dash, which the server takes for a flag.
  const token = randomBytes(24).toString("hex");
  const [program, ...before] = [...(options.startedBy ?? []), process.execPath];
  const tree = startTree(
    program,
    [
      ...before,
      ...["--import", import.meta.resolve("./secretKey.ts")],
      ...[main, "--host", "127.0.0.1", "--port", "0", "--connection-token", token, ...common],
      ...(options.extensionDevelopment === true ? ["--enable-smoke-test-driver"] : []),
    ],
    { env },
  );
  const dispose = async (): Promise<void> => {
    await tree.stop();
    await rm(runDir, { recursive: true, force: true });
  };
  const port = await listening(tree, join(dataDir, "server.log")).catch(async (error: unknown) => {
    await dispose();
    throw error;
  });
  const urlOf = (path: string): string => {
    const kind = path.endsWith(".code-workspace") ? "workspace" : "folder";
    return `http://127.0.0.1:${port}/?tkn=${token}&${kind}=${pathToFileURL(path).pathname}`;
  };
  return { url: urlOf(options.folder), urlOf, port, token, cli, exited: tree.exited, dispose };
};

const writeSettings = async (folder: string, settings: Readonly<Record<string, unknown>>): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "settings.json"), JSON.stringify(settings, null, 2));
};

const makeRunDir = async (dataDir: string): Promise<string> => {
  const inside = join(dataDir, "run");
  if (Buffer.byteLength(inside) > longestRunDir) return mkdtemp(join(shortTmp, "lanyard-"));
  await mkdir(inside, { recursive: true, mode: 0o700 });
  return inside;
};

/**
 * The person's own environment without what npm or an editor around us put there. An empty `VSCODE_PROXY_URI` keeps the
 * server from rewriting loopback addresses, such as a provider's on this machine.
 */
const editorEnv = (options: EditorOptions, runDir: string): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|VSCODE_|ELECTRON_)/i.test(name)),
  ),
  VSCODE_PROXY_URI: "",
  LANYARD_HOME: options.lanyardHome,
  XDG_CACHE_HOME: join(options.serverDataDir, "cache"),
  XDG_RUNTIME_DIR: runDir,
  HISTFILE: join(options.serverDataDir, "shell-history"),
  TMPDIR: runDir,
  ...options.env,
});

/** The port, once the server says that it listens. What it says goes to `logFile` too. */
const listening = async (tree: Tree, logFile: string): Promise<number> => {
  const log = createWriteStream(logFile);
  let said = "";
  const keep = (chunk: Buffer): void => {
    said = lastLines(said + chunk.toString(), 40);
    log.write(chunk);
  };
  tree.stdout.on("data", keep);
  tree.stderr.on("data", keep);
  void tree.exited.then(() => log.end());
  for await (const line of createInterface({ input: tree.stdout })) {
    const port = /^Extension host agent listening on (\d+)/.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error(`The editor ended before it listened.\n${lastLines(said)}`);
};
