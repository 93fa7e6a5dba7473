import * as path from "node:path";
import * as vscode from "vscode";
import { inBackground } from "../core/background.ts";
import type { UserActions } from "../core/connectors/wait/userActions.ts";
import type { Board } from "../core/connectors/board/board.ts";
import type { WaitRegistry } from "../core/connectors/wait/waitRegistry.ts";
import { DisposableStore } from "../core/disposable.ts";
import { Emitter } from "../core/emitter.ts";
import { forLog } from "../core/errors.ts";
import type { LateLock } from "../core/identity/refresh/lateLock.ts";
import type { IdentityService } from "../core/identity/session.ts";
import type { History } from "../core/history/history.ts";
import { callingProgram } from "../node/callingProgram.ts";
import type { Clock, Log } from "../core/ports.ts";
import { guardedNamesOn } from "../core/connectors/board/guardedNames.ts";
import { lookForKnownCurl } from "../ipc/doctor/programs.ts";
import { rememberGuardedNames } from "../ipc/install/guardedNames.ts";
import { installLaunchers } from "../ipc/install/launchers.ts";
import { homeCause, homeElsewhere, homeTrouble, notExecutable } from "../ipc/install/homeTrouble.ts";
import { proxyFor } from "../core/proxy.ts";
import { startAgent, type AgentOptions, type RunningAgent } from "../ipc/start.ts";
import type { News, ConnectorRow } from "../ipc/windows/messages.ts";
import type { SecretStorage } from "./storage/storage.ts";
import { proxyHere } from "./proxyHere.ts";
import { versionOf } from "./version.ts";

export interface WindowAgentParts {
  readonly context: vscode.ExtensionContext;
  readonly home: string;
  readonly board: Board;
  readonly waits: WaitRegistry;
  readonly acts: UserActions;
  readonly identity: IdentityService;
  readonly storage: Pick<SecretStorage, "bounded">;
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
  /** What keeps helpers from this window, in words; nothing once it is gone. */
  readonly onTrouble: (trouble: string | undefined) => void;
}

const retryMs = 3000;

/** This window's answering of helpers: the launchers on the disk, and the agent behind them. */
export class WindowAgent {
  readonly #parts: WindowAgentParts;
  readonly #owned = new DisposableStore();
  readonly #changed = this.#owned.add(new Emitter<undefined>());
  #running: RunningAgent | undefined;
  #trouble: string | undefined;
  #isOver = false;

  /** Another window leads, or a window has other connectors. */
  readonly onDidChangeWindows = this.#changed.event;

  constructor(parts: WindowAgentParts) {
    this.#parts = parts;
  }

  /**
   * A window that cannot answer helpers still shows its connectors, says what is in the way, and tries again until it is
   * gone. Rejects never.
   */
  async start(): Promise<void> {
    const { home, clock, log } = this.#parts;
    const trouble = homeElsewhere(home, vscode.l10n.t) ?? (await this.#troubleInHome());
    if (trouble !== this.#trouble) {
      this.#trouble = trouble;
      this.#parts.onTrouble(trouble);
      if (trouble === undefined) log.info("agent.recovered");
    }
    if (trouble !== undefined)
      this.#owned.after(clock, retryMs, () => inBackground("agent.start", () => this.start()));
  }

  async #troubleInHome(): Promise<string | undefined> {
    const troubles = [await this.#installed(), await this.#started()].filter((each) => each !== undefined);
    return troubles[0] ?? (await notExecutable(this.#parts.home, vscode.l10n.t));
  }

  /** @returns what is in the way. An older command that is there stays and works on. */
  async #installed(): Promise<string | undefined> {
    const { context, home } = this.#parts;
    const dist = path.join(context.extensionPath, "dist");
    try {
      const curlPath = await lookForKnownCurl(process.env);
      await installLaunchers({
        home,
        ...(curlPath === undefined ? {} : { curlPath }),
        version: versionOf(context),
        nodePath: process.execPath,
        helperBundlePath: path.join(dist, "helper.cjs"),
        templateDirectory: dist,
      });
      return undefined;
    } catch (error) {
      return await this.#failed("agent.launchers", error);
    }
  }

  async #started(): Promise<string | undefined> {
    if (this.#running !== undefined || this.#isOver) return undefined;
    const { context, home, board, waits, acts, identity, lock, clock, log, onNews, examine } = this.#parts;
    const { consent, history, storage } = this.#parts;
    try {
      const running = await startAgent({
        ...{ home, version: versionOf(context), board, acting: acts, clock, log, onNews, examine },
        storage: storage.bounded,
        ...{ consent, history, programOf: callingProgram },
        proxyFor: (url) => proxyFor(proxyHere(), url),
        pipeline: waits,
        sessions: identity,
        t: vscode.l10n.t,
      });
      if (this.#hasStopped()) {
        await running.stop();
        return undefined;
      }
      this.#running = running;
      this.#rememberGuards();
      lock.use(running.withLock);
      this.#owned.add(running.onDidChangeWindows(() => this.#changed.fire(undefined)));
      return undefined;
    } catch (error) {
      return await this.#failed("agent.failed", error);
    }
  }

  /** It may have, while the agent was starting. */
  #hasStopped(): boolean {
    return this.#isOver;
  }

  async #failed(event: string, error: unknown): Promise<string> {
    const { home, log } = this.#parts;
    const trouble = homeTrouble(await homeCause(error, home), home, vscode.l10n.t);
    if (trouble !== this.#trouble) log.error(event, { error: forLog(error) });
    return trouble;
  }

  /** For the refusals of a helper that reaches no window. */
  #rememberGuards(): void {
    const { home, board, log } = this.#parts;
    const remember = (): void => {
      rememberGuardedNames(home, guardedNamesOn(board)).catch((error: unknown) =>
        log.error("agent.guards", { message: error instanceof Error ? error.message : "" }),
      );
    };
    this.#owned.add(board.onDidChange(remember));
    remember();
  }

  /** Whether this window does what one does for all: true also for one that knows of no other. */
  isLeading(): boolean {
    return this.#running?.isLeading() ?? true;
  }

  /** The connectors of another window that leads; undefined until it has told. None while this one does. */
  leadersRows(): readonly ConnectorRow[] | undefined {
    return this.#running === undefined ? [] : this.#running.leadersRows();
  }

  /** Tells the other windows. */
  tell(news: News): void {
    this.#running?.tell(news);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    const running = this.#running;
    this.#running = undefined;
    this.#owned.dispose();
    await running?.stop();
  }
}
