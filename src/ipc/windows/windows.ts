import { basename } from "node:path";
import type { Duplex } from "node:stream";
import type * as z from "zod";
import { sleep, untilAborted } from "../../core/abort.ts";
import type { Board } from "../../core/connectors/board.ts";
import { DisposableStore } from "../../core/disposable.ts";
import { Emitter } from "../../core/emitter.ts";
import { LanyardError } from "../../core/errors.ts";
import type { Clock, Log } from "../../core/ports.ts";
import { probeEndpoint } from "../client.ts";
import type { Endpoint } from "../endpoint.ts";
import { endpointFileOf, readEndpoint, type EndpointRecord } from "../endpointFile.ts";
import { protocolVersion } from "../wire.ts";
import type { Placed } from "./directory.ts";
import { Membership, type Rank } from "./membership.ts";
import type { Message, News, Row } from "./messages.ts";
import { mostPasses, passOn, type Passable } from "./passOn.ts";
import { Registry } from "./registry.ts";
import { rowsOf, type Acting } from "./rows.ts";

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
}

export const defaultWindowLimits: WindowLimits = {
  beatMs: 200,
  silenceMs: 450,
  pingMs: 350,
  returnMs: 1000,
  handoverMs: 500,
};

export interface WindowsParts {
  readonly home: string;
  readonly endpoint: Endpoint;
  readonly board: Pick<Board, "entries" | "broken" | "onDidChange">;
  readonly acting?: Acting;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Partial<WindowLimits>;
}

/** Where a request is answered. */
export type Way<R> =
  | { readonly kind: "here" }
  | { readonly kind: "reply"; readonly reply: R }
  /** So many entries are as near as each other. */
  | { readonly kind: "ambiguous"; readonly count: number };

export type Choice<P> =
  /** `isSure` when no window that is yet to come could be meant instead. `request` is what that window is asked. */
  | { readonly kind: "window"; readonly window: string; readonly isSure: boolean; readonly request: P }
  | { readonly kind: "ambiguous"; readonly count: number }
  | { readonly kind: "unknown" };

export interface Passing<P extends Passable, R> {
  readonly path: string;
  readonly request: P;
  readonly reply: z.ZodType<R>;
  readonly choose: (rows: readonly Placed[]) => Choice<P>;
}

/** This window among the others: finds the one that answers a request, and carries news. */
export class Windows {
  readonly id: string;
  readonly #parts: WindowsParts;
  readonly #limits: WindowLimits;
  readonly #owned = new DisposableStore();
  readonly #registry: Registry;
  readonly #membership: Membership;
  readonly #news = new Emitter<News>();
  readonly #changed = new Emitter<undefined>();
  /** What was to be told while there was nobody to tell. */
  #untold: readonly News[] = [];
  #greeting: () => readonly News[] = () => [];
  /** The windows that are expected back after a change of leaders. */
  #expected: ReadonlySet<string> = new Set();
  #rows: readonly Row[];

  /** What another window tells. */
  readonly onNews = this.#news.event;

  /** This window leads or follows, or a window has other connectors. */
  readonly onDidChange = this.#changed.event;

  constructor(parts: WindowsParts) {
    const { home, endpoint, board, acting, clock, log } = parts;
    this.#parts = parts;
    this.#limits = { ...defaultWindowLimits, ...parts.limits };
    this.id = idOf(endpoint.record);
    this.#rows = rowsOf(board, acting);
    this.#registry = new Registry({
      ...{ own: this.id, clock, log, beatMs: this.#limits.beatMs },
      onNews: (news) => this.#news.fire(news),
      greeting: () => this.#greeting(),
    });
    this.#membership = new Membership({
      ...{ home, endpoint, clock, log, silenceMs: this.#limits.silenceMs },
      ping: async (leader) => (await probeEndpoint(leader, this.#limits.pingMs)) === "live",
      hello: () => this.#hello(),
      onMessage: (message) => this.#hear(message),
      onDeposed: () => this.#registry.dismiss(),
    });
    this.#owned.add(this.#membership.onDidChange((rank) => this.#onRank(rank)));
    this.#owned.add(this.#membership.onDidChange(() => this.#changed.fire(undefined)));
    this.#owned.add(this.#registry.onDidChange(() => this.#changed.fire(undefined)));
    this.#owned.add(board.onDidChange(() => this.#lookAtRows()));
    if (acting !== undefined) this.#owned.add(acting.onDidChange(() => this.#lookAtRows()));
  }

  get rank(): Rank {
    return this.#membership.rank;
  }

  get isLeading(): boolean {
    return this.rank.kind === "leading";
  }

  /** The endpoints of the windows that follow this one. */
  get others(): readonly EndpointRecord[] {
    return this.#registry.ids.flatMap((id) => this.#registry.recordOf(id) ?? []);
  }

  /** The connectors of this window, and of those that follow it. */
  rows(): readonly Placed[] {
    return this.#placed(new Set());
  }

  /** Takes over a connection that another window registers by. */
  admit(connection: Duplex): void {
    this.#registry.admit(connection);
  }

  /** @throws LanyardError `endpointUnsafe` when others can reach the place. */
  start(): Promise<void> {
    return this.#membership.start();
  }

  /** Sets what a window that has just come is told. */
  greetWith(greeting: () => readonly News[]): void {
    this.#greeting = greeting;
  }

  /** Tells every other window. */
  tell(news: News): void {
    const { rank } = this;
    if (rank.kind === "leading") this.#registry.tell(news);
    if (rank.kind === "following") rank.send({ kind: "news", news });
    if (rank.kind === "claiming") this.#untold = [...this.#untold, news];
  }

  /** Another window takes this one's place first, if there is one; what it is still asked meanwhile it passes on. */
  async resign(): Promise<void> {
    const wasLeading = this.isLeading;
    this.#membership.resign();
    if (wasLeading) {
      this.#registry.leave();
      await this.#registry.emptied(AbortSignal.timeout(this.#limits.handoverMs));
    }
  }

  async stop(): Promise<void> {
    await this.#membership.stop();
    this.#registry.dismiss();
    this.#owned.dispose();
    this.#news.dispose();
    this.#changed.dispose();
  }

  /** The reply of the window that has what is asked for; "here" when that is this one, or when none has it. */
  async pass<P extends Passable, R>(
    passing: Passing<P, R>,
    leftMs: number,
    signal: AbortSignal,
  ): Promise<Way<R>> {
    const { request } = passing;
    if (request.passedOn >= mostPasses) return here;
    const endMs = performance.now() + leftMs;
    const gone = new Set<string>();
    for (;;) {
      signal.throwIfAborted();
      const target = await this.#targetOf(passing, gone, signal);
      if (target.kind !== "window") return target;
      const { record, request: asked } = target;
      const left = endMs - performance.now();
      const passed = await passOn(record, passing.path, asked, passing.reply, left, signal);
      if (passed.kind === "reply") return passed;
      if (passed.kind === "late")
        throw new LanyardError("timedOut", "Another window did not answer in time.");
      gone.add(idOf(record));
      if (this.rank.kind !== "leading") await this.#rankAfter(this.rank, signal);
    }
  }

  async #targetOf<P extends Passable, R>(
    passing: Passing<P, R>,
    gone: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<Way<never> | { readonly kind: "window"; readonly record: EndpointRecord; readonly request: P }> {
    const { request, choose } = passing;
    let rank = await this.#membership.settled(signal);
    if (rank.kind === "leading") {
      let choice = choose(this.#placed(gone));
      if (choice.kind !== "window" || !choice.isSure) {
        rank = await this.#membership.doubt(signal);
        await this.#allBack(signal);
        choice = choose(this.#placed(gone));
      }
      if (rank.kind === "leading") return this.#chosen(choice);
    }
    if (rank.kind === "following") {
      return request.passedOn > 0 ? here : { kind: "window", record: rank.leader, request };
    }
    const successor = await this.#successor();
    return successor === undefined || gone.has(idOf(successor))
      ? here
      : { kind: "window", record: successor, request };
  }

  #chosen<P>(
    choice: Choice<P>,
  ): Way<never> | { readonly kind: "window"; readonly record: EndpointRecord; readonly request: P } {
    if (choice.kind === "ambiguous") return choice;
    if (choice.kind === "unknown" || choice.window === this.id) return here;
    const record = this.#registry.recordOf(choice.window);
    return record === undefined ? here : { kind: "window", record, request: choice.request };
  }

  /** The window with this id, if it is another and its endpoint is known here. */
  recordOf(id: string): EndpointRecord | undefined {
    return this.#registry.recordOf(id);
  }

  #placed(gone: ReadonlySet<string>): readonly Placed[] {
    const own = this.#rows.map((row) => ({ ...row, window: this.id }));
    return [...own, ...this.#registry.rows()].filter(({ window }) => !gone.has(window));
  }

  /** The one that has taken the place of this window, which goes. */
  async #successor(): Promise<EndpointRecord | undefined> {
    const reading = await readEndpoint(endpointFileOf(this.#parts.home));
    if (reading.kind !== "record" || idOf(reading.record) === this.id) return undefined;
    return reading.record;
  }

  /** Resolves once the windows that were there before the leader changed are back, or have had time enough. */
  async #allBack(signal: AbortSignal): Promise<void> {
    const { rank } = this;
    if (rank.kind !== "leading") return;
    const isBack = (): boolean =>
      [...this.#expected].every((id) => this.#registry.recordOf(id) !== undefined);
    const { clock } = this.#parts;
    const leftMs = (): number => rank.sinceMs + this.#limits.returnMs - clock.now();
    while (!isBack() && leftMs() > 0 && this.rank === rank) {
      const end = new AbortController();
      const heard = this.#registry.onDidChange(() => end.abort());
      try {
        await sleep(clock, leftMs(), AbortSignal.any([end.signal, signal])).catch(() => undefined);
      } finally {
        heard.dispose();
      }
      signal.throwIfAborted();
    }
    this.#expected = new Set();
  }

  async #rankAfter(rank: Rank, signal: AbortSignal): Promise<void> {
    if (this.rank !== rank || rank.kind === "gone") return;
    let tell = (): void => undefined;
    const changed = new Promise<void>((resolve) => (tell = resolve));
    const heard = this.#membership.onDidChange(() => tell());
    try {
      await untilAborted(changed, signal);
    } finally {
      heard.dispose();
    }
  }

  #hello(): Message {
    const { record } = this.#parts.endpoint;
    return { kind: "hello", protocol: protocolVersion, id: this.id, record, rows: [...this.#rows] };
  }

  #hear(message: Message): void {
    if (message.kind === "news") this.#news.fire(message.news);
    if (message.kind === "roster") {
      // The leader comes first: when it is gone, it is not expected back.
      this.#expected = new Set(message.ids.slice(1).filter((id) => id !== this.id));
    }
  }

  #onRank(rank: Rank): void {
    if (rank.kind !== "leading" && rank.kind !== "following") return;
    const untold = this.#untold;
    this.#untold = [];
    if (rank.kind === "following") for (const news of this.#greeting()) this.tell(news);
    for (const news of untold) this.tell(news);
  }

  #lookAtRows(): void {
    const rows = rowsOf(this.#parts.board, this.#parts.acting);
    if (JSON.stringify(rows) === JSON.stringify(this.#rows)) return;
    this.#rows = rows;
    if (this.rank.kind === "following") this.rank.send({ kind: "rows", rows: [...rows] });
  }
}

const here = { kind: "here" } as const;

/** Eight digits of the window's own address, which is random. */
const idOf = ({ address }: EndpointRecord): string =>
  /([0-9a-f]{8})[0-9a-f]*(?:\.sock)?$/.exec(basename(address.path))?.[1] ?? "00000000";
