/** What a test needs and a system may not have: the test is skipped there, and its results say why. */
import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

declare module "vitest" {
  interface TaskMeta {
    /** Why this test is skipped here. */
    skippedBecause?: string;
  }
}

export const isWindows = process.platform === "win32";

/** By name: whether it is here, and what is said where it is not. */
const needed = {
  modes: { isHere: () => !isWindows, otherwise: "files have no modes and no owners that Node tells" },
  socketFiles: { isHere: () => !isWindows, otherwise: "an agent listens at a pipe, which is no file" },
  posixShell: { isHere: () => !isWindows && existsSync("/bin/sh"), otherwise: "there is no /bin/sh" },
  signals: { isHere: () => !isWindows, otherwise: "no signal reaches the handlers of another process" },
  processTable: { isHere: () => process.platform === "linux", otherwise: "there is no /proc" },
  machineIds: {
    isHere: () => process.platform === "linux",
    otherwise: "a shared home is told on Linux alone",
  },
  root: { isHere: () => process.getuid?.() === 0, otherwise: "files can be given away by root alone" },
  caselessDisk: { isHere: () => existsSync(tmpdir().toUpperCase()), otherwise: "the disk tells case" },
  links: { isHere: () => canLink(), otherwise: "no symbolic links can be made" },
  git: { isHere: () => starts("git", "--version"), otherwise: "git is not installed" },
  unzip: { isHere: () => starts("unzip", "-v"), otherwise: "unzip is not installed" },
  systemd: {
    isHere: () => starts("systemd-analyze", "--version"),
    otherwise: "systemd-analyze is not installed",
  },
  claudeForWindows: {
    isHere: () => isWindows && (process.env["LANYARD_CLAUDE_EXE"] ?? "") !== "",
    otherwise: "there is no claude.exe",
  },
  windows: { isHere: () => isWindows, otherwise: "this is not Windows" },
} as const;

type Need = keyof typeof needed;

/** Options of a test or a group that is skipped, by its name and with the reason, where one of these is missing. */
export const needs = (...names: readonly Need[]): { skip?: boolean; meta?: { skippedBecause: string } } => {
  const reasons = names.filter((name) => !needed[name].isHere()).map((name) => needed[name].otherwise);
  return reasons.length === 0 ? {} : { skip: true, meta: { skippedBecause: reasons.join("; ") } };
};

/** Where a test's server listens: a socket in its folder, or on Windows a pipe that is as much its own. */
export const addressIn = (folder: string): string =>
  isWindows ? `\\\\.\\pipe\\${basename(folder)}` : join(folder, "s");

const starts = (program: string, ...args: readonly string[]): boolean => {
  try {
    execFileSync(program, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

/** Windows asks for a right; Wine says yes and makes none. */
const canLink = (): boolean => {
  const folder = mkdtempSync(join(tmpdir(), "lanyard-links-"));
  try {
    symlinkSync(folder, join(folder, "link"));
    return lstatSync(join(folder, "link")).isSymbolicLink();
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
