import { spawn, spawnSync, type ChildProcess, type SpawnOptions } from "node:child_process";
import type { Readable } from "node:stream";
import { terminalText } from "../../core/text.ts";
import { systemProgram } from "../systemProgram.ts";
import { windowsLine, windowsStart } from "./windowsStart.ts";
import { mostScriptOutputKb, type ScriptObstacle, type ScriptResult } from "../../core/credentials/source.ts";

const outputLimit = { stdoutBytes: mostScriptOutputKb * 1024, stderrBytes: 4 * 1024 } as const;

export type ScriptCommand =
  /** As a shell has taken it apart already. */
  | { readonly kind: "argv"; readonly argv: readonly string[]; readonly folder: string | undefined }
  /** On Windows: a program, and its arguments as the entry has them, for cmd.exe to expand. */
  | {
      readonly kind: "line";
      readonly program: string;
      readonly rest: string;
      readonly folder: string | undefined;
    }
  /** As the entry has it. */
  | { readonly kind: "shell"; readonly command: string; readonly folder: string | undefined };

/** What the script is to know, and how it gets it. */
export interface Handover {
  readonly server: string;
  readonly url: string;
  readonly issuer: string;
  readonly token: string;
  readonly by: "environment" | "stdin";
  /** The environment that the script inherits. */
  readonly variables: NodeJS.ProcessEnv;
}

export interface RunLimits {
  /** When it fires, the script is ended, and its result is "timedOut". */
  readonly signal: AbortSignal;
  /** A person sees what the script says on stderr as it says it. */
  readonly passStderr: boolean;
}

/** Between asking a script to end and ending it. */
const graceMs = 200;
/** How long the output of a script that has ended is still read, when something it started holds it open. */
const drainMs = 300;

/** Runs a script in a process group of its own, which does not outlive the call: what it started may hold the token. */
export const runTeamScript = (
  command: ScriptCommand,
  handover: Handover,
  limits: RunLimits,
): Promise<ScriptResult> => {
  const child = started(command, handover);
  if ("obstacle" in child)
    return Promise.resolve({ exitCode: "notStarted", stdout: "", stderr: "", ...obstacleOf(child) });
  if (handover.by === "stdin") handOver(child, handover);
  return watch(child, limits);
};

/** @returns why not, for what cannot be started as it stands. */
const started = (command: ScriptCommand, handover: Handover): ChildProcess | Obstacle => {
  const starting = startOf(command, handover.variables);
  if ("obstacle" in starting) return starting;
  const { program, args, options } = starting;
  const { folder } = command;
  try {
    return spawn(program, args, {
      ...options,
      ...(folder === undefined ? {} : { cwd: folder }),
      env: { ...environmentFor(handover), ...(folder === undefined ? {} : { PWD: folder }) },
      stdio: [handover.by === "stdin" ? "pipe" : "ignore", "pipe", "pipe"],
      detached: process.platform !== "win32",
      windowsHide: true,
    });
  } catch {
    // Windows throws at once for what is no program.
    return { obstacle: undefined };
  }
};

interface Obstacle {
  readonly obstacle: ScriptObstacle | undefined;
}

const obstacleOf = ({ obstacle }: Obstacle): Pick<ScriptResult, "obstacle"> =>
  obstacle === undefined ? {} : { obstacle };

interface Start {
  readonly program: string;
  readonly args: readonly string[];
  readonly options: SpawnOptions;
}

const startOf = (command: ScriptCommand, variables: NodeJS.ProcessEnv): Start | Obstacle => {
  if (command.kind === "shell") {
    return { program: command.command, args: [], options: { shell: true } };
  }
  if (process.platform === "win32" || command.kind === "line") {
    const around = { variables, folder: command.folder };
    const starting =
      command.kind === "line"
        ? windowsLine(command.program, command.rest, around)
        : windowsStart(command.argv, around);
    if (starting.kind === "cannot") return starting;
    const { isVerbatim, ...start } = starting.start;
    return { ...start, options: { windowsVerbatimArguments: isVerbatim } };
  }
  const [program = "", ...args] = command.argv;
  return { program, args, options: {} };
};

const handOver = (child: ChildProcess, { server, url, issuer, token }: Handover): void => {
  // A script that does not read it, or has already ended, breaks the pipe; its result says enough.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(JSON.stringify({ server, url, issuer, token }));
};

const environmentFor = (handover: Handover): NodeJS.ProcessEnv => {
  const {
    ELECTRON_RUN_AS_NODE: _electron,
    LANYARD_NODE_OPTIONS: nodeOptions,
    CLAUDE_CODE_MCP_USER_TOKEN: _token,
    CLAUDE_CODE_MCP_USER_TOKEN_ISSUER: _issuer,
    ...inherited
  } = handover.variables;
  return {
    ...inherited,
    ...(nodeOptions === undefined || nodeOptions === "" ? {} : { NODE_OPTIONS: nodeOptions }),
    CLAUDE_CODE_MCP_SERVER_NAME: handover.server,
    CLAUDE_CODE_MCP_SERVER_URL: handover.url,
    ...(handover.by === "stdin"
      ? {}
      : { CLAUDE_CODE_MCP_USER_TOKEN: handover.token, CLAUDE_CODE_MCP_USER_TOKEN_ISSUER: handover.issuer }),
  };
};

const watch = async (child: ChildProcess, { signal, passStderr }: RunLimits): Promise<ScriptResult> => {
  const tooMuch = new AbortController();
  const stdout = collect(child.stdout, outputLimit.stdoutBytes, "start", () => {
    tooMuch.abort();
    endGroup(child);
  });
  const stderr = collect(child.stderr, outputLimit.stderrBytes, "end");
  if (passStderr) passOn(child.stderr);
  const onAbort = (): void => endGroup(child);
  const onExit = (): void => signalGroup(child, "SIGKILL", true);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  process.once("exit", onExit);
  const code = await endOf(child);
  signal.removeEventListener("abort", onAbort);
  process.off("exit", onExit);
  killGroup(child);
  const ended = tooMuch.signal.aborted ? "tooMuchOutput" : signal.aborted ? "timedOut" : undefined;
  const exitCode = code === "notStarted" ? code : (ended ?? code);
  return { exitCode, stdout: stdout(), stderr: stderr() };
};

/** A person reads what the script says; their terminal obeys nothing of it. */
const passOn = (stream: Readable | null): void => {
  const decoder = new TextDecoder();
  const say = (text: string): boolean => process.stderr.write(terminalText(text.replaceAll("\t", " ")));
  stream?.on("data", (chunk: Buffer) => say(decoder.decode(chunk, { stream: true })));
  stream?.once("end", () => say(decoder.decode()));
};

/** Resolves when the script has ended and its output is read, or is held open by something that it left behind. */
const endOf = (child: ChildProcess): Promise<number | "notStarted"> =>
  new Promise((resolve) => {
    child.once("error", () => resolve("notStarted"));
    child.once("exit", (code, signal) => {
      const exitCode = code ?? (signal === null ? 1 : 128);
      const drained = setTimeout(() => resolve(exitCode), drainMs);
      child.once("close", () => {
        clearTimeout(drained);
        resolve(exitCode);
      });
    });
  });

const endGroup = (child: ChildProcess): void => {
  signalGroup(child, "SIGTERM");
  setTimeout(() => killGroup(child), graceMs).unref();
};

const killGroup = (child: ChildProcess): void => signalGroup(child, "SIGKILL");

/**
 * Windows has no groups: what a process started is found through it, as long as it lives. Waited for only where this
 * process ends: no window stands still meanwhile.
 */
const endTree = (pid: number, isWaitedFor: boolean): void => {
  const taskkill = systemProgram("taskkill.exe");
  const args = ["/pid", String(pid), "/T", "/F"];
  const options = { stdio: "ignore", windowsHide: true, timeout: 2000 } as const;
  if (isWaitedFor) spawnSync(taskkill, args, options);
  else spawn(taskkill, args, options).on("error", () => undefined);
};

const signalGroup = (child: ChildProcess, signal: NodeJS.Signals, isLast = false): void => {
  if (child.pid === undefined) return;
  try {
    if (process.platform !== "win32") process.kill(-child.pid, signal);
    else if (child.exitCode === null && child.signalCode === null) endTree(child.pid, isLast);
  } catch {
    // Nobody of the group is left.
  }
};

/** Keeps the first or the last bytes of a stream, and tells when there were more. */
const collect = (
  stream: Readable | null,
  limit: number,
  keep: "start" | "end",
  onFull?: () => void,
): (() => string) => {
  let kept = Buffer.alloc(0);
  stream?.on("data", (chunk: Buffer) => {
    const all = Buffer.concat([kept, chunk]);
    kept = keep === "start" ? all.subarray(0, limit) : all.subarray(-limit);
    if (all.byteLength > limit) onFull?.();
  });
  return () => kept.toString("utf8");
};
