import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { inRoot } from "./paths.ts";

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program to its end and answers with what it said. @throws with its last words when it fails. */
export const run = async (
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> => {
  const tree = startTree(command, args, options);
  let said = "";
  const listen = (chunk: Buffer): void => void (said += chunk.toString());
  tree.stdout.on("data", listen);
  tree.stderr.on("data", listen);
  const code = await tree.exited;
  if (code !== 0)
    throw new Error(`${command} ${args.join(" ")} ended with ${code ?? "a signal"}.\n${lastLines(said)}`);
  return said;
};

/** What starts npm on the Node that runs this script. */
export const npmCommand = (
  platform: NodeJS.Platform = process.platform,
  variables: NodeJS.ProcessEnv = process.env,
): readonly [string, ...string[]] => {
  const script = variables["npm_execpath"];
  if (script?.endsWith("npm-cli.js") === true) return [process.execPath, script];
  // On Windows it is a batch file, which only cmd.exe starts.
  return platform === "win32" ? [variables["ComSpec"] ?? "cmd.exe", "/d", "/c", "npm"] : ["npm"];
};

/** Runs npm to its end. @throws with its last words when it fails. */
export const npm = (args: readonly string[], options: RunOptions = {}): Promise<string> => {
  const [command, ...before] = npmCommand();
  return run(command, [...before, ...args], options);
};

export interface Tree {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Resolves with the exit code when the process has ended, whoever ended it. */
  readonly exited: Promise<number | null>;
  /** Ends the process with all its descendants, and waits for it. */
  stop(): Promise<void>;
}

/** Starts a program that ends with all its descendants on `stop()`, and also when this process dies in whatever way. */
export const startTree = (command: string, args: readonly string[], options: RunOptions = {}): Tree => {
  const line = [inRoot("scripts/support/endWithParent.ts"), command, ...args];
  return treeOf(spawn(process.execPath, line, { ...options, stdio: ["pipe", "pipe", "pipe"] }));
};

/** Starts a program that itself promises to end, with all its descendants, when its stdin closes. */
export const startUntilStdinCloses = (
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Tree => treeOf(spawn(command, args, { ...options, stdio: ["pipe", "pipe", "pipe"] }));

const treeOf = (child: ChildProcessByStdio<Writable, Readable, Readable>): Tree => {
  child.stdin.on("error", () => undefined);
  const exited = new Promise<number | null>((resolve) => {
    child.once("error", () => resolve(null));
    child.once("close", resolve);
  });
  return {
    stdout: child.stdout,
    stderr: child.stderr,
    exited,
    stop: async () => {
      child.stdin.end();
      const killer = setTimeout(() => child.kill("SIGKILL"), 20_000);
      await exited;
      clearTimeout(killer);
    },
  };
};

const isGroupAlive = (leader: number): boolean => {
  try {
    return process.kill(-leader, 0);
  } catch {
    return false;
  }
};

/** Ends a process group (on Windows a process tree): asks first, insists after `graceMs`. */
export const endGroup = async (leader: number, graceMs: number): Promise<void> => {
  if (process.platform === "win32") {
    await once(spawn("taskkill", ["/pid", String(leader), "/T", "/F"], { stdio: "ignore" }), "close");
    return;
  }
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    if (isGroupAlive(leader)) process.kill(-leader, signal);
    const untilMs = Date.now() + graceMs;
    while (isGroupAlive(leader) && Date.now() < untilMs) await delay(20);
  }
};

/** The end of what a program said, for an error's text. */
export const lastLines = (text: string, count = 15): string =>
  text.trimEnd().split("\n").slice(-count).join("\n");
