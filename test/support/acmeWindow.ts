import { rm, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { approvalView, auditView } from "../../demo/admin/schema.ts";
import { startAcme, type Acme } from "../../demo/demo.ts";
import { writeWorkspace } from "../../demo/workspace.ts";
import type { Board } from "../../src/core/connectors/board/board.ts";
import type { WaitRegistry } from "../../src/core/connectors/wait/waitRegistry.ts";
import { resultPage } from "../../src/core/identity/resultPage.ts";
import { createIdentityService } from "../../src/core/identity/service.ts";
import type { IdentityService } from "../../src/core/identity/session.ts";
import type { Fetch } from "../../src/core/ports.ts";
import { systemClock } from "../../src/node/clock.ts";
import { startLoopback } from "../../src/node/loopback.ts";
import { buildHelper, install, run, type Ran } from "../process/support.ts";
import { openBoardWindow, type BoardWindow } from "./boardWindow.ts";
import { Browserless, signInOverHttp } from "./browserless.ts";
import { memoryMemory, memorySecrets, recordingLog } from "./ports.ts";

export interface AcmeWindowOptions {
  /** Stands between Lanyard and the company. */
  readonly fetch?: Fetch;
  readonly pushSeconds?: number;
  /** Changes the folder before anything reads it. */
  readonly prepare?: (workspace: string) => Promise<void>;
}

/** A window without an editor: the demo company, alice signed in, its connectors approved, and an agent for helpers. */
export interface AcmeWindow extends BoardWindow {
  readonly demo: Acme;
  /** The folder with `.mcp.json`. */
  readonly workspace: string;
  /** What LANYARD_HOME names. */
  readonly home: string;
  idOf(name: string): string;
  /** Alice signs in once more. */
  signIn(): Promise<void>;
  /** An administrator of Acme ends or restores what alice may. */
  setRevoked(isRevoked: boolean): Promise<void>;
  /** Runs a connector's helper as Claude Code does, until it ends. */
  helper(name: string, env?: Readonly<Record<string, string>>): Promise<Ran>;
  /** Alice connects an account of hers on the vault's page, and comes back. */
  connect(name: string): Promise<void>;
  setPolicy(connector: string, policy: Readonly<Record<string, string>>): Promise<void>;
  /** Waits until the vault waits for the phone. */
  pushOf(connector: string): Promise<string>;
  decide(pushId: string, decision: "approve" | "reject"): Promise<void>;
  /** What the vault answered for a connector, oldest first. */
  audit(connector: string): Promise<readonly z.infer<typeof auditView>[]>;
}

const mediaFolder = join(import.meta.dirname, "../../media");

export const openAcmeWindow = async (options: AcmeWindowOptions = {}): Promise<AcmeWindow> => {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "lanyard-acme-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const [workspace, home] = [join(folder, "workspace"), join(folder, "home")];
  const { pushSeconds } = options;
  const demo = await startAcme(pushSeconds === undefined ? {} : { pushSeconds });
  stack.defer(() => demo.close());
  await writeWorkspace(demo, workspace);
  await options.prepare?.(workspace);
  await install(home, await buildHelper(folder));

  const parts = {
    ...{ clock: systemClock, log: recordingLog(), secrets: memorySecrets(), memory: memoryMemory() },
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
  };
  const identity = createIdentityService(parts);
  stack.defer(() => identity.dispose());
  await signInAsAlice(identity, demo);
  const window = stack.use(await openBoardWindow({ ...parts, workspace, home, identity }));
  const { board, waits, acts, standby } = window;
  const open = stack.move();
  return {
    ...{ demo, workspace, home, board, waits, acts, standby },
    ...companyOf(demo),
    signIn: () => signInAsAlice(identity, demo),
    idOf: (name) => entryOf(board, name).id,
    connect: (name) => connectAccount(board, waits, demo, entryOf(board, name).id),
    helper: (name, env = {}) => runHelper(board, name, workspace, { LANYARD_HOME: home, ...env }),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
};

const entryOf = (board: Board, name: string): ReturnType<Board["entries"]>[number]["connector"] => {
  const entry = board.entries().find(({ connector }) => connector.name === name);
  if (entry === undefined) throw new Error(`There is no connector ${name}.`);
  return entry.connector;
};

const connectAccount = async (board: Board, waits: WaitRegistry, demo: Acme, id: string): Promise<void> => {
  const status = board.get(id)?.status;
  const [alice] = demo.users;
  if (status?.kind !== "needsConnection" || alice === undefined)
    throw new Error("Nothing is to be connected.");
  await new Browserless().visit(new URL(status.url), alice);
  await waits.check(id, new AbortController().signal);
};

const runHelper = (
  board: Board,
  name: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<Ran> => {
  const { url, helperCommand = "" } = entryOf(board, name);
  return run(["/bin/sh", "-c", helperCommand], {
    cwd,
    env: {
      PATH: process.env["PATH"] ?? "",
      ...env,
      CLAUDE_CODE_MCP_SERVER_NAME: name,
      CLAUDE_CODE_MCP_SERVER_URL: url,
    },
  });
};

/** Alice signs in, by a browser that has no screen. */
export const signInAsAlice = async (identity: IdentityService, demo: Acme): Promise<void> => {
  const [alice] = demo.users;
  if (alice === undefined) throw new Error("Nobody works at the demo.");
  const template = readFileSync(join(mediaFolder, "sign-in-result.html"), "utf8");
  const outcome = await identity.signIn(
    { issuer: demo.idp, clientId: "lanyard", scopes: ["openid", "profile", "email"] },
    {
      receivers: [() => startLoopback({ clock: systemClock, page: resultPage({ template }) })],
      openBrowser: async (url) => {
        const redirect = await signInOverHttp(new URL(url), alice);
        await (await fetch(redirect)).body?.cancel();
        return true;
      },
      showDeviceCode: () => ({ dispose: () => undefined }),
    },
    new AbortController().signal,
  );
  if (outcome.kind !== "signedIn") throw new Error(`The sign-in ended with ${outcome.failure}.`);
};

const companyOf = (
  demo: Acme,
): Pick<AcmeWindow, "setPolicy" | "setRevoked" | "pushOf" | "decide" | "audit"> => {
  const ask = async (path: string, init: RequestInit = {}): Promise<unknown> => {
    const response = await fetch(`${demo.admin}${path}`, init);
    if (!response.ok) throw new Error(`${path}: HTTP ${response.status}`);
    return response.json();
  };
  const pushOf = async (connector: string): Promise<string> => {
    const open = z.array(approvalView).parse(await ask("/api/approvals"));
    return open.find((each) => each.connector === connector)?.id ?? pushOf(connector);
  };
  return {
    pushOf,
    setRevoked: async (isRevoked) => {
      await ask(`/api/users/alice/${isRevoked ? "revoke" : "restore"}`, { method: "POST" });
    },
    setPolicy: async (connector, policy) => {
      await ask(`/api/policies/${connector}`, { method: "PUT", body: JSON.stringify(policy) });
    },
    decide: async (pushId, decision) => {
      await ask(`/api/approvals/${pushId}/${decision}`, { method: "POST" });
    },
    audit: async (connector) => {
      const all = z.array(auditView).parse(await ask("/api/audit"));
      return all.filter((line) => line.connector === connector);
    },
  };
};
