import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSocketServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import * as esbuild from "esbuild";
import { Secret } from "../../src/core/secret.ts";
import { endpointFileOf, formatEndpoint, runDirectoryOf } from "../../src/ipc/endpoint/endpointFile.ts";
import { installLaunchers } from "../../src/ipc/install/launchers.ts";

export const isWindows = process.platform === "win32";

const root = join(import.meta.dirname, "../..");

/** What one call of a program came to. */
export interface Ran {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: number;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
  /** On Windows: the arguments are one command line already. */
  readonly isVerbatim?: boolean;
}

/** Runs a program to its end. Its environment is what `env` says and nothing else. */
export const run = async (
  [program = "", ...args]: readonly string[],
  { env = {}, cwd, uid, isVerbatim = false }: RunOptions = {},
): Promise<Ran> => {
  const startedMs = performance.now();
  const child = spawn(program, args, {
    env: { ...ofWindows, ...env },
    windowsVerbatimArguments: isVerbatim,
    stdio: ["ignore", "pipe", "pipe"],
    ...(cwd === undefined ? {} : { cwd }),
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  const [stdout, stderr, [exitCode]] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { exitCode, stdout, stderr, tookMs: performance.now() - startedMs };
};

/** Without these nothing starts on Windows, whoever calls. */
const ofWindows: Readonly<Record<string, string>> = Object.fromEntries(
  ["SystemRoot", "ComSpec", "PATHEXT", "TEMP", "TMP", "USERPROFILE", "LOCALAPPDATA"].flatMap((name) => {
    const value = process.env[name];
    return !isWindows || value === undefined ? [] : [[name, value] as const];
  }),
);

const textOf = async (stream: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
};

export interface TestFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** A folder whose name every shell reads: helpers there are the launcher and curl alone, as with most people. */
export const plainFolder = async (): Promise<TestFolder> => {
  const path = await mkdtemp(join(tmpdir(), "lanyard-test-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
};

/** A folder for one test file, gone after it. Its name is what a careless script stumbles over; Windows allows no quotes. */
export const oddFolder = async (): Promise<TestFolder> => {
  const base = await mkdtemp(join(tmpdir(), "lanyard-test-"));
  const path = join(base, isWindows ? "it's a & b ^ (c) ! Müller" : `it's "a" $HOME`);
  await mkdir(path, { mode: 0o755 });
  await chmod(base, 0o755);
  return { path, remove: () => rm(base, { recursive: true, force: true }) };
};

/** The helper's bundle as the extension ships it, in `folder`. */
export const buildHelper = async (folder: string): Promise<string> => {
  const outfile = join(folder, "helper.cjs");
  await esbuild.build({
    entryPoints: [join(root, "src/helper/main.ts")],
    outfile,
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node22",
    mainFields: ["module", "main"],
  });
  return outfile;
};

export const install = async (
  home: string,
  helperBundlePath: string,
  programs: { readonly nodePath?: string; readonly curlPath?: string } = {},
): Promise<void> => {
  await installLaunchers({
    home,
    helperBundlePath,
    templateDirectory: join(root, "src/helper"),
    version: "0.0.0-test",
    nodePath: process.execPath,
    ...programs,
  });
};

/** What people have as `/bin/sh`, or start Claude Code from: by the program's name, what makes it read a script as `sh`. */
const known: Readonly<Record<string, readonly string[]>> = {
  dash: [],
  bash: ["--posix"],
  busybox: ["sh"],
  ksh93: [],
  mksh: [],
  zsh: ["--emulate", "sh"],
};

const pathOf = (shell: string): string | undefined =>
  ["/bin", "/usr/bin", "/usr/local/bin"].map((folder) => join(folder, shell)).find(existsSync);

/** Those of them that this machine has, and those that it lacks. */
export const shells: readonly string[] = Object.keys(known).flatMap((shell) => pathOf(shell) ?? []);
export const missingShells: readonly string[] = Object.keys(known).filter(
  (shell) => pathOf(shell) === undefined,
);

/** How a shell runs a script as `sh` would. */
export const asSh = (shell: string): readonly string[] => [shell, ...(known[basename(shell)] ?? [])];

export interface AgentProcess {
  readonly isLeading: boolean;
  readonly child: ChildProcess;
  /** Ends it as a window that closes does. */
  stop(): Promise<void>;
}

/** @param url what every connector is to have for one. */
export const startAgentProcess = async (home: string, url?: string): Promise<AgentProcess> => {
  const more = url === undefined ? [] : [url];
  const child = spawn(process.execPath, [join(import.meta.dirname, "agentProcess.ts"), home, ...more], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const { isLeading } = JSON.parse(line.toString("utf8")) as { isLeading: boolean };
  return {
    isLeading,
    child,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const closed = once(child, "close");
      child.stdin.end();
      await closed;
    },
  };
};

/** Something that pretends to be an agent, with an endpoint file that leads to it. */
export interface Pretender {
  close(): Promise<void>;
}

export const pretendOverHttp = (home: string, listener: RequestListener): Promise<Pretender> =>
  pretend(home, createServer(listener));

export const pretendOverSocket = (home: string, onSocket: (socket: Socket) => void): Promise<Pretender> =>
  pretend(home, createSocketServer(onSocket));

const pretend = async (home: string, server: Server): Promise<Pretender> => {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).once("close", () => sockets.delete(socket));
  });
  await mkdir(runDirectoryOf(home), { recursive: true, mode: 0o700 });
  const path = join(runDirectoryOf(home), "pretender.sock");
  server.listen(path);
  await once(server, "listening");
  await writeEndpoint(home, path);
  return {
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
      await rm(endpointFileOf(home), { force: true });
    },
  };
};

export const writeEndpoint = (home: string, path: string): Promise<void> =>
  writeFile(
    endpointFileOf(home),
    formatEndpoint({
      address: { kind: "socket", path },
      key: new Secret("k".repeat(43)),
      pid: process.pid,
      version: "0.0.0-test",
    }),
    { mode: 0o600 },
  );
