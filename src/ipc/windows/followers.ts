import type { Duplex } from "node:stream";
import type { Disposable } from "../../core/disposable.ts";
import { Emitter } from "../../core/emitter.ts";
import type { Clock, Log } from "../../core/ports.ts";
import type { EndpointRecord } from "../endpoint/endpointFile.ts";
import { protocolVersion } from "../wire.ts";
import { Channel } from "./channel.ts";
import type { PlacedRow } from "./directory.ts";
import type { Message, News, ConnectorRow } from "./messages.ts";

interface Member {
  readonly id: string;
  readonly record: EndpointRecord;
  readonly channel: Channel;
  readonly rows: readonly ConnectorRow[];
}

export interface FollowersParts {
  readonly own: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly beatMs: number;
  readonly ownRows: () => readonly ConnectorRow[];
  readonly onWent: (id: string, rows: readonly ConnectorRow[]) => void;
  readonly onNews: (news: News) => void;
  /** What a window that has just come is told. */
  readonly greeting: () => readonly News[];
}

/** The windows that follow this one, which leads. Each is there as long as its connection. */
export class Followers {
  readonly #parts: FollowersParts;
  readonly #members = new Map<string, Member>();
  readonly #open = new Set<Channel>();
  readonly #changed = new Emitter<undefined>();
  #beat: Disposable | undefined;

  /** A window came, went, or has other connectors. */
  readonly onDidChange = this.#changed.event;

  constructor(parts: FollowersParts) {
    this.#parts = parts;
  }

  get ids(): readonly string[] {
    return [...this.#members.keys()];
  }

  rows(): readonly PlacedRow[] {
    return [...this.#members.values()].flatMap(({ id, rows }) => rows.map((row) => ({ ...row, window: id })));
  }

  /** Whether the storage of one of them works, as far as it has told. */
  get hasHealthy(): boolean {
    return [...this.#members.values()].some(({ rows }) => !rows.some(({ ill }) => ill));
  }

  recordOf(id: string): EndpointRecord | undefined {
    return this.#members.get(id)?.record;
  }

  /** Takes a connection; its window is a member once it has said who it is. */
  admit(connection: Duplex): void {
    let id: string | undefined;
    const channel: Channel = new Channel(connection, {
      onMessage: (message) => {
        if (message.kind === "hello") id = this.#welcome(channel, message);
        else if (id !== undefined) this.#hear(id, channel, message);
      },
      onEnd: () => {
        this.#open.delete(channel);
        if (id !== undefined) this.#forget(id, channel);
        this.#changed.fire(undefined);
      },
    });
    this.#open.add(channel);
    this.#beatOn();
  }

  /** Tells every window but the one it came from. */
  tell(news: News, from?: string): void {
    this.#toAll({ kind: "news", news }, from);
  }

  /** Tells every window who is there. */
  tellRoster(): void {
    const { own, ownRows } = this.#parts;
    this.#toAll({ kind: "roster", ids: [own, ...this.ids], rows: [...ownRows()] });
  }

  leave(): void {
    this.#toAll({ kind: "leaving" });
  }

  /** Lets go of every window; each then looks for another leader. */
  dismiss(): void {
    this.#beat?.dispose();
    this.#beat = undefined;
    for (const channel of [...this.#open]) channel.end();
  }

  #welcome(channel: Channel, { id, protocol, record, rows }: Extract<Message, { kind: "hello" }>): string {
    if (protocol !== protocolVersion) channel.end();
    const before = this.#members.get(id);
    this.#members.set(id, { id, record, channel, rows });
    if (before !== undefined && before.channel !== channel) before.channel.end();
    this.#parts.log.info("window.came", { window: id, pid: record.pid });
    for (const news of this.#parts.greeting()) channel.send({ kind: "news", news });
    this.tellRoster();
    this.#changed.fire(undefined);
    return id;
  }

  #hear(id: string, channel: Channel, message: Message): void {
    const member = this.#members.get(id);
    if (member === undefined || member.channel !== channel) return;
    if (message.kind === "rows") {
      this.#members.set(id, { ...member, rows: message.rows });
      this.#changed.fire(undefined);
    }
    if (message.kind === "news") {
      this.#parts.onNews(message.news);
      this.tell(message.news, id);
    }
  }

  #forget(id: string, channel: Channel): void {
    const member = this.#members.get(id);
    if (member?.channel !== channel) return;
    this.#members.delete(id);
    this.#parts.onWent(id, member.rows);
    this.#parts.log.info("window.went", { window: id });
    this.tellRoster();
  }

  #toAll(message: Message, but?: string): void {
    for (const { id, channel } of [...this.#members.values()]) if (id !== but) channel.send(message);
  }

  /** Beats only while somebody listens. */
  #beatOn(): void {
    this.#beat ??= this.#parts.clock.after(this.#parts.beatMs, () => {
      this.#beat = undefined;
      if (this.#open.size === 0) return;
      this.#toAll({ kind: "beat" });
      this.#beatOn();
    });
  }
}
