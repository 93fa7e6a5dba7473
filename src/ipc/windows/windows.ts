import type { Duplex } from "node:stream";
import type { Board } from "../../core/connectors/board/board.ts";
import { DisposableStore } from "../../core/disposable.ts";
import { Emitter } from "../../core/emitter.ts";
import type { Clock, Log } from "../../core/ports.ts";
import type { WatchedStorage } from "../../core/secrets/storageWatch.ts";
import { probeEndpoint } from "../client.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { EndpointRecord } from "../endpoint/endpointFile.ts";
import { protocolVersion } from "../wire.ts";
import { areAsBefore, RecentlyClosedWindows, rowsOf, type ActiveConnectors } from "./directory.ts";
import { Election, type Role } from "./election.ts";
import { type Message, type News, type ConnectorRow, windowIdOf } from "./messages.ts";
import { Followers } from "./followers.ts";
import { RequestRouter, type Forwardable, type RoutedRequest, type Routed } from "./requestRouter.ts";

export interface WindowLimits {
  /** How often a leader shows that it lives. */
  readonly beatMs: number;
  /** After how much silence it is pinged. */
  readonly silenceMs: number;
  /** How long a ping may take. Together: how long a leader may hang. */
  readonly pingMs: number;
  /** How long a leader that has just taken over waits for the windows that were there before. */
  readonly returnMs: number;
  /** How long a window that goes waits for another to take its place. */
  readonly handoverMs: number;
  /** How long a window that went may take to come back before its connectors are unknown: for a reload. */
  readonly reloadMs: number;
}

const defaultWindowLimits: WindowLimits = {
  beatMs: 200,
  silenceMs: 450,
  pingMs: 350,
  returnMs: 1000,
  handoverMs: 500,
  reloadMs: 5000,
};

export interface WindowsParts {
  readonly home: string;
  readonly endpoint: Endpoint;
  readonly board: Pick<Board, "entries" | "get" | "broken" | "onDidChange">;
  readonly acting?: ActiveConnectors;
  /** The secret storage of this window; absent, it always works. */
  readonly storage?: Pick<WatchedStorage, "health" | "onDidChangeHealth">;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Partial<WindowLimits>;
}

/** This window among the others: finds the one that answers a request, and carries news. */
export class Windows {
  readonly id: string;
  readonly #parts: WindowsParts;
  readonly #limits: WindowLimits;
  readonly #owned = new DisposableStore();
  readonly #followers: Followers;
  readonly #election: Election;
  readonly #router: RequestRouter;
  readonly #recentlyClosed: RecentlyClosedWindows;
  readonly #news = new Emitter<News>();
  readonly #changed = new Emitter<undefined>();
  /** What was to be told while there was nobody to tell. */
  #untold: readonly News[] = [];
  #greeting: () => readonly News[] = () => [];
  /** The windows that are expected back after a change of leaders. */
  #expected: ReadonlySet<string> = new Set();
  #rows: readonly ConnectorRow[];
  #rowsById: ReadonlyMap<string, ConnectorRow>;
  /** What the leader had that this window follows. */
  #leaders: { readonly id: string; readonly rows: readonly ConnectorRow[] } | undefined;

  /** What another window tells. */
  readonly onNews = this.#news.event;

  /** This window leads or follows, or a window has other connectors. */
  readonly onDidChange = this.#changed.event;

  constructor(parts: WindowsParts) {
    const { home, endpoint, board, acting, storage, clock, log } = parts;
    this.#parts = parts;
    this.#limits = { ...defaultWindowLimits, ...parts.limits };
    this.id = windowIdOf(endpoint.record);
    this.#rows = rowsOf(board, acting, this.isIll);
    this.#rowsById = byId(this.#rows);
    this.#recentlyClosed = new RecentlyClosedWindows(this.#limits.reloadMs);
    this.#followers = new Followers({
      ...{ own: this.id, clock, log, beatMs: this.#limits.beatMs, ownRows: () => this.#rows },
      onWent: (id, rows) => this.#recentlyClosed.add(id, rows),
      onNews: (news) => this.#news.fire(news),
      greeting: () => this.#greeting(),
    });
    this.#election = new Election({
      ...{ home, endpoint, clock, log, silenceMs: this.#limits.silenceMs },
      ...{ handoverMs: this.#limits.handoverMs, isIll: () => this.isIll },
      ping: async (leader) => (await probeEndpoint(leader, this.#limits.pingMs)) === "live",
      hello: () => this.#hello(),
      onMessage: (message) => this.#hear(message),
      onStepDown: () => this.#followers.dismiss(),
    });
    this.#router = new RequestRouter({
      ...{ own: this.id, ownRows: () => this.#rows, clock, returnMs: this.#limits.returnMs },
      ...{ election: this.#election, followers: this.#followers, recentlyClosed: this.#recentlyClosed },
      expected: () => this.#expected,
    });
    this.#owned.add(this.#election.onDidChange((role) => this.#onRole(role)));
    this.#owned.add(this.#election.onDidChange(() => this.#changed.fire(undefined)));
    this.#owned.add(this.#followers.onDidChange(() => this.#changed.fire(undefined)));
    this.#owned.add(this.#followers.onDidChange(() => this.#giveWayWhenIll()));
    this.#owned.add(
      board.onDidChange((ids) => {
        if (!areAsBefore(ids, this.#rowsById, board, acting, this.isIll)) this.#lookAtRows();
      }),
    );
    if (acting !== undefined) this.#owned.add(acting.onDidChange(() => this.#lookAtRows()));
    if (storage !== undefined) this.#owned.add(storage.onDidChangeHealth(() => this.#onHealth()));
  }

  get role(): Role {
    return this.#election.role;
  }

  get isLeading(): boolean {
    return this.role.kind === "leading";
  }

  /** Its secret storage does not work: its browser has died, or its keyring is locked. */
  get isIll(): boolean {
    return this.#parts.storage?.health.kind === "failing";
  }

  /** The endpoints of the windows that follow this one. */
  get others(): readonly EndpointRecord[] {
    return this.#followers.ids.flatMap((id) => this.#followers.recordOf(id) ?? []);
  }

  /** The connectors of another window that leads; undefined until it has told. None while this one does. */
  get leadersRows(): readonly ConnectorRow[] | undefined {
    return this.isLeading ? [] : this.#leaders?.rows;
  }

  /** Takes over a connection that another window registers by. */
  admit(connection: Duplex): void {
    this.#followers.admit(connection);
  }

  /** @throws LanyardError `endpointUnsafe` when others can reach the place. */
  start(): Promise<void> {
    return this.#election.start();
  }

  /** Sets what a window that has just come is told. */
  greetWith(greeting: () => readonly News[]): void {
    this.#greeting = greeting;
  }

  /** Tells every other window. */
  tell(news: News): void {
    const { role } = this;
    if (role.kind === "leading") this.#followers.tell(news);
    if (role.kind === "following") role.send({ kind: "news", news });
    if (role.kind === "claiming") this.#untold = [...this.#untold, news];
  }

  /**
   * Another window takes this one's place first, if there is one; what it is still asked meanwhile it passes on.
   * @returns whether another leads.
   */
  async stepDown(): Promise<boolean> {
    const hasHeirs = this.isLeading && this.others.length > 0;
    this.#election.stepDown();
    this.#followers.leave();
    return this.#election.isSucceededWithin(hasHeirs ? this.#limits.handoverMs : 0);
  }

  async stop(): Promise<void> {
    await this.#election.stop();
    this.#followers.dismiss();
    this.#owned.dispose();
    this.#news.dispose();
    this.#changed.dispose();
  }

  /** The reply of the window that has what is asked for; "here" when that is this one, or when none has it. */
  route<P extends Forwardable, R>(
    passing: RoutedRequest<P, R>,
    leftMs: number,
    signal: AbortSignal,
  ): Promise<Routed<R>> {
    return this.#router.route(passing, leftMs, signal);
  }

  /** The window with this id, if it is another and its endpoint is known here. */
  recordOf(id: string): EndpointRecord | undefined {
    return this.#followers.recordOf(id);
  }

  #hello(): Message {
    const { record } = this.#parts.endpoint;
    return { kind: "hello", protocol: protocolVersion, id: this.id, record, rows: [...this.#rows] };
  }

  #hear(message: Message): void {
    if (message.kind === "news") this.#news.fire(message.news);
    if (message.kind === "roster") {
      // The leader comes first: it is missed when it goes, but not at once expected back.
      const [leader, ...others] = message.ids;
      this.#expected = new Set(others.filter((id) => id !== this.id));
      this.#leaders = leader === undefined ? undefined : { id: leader, rows: message.rows };
      this.#changed.fire(undefined);
    }
  }

  #onRole(role: Role): void {
    if (role.kind !== "leading" && role.kind !== "following") return;
    if (role.kind === "leading" && this.#leaders !== undefined) {
      this.#recentlyClosed.add(this.#leaders.id, this.#leaders.rows);
      this.#leaders = undefined;
    }
    const untold = this.#untold;
    this.#untold = [];
    if (role.kind === "following") for (const news of this.#greeting()) this.tell(news);
    for (const news of untold) this.tell(news);
  }

  #onHealth(): void {
    this.#lookAtRows();
    this.#giveWayWhenIll();
  }

  /** Helpers come to the one that leads: that is a window whose storage works, wherever there is one. */
  #giveWayWhenIll(): void {
    if (!this.isLeading || !this.isIll || !this.#followers.hasHealthy) return;
    this.#followers.leave();
    this.#election.giveWay();
  }

  #lookAtRows(): void {
    const rows = rowsOf(this.#parts.board, this.#parts.acting, this.isIll);
    if (JSON.stringify(rows) === JSON.stringify(this.#rows)) return;
    this.#rows = rows;
    this.#rowsById = byId(rows);
    if (this.role.kind === "following") this.role.send({ kind: "rows", rows: [...rows] });
    if (this.isLeading) this.#followers.tellRoster();
  }
}

const byId = (rows: readonly ConnectorRow[]): ReadonlyMap<string, ConnectorRow> =>
  new Map(rows.map((row) => [row.id, row]));
