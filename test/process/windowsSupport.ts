import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Acme } from "../../demo/demo.ts";
import { resultPage } from "../../src/core/identity/resultPage.ts";
import { createIdentityService } from "../../src/core/identity/service.ts";
import { endpointFileOf, readEndpoint } from "../../src/ipc/endpoint/endpointFile.ts";
import { systemClock } from "../../src/node/clock.ts";
import { startLoopback } from "../../src/node/loopback.ts";
import { signInOverHttp } from "../support/browserless.ts";
import { fileStore } from "../support/fileSecrets.ts";
import { recordingLog } from "../support/ports.ts";
import { run, type Ran } from "./support.ts";
import type { WindowCommand, WindowOptions, WindowStanding } from "./windowProcess.ts";

/** A window in a process of its own. */
export interface TestWindow {
  readonly pid: number;
  readonly child: ChildProcess;
  ask(command: WindowCommand): Promise<WindowStanding>;
  standing(): Promise<WindowStanding>;
  /** Ends it as the editor closes a window. */
  close(): Promise<void>;
  kill(): Promise<void>;
}

/** @param node what its Node is started with. */
export const openWindow = async (
  options: WindowOptions,
  node: { readonly flags?: readonly string[]; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<TestWindow> => {
  const child = spawn(
    process.execPath,
    [...(node.flags ?? []), join(import.meta.dirname, "windowProcess.ts"), JSON.stringify(options)],
    { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, ...node.env } },
  );
  const lines = createInterface({ input: child.stdout });
  const next = async (): Promise<WindowStanding> => {
    const [line] = (await once(lines, "line")) as [string];
    return JSON.parse(line) as WindowStanding;
  };
  let turn: Promise<unknown> = next();
  const { pid } = (await turn) as WindowStanding;
  const ask = (command: WindowCommand): Promise<WindowStanding> => {
    const answer = turn.then(() => {
      const heard = next();
      child.stdin.write(`${JSON.stringify(command)}\n`);
      return heard;
    });
    turn = answer.catch(() => undefined);
    return answer;
  };
  const ended = async (end: () => void): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "close");
    end();
    await closed;
  };
  return {
    ...{ pid, child, ask },
    standing: () => ask({ kind: "standing" }),
    close: () => ended(() => child.stdin.end()),
    kill: () => ended(() => void child.kill("SIGKILL")),
  };
};

/** Signs alice in, and leaves the session where windows find it. */
export const signInTo = async (demo: Pick<Acme, "idp" | "users">, storage: string): Promise<void> => {
  await mkdir(storage, { recursive: true, mode: 0o700 });
  const store = fileStore(storage, 0);
  const ports = { ...store, clock: systemClock, log: recordingLog(), fetch };
  const identity = createIdentityService(ports);
  const alice = demo.users[0];
  if (alice === undefined) throw new Error("Nobody works at the demo.");
  const template = readFileSync(join(import.meta.dirname, "../../media/sign-in-result.html"), "utf8");
  const outcome = await identity.signIn(
    { issuer: demo.idp, clientId: "lanyard", scopes: ["openid", "profile", "email"] },
    {
      receivers: [() => startLoopback({ clock: systemClock, page: resultPage({ template }) })],
      openBrowser: async (url) => {
        const redirect = await signInOverHttp(new URL(url), alice);
        void fetch(redirect).then((response) => response.body?.cancel());
        return true;
      },
      showDeviceCode: () => ({ dispose: () => undefined }),
    },
    new AbortController().signal,
  );
  identity.dispose();
  store.dispose();
  if (outcome.kind !== "signedIn") throw new Error(`The sign-in failed: ${outcome.failure}.`);
};

/** Runs a connector's helper as Claude Code does. */
export const askHelper = (
  home: string,
  cwd: string,
  server: string,
  url: string,
  seconds = 8,
): Promise<Ran> =>
  run(["/bin/sh", join(home, "bin/lanyard"), "headers"], {
    cwd,
    env: {
      PATH: process.env["PATH"] ?? "",
      LANYARD_HOME: home,
      LANYARD_DEADLINE_SECONDS: String(seconds),
      CLAUDE_CODE_MCP_SERVER_NAME: server,
      CLAUDE_CODE_MCP_SERVER_URL: url,
    },
  });

/** The process that helpers find. */
export const leaderPid = async (home: string): Promise<number | undefined> => {
  const reading = await readEndpoint(endpointFileOf(home));
  return reading.kind === "record" ? reading.record.pid : undefined;
};

/**
 * Milliseconds until helpers can find another process than this one, by the file system's own time of that change: the
 * one who looks may get no turn on a busy machine.
 */
export const untilAnotherLeads = async (home: string, pid: number): Promise<number> => {
  const startedMs = Date.now();
  for (;;) {
    const present = await leaderPid(home);
    if (present !== undefined && present !== pid) {
      const seenMs = Date.now();
      const { ctimeMs } = await stat(endpointFileOf(home));
      // A disk that keeps no such time has that of the file's first writing.
      return (ctimeMs < startedMs ? seenMs : ctimeMs) - startedMs;
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};
