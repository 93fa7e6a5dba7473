import * as vscode from "vscode";
import { inBackground } from "../../core/background.ts";
import type { Board } from "../../core/connectors/board/board.ts";
import type { BoardEntry } from "../../core/connectors/board/boardEntry.ts";
import { isApproved } from "../../core/connectors/board/boardFacts.ts";
import { isIssuerAllowed } from "../../core/connectors/permission/policy.ts";
import { lastAnswer, type Status } from "../../core/connectors/board/status.ts";
import type { WaitRegistry } from "../../core/connectors/wait/waitRegistry.ts";
import { DisposableStore, type Disposable } from "../../core/disposable.ts";
import { Feeds, type Feed } from "../../core/identity/offboarding/feeds.ts";
import { serves } from "../../core/identity/needs.ts";
import type { WholeIdentity } from "../../core/identity/service.ts";
import { Watch } from "../../core/identity/offboarding/watch.ts";
import type { Clock, Fetch, Log } from "../../core/ports.ts";
import type { ConnectorRow } from "../../ipc/windows/messages.ts";
import type { WindowAgent } from "../agent.ts";
import { policiesHere } from "../configuration/policies.ts";
import { onDidChangeSettings, sessionCheckMs } from "../configuration/settings.ts";

export interface OffboardingParts {
  readonly identity: WholeIdentity;
  readonly board: Board;
  readonly waits: WaitRegistry;
  readonly agent: Pick<WindowAgent, "isLeading" | "leadersRows" | "onDidChangeWindows">;
  readonly clock: Clock;
  readonly fetch: Fetch;
  readonly log: Log;
}

/**
 * Notices the end of a session without waiting for a use (docs/offboarding.md): one window of this machine checks at
 * intervals and listens to the facades that it knows, others to those that they alone know; each looks into what its own
 * connectors, or other windows, say of a session.
 */
export class Offboarding implements Disposable {
  readonly #parts: OffboardingParts;
  readonly #owned = new DisposableStore();
  readonly #watch: Watch;
  readonly #feeds: Feeds;

  constructor(parts: OffboardingParts) {
    this.#parts = parts;
    const { identity, clock, fetch, log, board, agent } = parts;
    this.#watch = this.#owned.add(
      new Watch({
        ...{ identity, clock, log, random: Math.random, intervalMs: sessionCheckMs },
        isFocused: () => vscode.window.state.focused,
        isLeader: () => agent.isLeading(),
        isAllowed: ({ issuer }) => isIssuerAllowed(issuer, policiesHere()),
      }),
    );
    this.#feeds = this.#owned.add(
      new Feeds({
        ...{ identity, clock, fetch, log, random: Math.random },
        onSuspicion: (feed) => this.#watch.suspect((session) => serves(session, feed)),
        onConnectorChanged: (feed, connector) => this.#lookAgain(feed, connector),
      }),
    );
    const listen = (): void => inBackground("offboarding.listen", () => this.#listen());
    this.#owned.add(identity.onDidChange(listen));
    this.#owned.add(agent.onDidChangeWindows(listen));
    this.#owned.add(
      board.onDidChange((ids) => {
        this.#suspect(ids);
        listen();
      }),
    );
    this.#owned.add(vscode.window.onDidChangeWindowState(() => this.#watch.reschedule()));
    this.#owned.add(
      onDidChangeSettings(() => {
        this.#watch.reschedule();
        listen();
      }),
    );
    listen();
  }

  dispose(): void {
    this.#owned.dispose();
  }

  /** A vault, here or in another window, says that the session is dead. */
  #suspect(ids: readonly string[]): void {
    for (const id of ids) {
      const entry = this.#parts.board.get(id);
      if (entry === undefined || !casts(entry.status)) continue;
      const { userAuth } = entry.connector;
      this.#watch.suspect((session) => serves(session, userAuth));
    }
  }

  /**
   * At the facades that approved entries of this window name: what another names, it may not have approved, or it may be
   * no window. The one that leads listens for those who have the same.
   */
  async #listen(): Promise<void> {
    const { agent, board, identity } = this.#parts;
    const sessions = await identity.list().catch(() => []);
    const policies = policiesHere();
    const heard = agent.leadersRows();
    const feeds = heard === undefined ? [] : board.entries().flatMap(feedOf);
    this.#feeds.follow(
      feeds.filter(
        (feed) =>
          !heard?.some((row) => isHeardBy(row, feed)) &&
          isIssuerAllowed(feed.issuer, policies) &&
          sessions.some((session) => serves(session, feed)),
      ),
    );
  }

  /**
   * The facade decides otherwise now. Asked anew where a refusal may be over; elsewhere the next use asks anyway, and a
   * question that nobody needs could send a push to somebody's phone.
   */
  #lookAgain(feed: Feed, connector: string): void {
    const { board, waits } = this.#parts;
    for (const entry of board.entries()) {
      const { id, name, userAuth } = entry.connector;
      if (name !== connector || userAuth.events !== feed.url) continue;
      const known = lastAnswer(entry.status);
      const isOver = known?.kind === "denied" && known.by === "policy";
      if (isOver || entry.status.kind === "unavailable") {
        inBackground("offboarding.check", () => waits.look(id, new AbortController().signal));
      }
    }
  }
}

/** Doubt on the session: by one who says that it is over, or who refuses its token though it is not. */
const casts = (status: Status): boolean =>
  status.kind === "signedOut" || (status.kind === "misconfigured" && status.retryAtMs !== undefined);

const feedOf = ({ connector: { userAuth }, status }: BoardEntry): readonly Feed[] =>
  userAuth.events === undefined || !isApproved(status.kind)
    ? []
    : [{ issuer: userAuth.issuer, clientId: userAuth.clientId, url: userAuth.events }];

const isHeardBy = (row: ConnectorRow, { issuer, clientId, url }: Feed): boolean =>
  row.standing === "approved" && row.events === url && row.issuer === issuer && row.clientId === clientId;
