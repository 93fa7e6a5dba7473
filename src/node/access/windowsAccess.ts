import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join, win32 } from "node:path";
import { promisify } from "node:util";
import { isWithin } from "../../core/paths.ts";
import { systemProgram } from "../systemProgram.ts";
import { judgeLists, sidIn, type Access } from "./accessList.ts";

/** Runs a program of Windows' own and answers with what it prints; rejects when it fails. */
export type RunProgram = (name: string, args: readonly string[]) => Promise<string>;

const timeoutMs = 3000;

const runProgram: RunProgram = async (name, args) => {
  const options = { timeout: timeoutMs, windowsHide: true, maxBuffer: 64 * 1024 } as const;
  return (await promisify(execFile)(systemProgram(name), [...args], options)).stdout;
};

const looked = new Map<string, Promise<Access>>();

/**
 * Who else may read or write in a folder, or in anything below it. Asked of Windows once for each folder that is private: a
 * list is changed by those alone who are in it. Rejects never.
 */
export const lookAtAccess = async (folder: string): Promise<Access> => {
  const { dev, ino } = await stat(folder).catch(() => ({ dev: 0, ino: 0 }));
  const place = `${dev}:${ino}`;
  const looking = looked.get(place) ?? askWindows(folder);
  looked.set(place, looking);
  const access = await looking;
  if (access.kind !== "private") looked.delete(place);
  return access;
};

/** `icacls` writes a list into a file alone. What comes and goes while it looks makes it fail: it may look twice. */
export const askWindows = async (folder: string, run: RunProgram = runProgram): Promise<Access> => {
  const place = await mkdtemp(join(tmpdir(), "lanyard-access-")).catch(() => undefined);
  if (place === undefined) return { kind: "unknown" };
  const file = join(place, "lists");
  const save = (): Promise<string> =>
    run("icacls.exe", [win32.normalize(folder).replace(/(?<=[^:])\\$/, ""), "/save", file, "/t", "/l", "/q"]);
  try {
    const [text] = await Promise.all([run("whoami.exe", ["/user", "/fo", "csv", "/nh"]), save().catch(save)]);
    const own = sidIn(text);
    return own === undefined ? { kind: "unknown" } : judgeLists(await readFile(file), own);
  } catch {
    return { kind: "unknown" };
  } finally {
    await rm(place, { recursive: true, force: true }).catch(() => undefined);
  }
};

/** Where Windows keeps others out by itself, as long as nobody lets them in. */
export const isInProfile = (folder: string, profile = homedir()): boolean =>
  isWithin(folder, profile, "windows");
