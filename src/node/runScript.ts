import { spawn } from "node:child_process";
import type { Ask, RunScript, ScriptResult } from "../core/credentials/source.ts";

/** More than any header needs; a script that says more is not believed. */
const mostOutputBytes = 64 * 1024;

/**
 * Runs a team script as Claude Code would: by a shell, in the connector's folder, with the user's token and the
 * connector's name and URL in its environment. At the signal the script goes, with everything it started.
 */
export const runScriptHere =
  (baseEnv: NodeJS.ProcessEnv): RunScript =>
  (ask, command) =>
    new Promise((resolve) => {
      const { folder } = ask.connector.origin;
      const child = spawn(command, {
        shell: true,
        env: environmentFor(ask, baseEnv),
        stdio: ["ignore", "pipe", "pipe"],
        // A group of its own, so that what the script starts can be ended with it.
        detached: process.platform !== "win32",
        windowsHide: true,
        ...(folder === undefined ? {} : { cwd: folder }),
      });
      const stdout: Buffer[] = [];
      const stderr: Buffer[] = [];
      const collect = (into: Buffer[]) => (chunk: Buffer) => {
        into.push(chunk);
        if (sizeOf(into) > mostOutputBytes) endGroup(child.pid);
      };
      child.stdout.on("data", collect(stdout));
      child.stderr.on("data", collect(stderr));
      const onAbort = (): void => endGroup(child.pid);
      ask.signal.addEventListener("abort", onAbort, { once: true });
      const finish = (exitCode: ScriptResult["exitCode"]): void => {
        ask.signal.removeEventListener("abort", onAbort);
        resolve({ exitCode, stdout: textOf(stdout), stderr: textOf(stderr) });
      };
      child.once("error", () => finish("notStarted"));
      child.once("close", (code) => finish(ask.signal.aborted ? "timedOut" : (code ?? 1)));
    });

const environmentFor = (ask: Ask, baseEnv: NodeJS.ProcessEnv): NodeJS.ProcessEnv => {
  const env = {
    ...baseEnv,
    CLAUDE_CODE_MCP_SERVER_NAME: ask.connector.name,
    CLAUDE_CODE_MCP_SERVER_URL: ask.connector.url,
    CLAUDE_CODE_MCP_USER_TOKEN: ask.session.accessToken.reveal(),
    CLAUDE_CODE_MCP_USER_TOKEN_ISSUER: ask.session.issuer,
  };
  return Object.fromEntries(Object.entries(env).filter(([name]) => name !== "ELECTRON_RUN_AS_NODE"));
};

const sizeOf = (chunks: readonly Buffer[]): number => chunks.reduce((sum, chunk) => sum + chunk.length, 0);

const textOf = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString("utf8");

const endGroup = (pid: number | undefined): void => {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
};
