import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  launcherVersionIn,
  startsTranslocated,
  type AgentFacts,
  type DirectoryFacts,
  type EndpointFacts,
  type LauncherFacts,
} from "../../core/doctor/helper.ts";
import { callAgent } from "../client.ts";
import type { Access } from "../../node/access/accessList.ts";
import { endpointFileOf, readEndpoint, runDirectoryOf } from "../endpoint/endpointFile.ts";
import { readIntroduction } from "../api/replies.ts";
import { tryLauncher } from "../install/trial.ts";
import { paths, protocolVersion } from "../wire.ts";

/** The `lanyard` command as it lies under `home`. */
export const lookAtLauncher = async (
  home: string,
  platform: NodeJS.Platform = process.platform,
): Promise<LauncherFacts> => {
  const file = join(home, "bin", platform === "win32" ? "lanyard.cmd" : "lanyard");
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return { kind: "missing", file };
  // On a disk that forbids programs the mode is as it should be; the trial tells that one.
  const mode = (await stat(file).catch(() => undefined))?.mode ?? 0;
  if (platform !== "win32" && (mode & 0o100) === 0) return { kind: "notExecutable", file };
  const helper = await stat(join(home, "lib", "lanyard.cjs")).catch(() => undefined);
  const version = launcherVersionIn(text);
  const { kind: trial } = await tryLauncher(home);
  return {
    kind: "present",
    file,
    trial,
    hasHelper: helper?.isFile() === true,
    isTranslocated: startsTranslocated(text),
    ...(version === undefined ? {} : { version }),
  };
};

export const lookAtEndpoint = async (home: string, look = lookHere): Promise<EndpointFacts> => {
  const file = endpointFileOf(home);
  const { kind } = await readEndpoint(file);
  switch (kind) {
    case "record":
      return { file, state: endpointStates[(await look(home))?.kind ?? "private"] };
    case "absent":
      return { file, state: "absent" };
    case "unsafe":
    case "unreadable":
    case "garbled":
      return { file, state: "unsafe" };
  }
};

const endpointStates = { private: "fine", open: "unsafe", unknown: "unseen" } as const;

/** The access lists of the home; absent where modes say it all. */
type Look = (home: string) => Promise<Access | undefined>;

const lookHere: Look = async (home) => {
  if (process.platform !== "win32") return undefined;
  const { lookAtAccess } = await import("../../node/access/windowsAccess.ts");
  return lookAtAccess(home);
};

/** On Windows the whole home, which passes its access list on to what is made in it. */
export const lookAtDirectory = async (home: string, look = lookHere): Promise<DirectoryFacts> => {
  const directory = runDirectoryOf(home);
  const stats = await stat(directory).catch(() => undefined);
  if (stats === undefined) return { directory, state: "absent" };
  const access = await look(home);
  if (access?.kind === "private") return { directory: home, state: "fine" };
  if (access?.kind === "open") return { directory: home, state: "openByList", others: access.others };
  if (access?.kind === "unknown") return { directory: home, state: "unseen" };
  const isPrivate = stats.uid === process.getuid?.() && (stats.mode & 0o077) === 0;
  return { directory, state: isPrivate ? "fine" : "open" };
};

/** Who answers at the endpoint that helpers find. */
export const lookForAgent = async (home: string, timeoutMs: number): Promise<AgentFacts> => {
  const called = await callAgent(home, {
    path: paths.agent,
    message: {},
    accept: "json",
    timeoutMs,
  });
  if (called.kind !== "reply") return { kind: "silent", why: called.kind };
  const introduction = readIntroduction(called.body);
  if (introduction === undefined) return { kind: "silent", why: "stranger" };
  const { version, protocol, pid } = introduction;
  return { kind: "answers", version, pid, speaksOurs: protocol === protocolVersion };
};
