/** Windows programs, in the Debian of `lab.ts`, in namespaces of their own: no program and no mount outlives them. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { watch, type FSWatcher } from "node:fs";
import { open, readFile, rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { inRoot } from "../support/paths.ts";
import { run } from "../support/processes.ts";
import { debian, inside } from "./places.ts";

export interface WindowsOptions {
  readonly limitMs: number;
  /** A folder as Windows names it. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What the program says is passed on as it is said. */
  readonly isLoud?: boolean;
}

export interface WindowsRan {
  /** 124 after the limit. What the program started may still run: it ends with its Windows. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface WindowsProgram {
  /** What it has said until now. */
  said(): Promise<Omit<WindowsRan, "exitCode">>;
  readonly ended: Promise<WindowsRan>;
}

/**
 * A Windows that is up. All that was started in it ends with it, and at the latest with this process, in whatever way that
 * ends: the first process in there lives by a pipe from here, and the kernel ends the others with it.
 */
export interface WindowsSession extends AsyncDisposable {
  start(line: readonly string[], options: WindowsOptions): Promise<WindowsProgram>;
  run(line: readonly string[], options: WindowsOptions): Promise<WindowsRan>;
}

/** One at a time: another that is up in this lab is ended. */
export const openWindows = async (): Promise<WindowsSession> => {
  // Its server takes programs of other namespaces, and loses sight of them.
  await run("chroot", [debian, ...environment({}), "wineserver", "-k"]).catch(() => undefined);
  const first = spawn(
    "unshare",
    ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", live, debian, inRoot()],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const ended = once(first, "close");
  const [up] = (await Promise.race([
    once(createInterface({ input: first.stdout }), "line"),
    ended,
  ])) as unknown[];
  if (up !== "up") throw new Error("No Windows could be opened: its mounts were refused.");
  const namespaces = `/proc/${first.pid}/ns`;
  const [mount, pid] = [`--mount=${namespaces}/mnt`, `--pid=${namespaces}/pid_for_children`];
  const there = [mount, pid, "chroot", debian];
  const start = (line: readonly string[], options: WindowsOptions): Promise<WindowsProgram> =>
    startIn({ there, endAll: () => first.stdin.end() }, line, options);
  return {
    start,
    run: async (line, options) => (await start(line, options)).ended,
    [Symbol.asyncDispose]: async () => {
      // Asked, it first writes down what its registry has learned.
      await run("nsenter", [...there, ...environment({}), ...["timeout", "10", "wineserver", "-k"]]).catch(
        () => undefined,
      );
      first.stdin.end();
      await ended;
    },
  };
};

/** Without job control what runs in the background reads nothing of its own accord; the shell gathers what is left behind. */
const live =
  'mount -t proc proc "$0/proc" && mount --bind "$1" "$0/w/lanyard" && exec 3<&0 && echo up && { cat <&3 >&2 & wait; }';

const environment = (env: Readonly<Record<string, string>>): readonly string[] => [
  ...["env", "-i"],
  ...Object.entries({ ...windowsVariables, ...env }).map(([name, value]) => `${name}=${value}`),
];

const windowsVariables: Readonly<Record<string, string>> = {
  PATH: "/usr/bin:/bin",
  HOME: "/root",
  LANG: "C.UTF-8",
  WINEPREFIX: "/w/prefix",
  WINEARCH: "win64",
  WINEDEBUG: "-all",
  WINEDLLOVERRIDES: "mscoree=;mshtml=",
  NO_COLOR: "1",
  CI: "1",
};

let started = 0;

interface Room {
  /** What starts a program in there. */
  readonly there: readonly string[];
  readonly endAll: () => void;
}

/** Node for Windows cannot write to a pipe of Linux: its output goes to files. */
const startIn = async (
  { there, endAll }: Room,
  line: readonly string[],
  { limitMs, cwd, env = {}, isLoud = false }: WindowsOptions,
): Promise<WindowsProgram> => {
  const mark = `run-${process.pid}-${++started}`;
  const [out, err] = [inside(`${mark}.out`), inside(`${mark}.err`)];
  const [stdout, stderr] = await Promise.all([open(out, "w"), open(err, "w")]);
  const limit = ["timeout", "--kill-after=5", String(limitMs / 1000)];
  const at = cwd === undefined ? [] : ["start", "/wait", "/b", "/d", cwd];
  const child = spawn("nsenter", [...there, ...environment(env), ...limit, "wine", ...at, ...line], {
    stdio: ["ignore", stdout.fd, stderr.fd],
  });
  const follower = isLoud ? follow(out) : undefined;
  const watcher = endingWithServer(err, endAll);
  const said = async (): Promise<Omit<WindowsRan, "exitCode">> => ({
    stdout: await readFile(out, "utf8"),
    stderr: await readFile(err, "utf8"),
  });
  const end = async (): Promise<WindowsRan> => {
    const [exitCode] = (await once(child, "close")) as [number | null];
    await Promise.all([stdout.close(), stderr.close()]);
    follower?.kill();
    watcher.close();
    const ran = { exitCode, ...(await said()) };
    for (const file of [out, err]) await rm(file);
    return ran;
  };
  return { said, ended: end() };
};

const follow = (file: string): ChildProcess =>
  spawn("tail", [`--pid=${process.pid}`, "-f", file], { stdio: ["ignore", "inherit", "inherit"] });

/** Without Wine's server its programs wait for ever for one another; whatever misses it first says so. */
const endingWithServer = (file: string, endAll: () => void): FSWatcher =>
  watch(file, () => {
    readFile(file, "utf8").then(
      (said) => {
        if (said.includes("wineserver crashed")) endAll();
      },
      () => undefined,
    );
  });
