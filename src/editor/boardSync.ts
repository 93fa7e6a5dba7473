import * as vscode from "vscode";
import { inBackground } from "../core/background.ts";
import type { Board } from "../core/connectors/board/board.ts";
import { BoardLoader } from "../core/connectors/board/boardLoader.ts";
import type { AccountChoices } from "../core/identity/accountChoices.ts";
import type { Approvals } from "../core/connectors/permission/approval.ts";
import { SessionFollower, type SessionFollowerParts } from "../core/connectors/pipeline/sessionFollower.ts";
import { DisposableStore, type Disposable } from "../core/disposable.ts";
import type { ConfigurationReader } from "./configuration/configurationReader.ts";
import { onDidChangePolicies } from "./configuration/policies.ts";
import type { ConnectorsView } from "./tree/connectorsView.ts";

export interface BoardSyncParts extends Pick<SessionFollowerParts, "waits" | "identity" | "clock"> {
  readonly board: Board;
  readonly approvals: Approvals;
  readonly configuration: ConfigurationReader;
  readonly choices: Pick<AccountChoices, "applied" | "onDidChange">;
  readonly view: Pick<ConnectorsView, "setFileIssues" | "setSessions">;
}

/** Keeps one window's board in step with files, trust, approvals, policies and sessions. */
export class BoardSync implements Disposable {
  readonly #view: BoardSyncParts["view"];
  readonly #owned = new DisposableStore();
  readonly #loader: BoardLoader;
  readonly #sessions: SessionFollower;

  constructor({ board, approvals, configuration, choices, view, ...others }: BoardSyncParts) {
    this.#view = view;
    this.#loader = new BoardLoader({
      ...{ board, approvals },
      catalogue: () => choices.applied(configuration.catalogue()),
      isTrusted: () => vscode.workspace.isTrusted,
    });
    const reload = (): void => inBackground("board.reload", () => this.reload());
    this.#owned.add(configuration.onDidChange(reload));
    this.#owned.add(choices.onDidChange(reload));
    this.#owned.add(onDidChangePolicies(() => inBackground("board.obey", () => this.#obey())));
    this.#owned.add(vscode.workspace.onDidGrantWorkspaceTrust(reload));
    this.#sessions = this.#owned.add(
      new SessionFollower({ ...others, board, show: (sessions) => view.setSessions(sessions) }),
    );
  }

  /** Brings the board in step with the files and checks whatever was not checked yet. */
  async reload(): Promise<void> {
    const catalogue = await this.#loader.load();
    this.#view.setFileIssues(catalogue.issues.filter((issue) => issue.connector === undefined));
    await this.#sessions.read();
    await this.#sessions.checkThose(({ kind }) => kind === "unchecked");
  }

  async checkAll(): Promise<void> {
    await this.#sessions.checkAll();
  }

  dispose(): void {
    this.#owned.dispose();
  }

  /** What was allowed may be forbidden by now, or need a stronger sign-in; and the other way round. */
  async #obey(): Promise<void> {
    await this.reload();
    await this.checkAll();
  }
}
