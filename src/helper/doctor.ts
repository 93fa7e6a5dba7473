import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { callAgent, type Called } from "../ipc/client.ts";
import { readIntroduction } from "../ipc/replies.ts";
import { endpointFileOf, readEndpoint, runDirectoryOf } from "../ipc/endpointFile.ts";
import { exitCodes } from "../ipc/exitCodes.ts";
import { paths, protocolVersion } from "../ipc/wire.ts";
import type { Options } from "./commandLine.ts";
import { leftMs, type Environment } from "./environment.ts";
import type { Outcome } from "./outcome.ts";

/** One thing that was looked at. */
export interface Finding {
  readonly check: string;
  readonly verdict: "ok" | "warning" | "failed";
  readonly finding: string;
  /** What to do about it. */
  readonly remedy?: string;
}

type Check = (environment: Environment) => Promise<Finding>;

/** `lanyard doctor`: what the helper needs, seen from where it runs. */
export const doctor = async (environment: Environment, { json }: Options): Promise<Outcome> => {
  const findings = await Promise.all(checks.map((check) => check(environment)));
  const hasFailed = findings.some(({ verdict }) => verdict === "failed");
  return {
    exitCode: hasFailed ? exitCodes.internal : exitCodes.ok,
    stdout: json ? JSON.stringify(findings) : findings.map(lineOf).join("\n"),
  };
};

const lineOf = ({ check, verdict, finding, remedy }: Finding): string => {
  const line = `${verdict.padEnd(7)}  ${check}: ${finding}`;
  return remedy === undefined ? line : `${line}\n         ${remedy}`;
};

const launcher: Check = async ({ home }) => {
  const file = join(home, "bin", process.platform === "win32" ? "lanyard.cmd" : "lanyard");
  return (await isExecutable(file))
    ? { check: "launcher", verdict: "ok", finding: file }
    : {
        check: "launcher",
        verdict: "failed",
        finding: `${file} is not there or cannot be run.`,
        remedy: "Reload the VS Code window; Lanyard writes it again.",
      };
};

const endpoint: Check = async ({ home }) => {
  const file = endpointFileOf(home);
  const check = "endpoint file";
  const reading = await readEndpoint(file);
  switch (reading.kind) {
    case "record":
      return { check, verdict: "ok", finding: `${file}, yours alone.` };
    case "absent":
      return { check, verdict: "failed", finding: `${file} is not there.`, remedy: startIt };
    case "unsafe":
    case "unreadable":
    case "garbled":
      return {
        check,
        verdict: "failed",
        finding: `${file} is a link, not yours alone, or not whole.`,
        remedy: "Remove it and reload the VS Code window.",
      };
  }
};

const runDirectory: Check = async ({ home }) => {
  const directory = runDirectoryOf(home);
  const check = "private directory";
  if (process.platform === "win32") return { check, verdict: "ok", finding: "not needed on Windows." };
  const stats = await stat(directory).catch(() => undefined);
  if (stats === undefined) {
    return { check, verdict: "failed", finding: `${directory} is not there.`, remedy: startIt };
  }
  const isPrivate = stats.uid === process.getuid?.() && (stats.mode & 0o077) === 0;
  return isPrivate
    ? { check, verdict: "ok", finding: `${directory}, yours alone.` }
    : {
        check,
        verdict: "failed",
        finding: `${directory} is not yours alone.`,
        remedy: `Remove it and reload the VS Code window.`,
      };
};

const agent: Check = async (environment) => {
  const check = "agent";
  const called = await callAgent(environment.home, {
    path: paths.agent,
    message: { kind: "fields", fields: {} },
    accept: "json",
    timeoutMs: Math.min(3000, leftMs(environment)),
  });
  const introduction = called.kind === "reply" ? readIntroduction(called.body) : undefined;
  if (introduction === undefined) {
    return { check, verdict: "failed", finding: silences[called.kind], remedy: startIt };
  }
  const { version, protocol, pid } = introduction;
  const finding = `version ${version} answers, process ${pid}.`;
  return protocol === protocolVersion
    ? { check, verdict: "ok", finding }
    : {
        check,
        verdict: "failed",
        finding,
        remedy: "Reload the VS Code window; the launcher is another version.",
      };
};

const silences: Readonly<Record<Called["kind"], string>> = {
  reply: "something else answers.",
  absent: "nobody listens.",
  unreadable: "its endpoint file cannot be read.",
  unsafe: "its endpoint file cannot be trusted.",
  timedOut: "it does not answer in time.",
  lost: "it went before it had answered.",
  broken: "its answer makes no sense.",
};

const curl: Check = async ({ variables }) => {
  const check = "curl";
  if (process.platform === "win32") return { check, verdict: "ok", finding: "not needed on Windows." };
  for (const folder of (variables["PATH"] ?? "").split(delimiter)) {
    const file = join(folder, "curl");
    if (folder !== "" && (await isExecutable(file))) return { check, verdict: "ok", finding: file };
  }
  return {
    check,
    verdict: "warning",
    finding: "it is not on the PATH, so each call starts the editor's Node and takes longer.",
    remedy: "Install curl.",
  };
};

const startIt = "Open the folder in VS Code and sign in with Lanyard.";

const checks: readonly Check[] = [launcher, endpoint, runDirectory, agent, curl];

const isExecutable = async (file: string): Promise<boolean> => {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
};
