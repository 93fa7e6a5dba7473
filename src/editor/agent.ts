import * as path from "node:path";
import * as vscode from "vscode";
import * as z from "zod";
import type { Board } from "../core/connectors/board.ts";
import type { Waits } from "../core/connectors/waits.ts";
import { LanyardError } from "../core/errors.ts";
import type { IdentityService } from "../core/identity/session.ts";
import type { Clock, Log } from "../core/ports.ts";
import { installLaunchers } from "../ipc/launchers.ts";
import { startAgent, type RunningAgent } from "../ipc/start.ts";

const manifestSchema = z.object({ version: z.string() });

export interface AgentParts {
  readonly context: vscode.ExtensionContext;
  readonly home: string;
  readonly board: Board;
  readonly waits: Waits;
  readonly identity: IdentityService;
  readonly clock: Clock;
  readonly log: Log;
}

/** This window's answering of helpers: the launchers on the disk, and the agent behind them. */
export class Agent {
  readonly #parts: AgentParts;
  #running: RunningAgent | undefined;

  constructor(parts: AgentParts) {
    this.#parts = parts;
  }

  /** A window that cannot answer helpers still shows its connectors, and says what is in the way. */
  async start(): Promise<void> {
    const { context, home, board, waits, identity, clock, log } = this.#parts;
    const { version } = manifestSchema.parse(context.extension.packageJSON);
    const dist = path.join(context.extensionPath, "dist");
    try {
      await installLaunchers({
        home,
        version,
        nodePath: process.execPath,
        helperBundlePath: path.join(dist, "helper.cjs"),
        templateDirectory: dist,
      });
      const started = await startAgent({
        ...{ home, version, board, clock, log },
        pipeline: waits,
        sessions: identity,
        t: vscode.l10n.t,
      });
      if (started.kind === "running") this.#running = started.agent;
      else log.info("agent.elsewhere", { pid: started.record.pid });
    } catch (error) {
      if (!(error instanceof LanyardError)) throw error;
      log.error("agent.failed", { code: error.code, message: error.message });
      void vscode.window.showErrorMessage(
        vscode.l10n.t("Lanyard cannot answer Claude Code from this window: {0}", error.message),
      );
    }
  }

  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    await running?.stop();
  }
}
