import * as path from "node:path";
import * as vscode from "vscode";
import type { UserActions } from "../core/connectors/wait/userActions.ts";
import type { Board } from "../core/connectors/board/board.ts";
import type { WaitRegistry } from "../core/connectors/wait/waitRegistry.ts";
import { DisposableStore } from "../core/disposable.ts";
import { Emitter } from "../core/emitter.ts";
import { LanyardError } from "../core/errors.ts";
import type { LateLock } from "../core/identity/refresh/lateLock.ts";
import type { IdentityService } from "../core/identity/session.ts";
import type { History } from "../core/history/history.ts";
import { callingProgram } from "../node/callingProgram.ts";
import type { Clock, Log } from "../core/ports.ts";
import { installLaunchers } from "../ipc/install/launchers.ts";
import { startAgent, type AgentOptions, type RunningAgent } from "../ipc/start.ts";
import type { News, ConnectorRow } from "../ipc/windows/messages.ts";
import { rowsOf } from "../ipc/windows/rows.ts";
import { tellError } from "./screen.ts";
import { versionOf } from "./version.ts";

export interface WindowAgentParts {
  readonly context: vscode.ExtensionContext;
  readonly home: string;
  readonly board: Board;
  readonly waits: WaitRegistry;
  readonly acts: UserActions;
  readonly identity: IdentityService;
  /** Is given the lock that holds over all windows. */
  readonly lock: LateLock;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether a program may have the person's own token. */
  readonly consent: AgentOptions["consent"];
  readonly history: History;
  /** Looks at what only this window can see, for `lanyard doctor`. */
  readonly examine: NonNullable<AgentOptions["examine"]>;
  /** Another window tells something beside what it sees. */
  readonly onNews: NonNullable<AgentOptions["onNews"]>;
}

/** This window's answering of helpers: the launchers on the disk, and the agent behind them. */
export class WindowAgent {
  readonly #parts: WindowAgentParts;
  readonly #owned = new DisposableStore();
  readonly #changed = this.#owned.add(new Emitter<undefined>());
  #running: RunningAgent | undefined;

  /** Another window leads, or a window has other connectors. */
  readonly onDidChangeWindows = this.#changed.event;

  constructor(parts: WindowAgentParts) {
    this.#parts = parts;
  }

  /** A window that cannot answer helpers still shows its connectors, and says what is in the way. */
  async start(): Promise<void> {
    const { context, home, board, waits, acts, identity, lock, clock, log, onNews, examine } = this.#parts;
    const { consent, history } = this.#parts;
    const version = versionOf(context);
    const dist = path.join(context.extensionPath, "dist");
    try {
      await installLaunchers({
        home,
        version,
        nodePath: process.execPath,
        helperBundlePath: path.join(dist, "helper.cjs"),
        templateDirectory: dist,
      });
      this.#running = await startAgent({
        ...{ home, version, board, acting: acts, clock, log, onNews, examine },
        ...{ consent, history, programOf: callingProgram },
        pipeline: waits,
        sessions: identity,
        t: vscode.l10n.t,
      });
      lock.use(this.#running.withLock);
      this.#owned.add(this.#running.onDidChangeWindows(() => this.#changed.fire(undefined)));
    } catch (error) {
      if (!(error instanceof LanyardError)) throw error;
      log.error("agent.failed", { code: error.code, message: error.message });
      void tellError(vscode.l10n.t("Lanyard cannot answer Claude Code from this window: {0}", error.message));
    }
  }

  /** Whether this window does what one does for all: true also for one that knows of no other. */
  isLeading(): boolean {
    return this.#running?.isLeading() ?? true;
  }

  /** The connectors of this window, and of those that follow it. */
  rows(): readonly ConnectorRow[] {
    return this.#running?.rows() ?? rowsOf(this.#parts.board);
  }

  /** Tells the other windows. */
  tell(news: News): void {
    this.#running?.tell(news);
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    this.#owned.dispose();
    await running?.stop();
  }
}
