import { statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { readGuardedNames } from "../ipc/install/guardedNames.ts";
import type { CallerKind } from "../ipc/api/protocol.ts";
import type { Reader } from "./outcome.ts";

/** What the helper was called with besides its arguments. */
export interface Environment {
  readonly home: string;
  readonly asker: CallerKind;
  readonly server: string;
  readonly url: string;
  /** Who called: the parent of the launcher, or of the helper itself. */
  readonly callerPid: number;
  readonly cwd: string;
  /** When the answer has to be out, on the clock of `performance.now()`, which starts with the process. */
  readonly deadlineAtMs: number;
  /** What Claude Code itself got for the user, where it knows how to sign in. */
  readonly userToken?: { readonly token: string; readonly issuer: string };
  readonly variables: NodeJS.ProcessEnv;
  /** The names that guards of this person's entries have. */
  readonly guarded: readonly string[];
}

/** Who reads what is printed. */
export const readerOf = ({ asker, guarded }: Environment): Pick<Reader, "asker" | "guarded"> => ({
  asker,
  guarded,
});

type Variables = NodeJS.ProcessEnv;

const defaultSeconds = 8;

/** Commands whose output nobody takes for headers. */
const neverHeaders: ReadonlySet<string | undefined> = new Set([
  "token",
  "status",
  "doctor",
  "history",
  "clients",
  "bridge",
]);

/** LANYARD_HOME: where the launchers and the agent's endpoint are. */
export const homeOf = (variables: Variables): string =>
  variables["LANYARD_HOME"] || join(homedir(), ".lanyard");

export const readEnvironment = (variables: Variables, command: string | undefined): Environment => {
  const token = variables["CLAUDE_CODE_MCP_USER_TOKEN"] ?? "";
  return {
    home: homeOf(variables),
    asker: askerOf(variables, command),
    server: variables["CLAUDE_CODE_MCP_SERVER_NAME"] ?? "",
    url: variables["CLAUDE_CODE_MCP_SERVER_URL"] ?? "",
    callerPid: Number(variables["LANYARD_CALLER_PID"] ?? process.ppid) || 0,
    cwd: currentFolder(variables),
    deadlineAtMs: deadlineSeconds(variables) * 1000,
    ...(token === ""
      ? {}
      : { userToken: { token, issuer: variables["CLAUDE_CODE_MCP_USER_TOKEN_ISSUER"] ?? "" } }),
    variables,
    guarded: readGuardedNames(homeOf(variables)),
  };
};

export const leftMs = ({ deadlineAtMs }: Environment): number =>
  Math.max(1, Math.round(deadlineAtMs - performance.now()));

/** Claude Code says for which server it asks; whoever else calls the helper is a person or their script. */
const askerOf = (variables: Variables, command: string | undefined): CallerKind =>
  variables["CLAUDE_CODE_MCP_SERVER_NAME"] !== undefined && !neverHeaders.has(command) ? "claude" : "person";

const deadlineSeconds = (variables: Variables): number => {
  const text = variables["LANYARD_DEADLINE_SECONDS"] ?? "";
  return /^[1-9]$/.test(text) ? Number(text) : defaultSeconds;
};

/** As a shell names it: by the links that led there, if `PWD` still means this folder. */
const currentFolder = (variables: Variables): string => {
  const physical = process.cwd();
  const logical = variables["PWD"] ?? "";
  try {
    const [named, real] = [statSync(logical), statSync(physical)];
    return logical.startsWith("/") && named.ino === real.ino && named.dev === real.dev ? logical : physical;
  } catch {
    return physical;
  }
};
