import type * as z from "zod";
import { sleep, untilAborted } from "../../core/abort.ts";
import type { Event } from "../../core/emitter.ts";
import { LanyardError } from "../../core/errors.ts";
import type { Clock } from "../../core/ports.ts";
import { endpointFileOf, readEndpoint, type EndpointRecord } from "../endpointFile.ts";
import type { Departed } from "./departed.ts";
import type { Placed } from "./directory.ts";
import type { Membership, Rank } from "./membership.ts";
import type { Row } from "./messages.ts";
import { mostPasses, passOn, type Passable } from "./passOn.ts";
import type { Registry } from "./registry.ts";
import { watchFile } from "./watchFile.ts";
import { idOf } from "./windowId.ts";

/** Where a request is answered. */
export type Way<R> =
  | { readonly kind: "here" }
  | { readonly kind: "reply"; readonly reply: R }
  /** So many entries are as near as each other. */
  | { readonly kind: "ambiguous"; readonly count: number }
  /** The window that had it has gone, and has not come back yet. */
  | { readonly kind: "departed" };

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

type Target<P> =
  | Way<never>
  | { readonly kind: "unknown" }
  | { readonly kind: "window"; readonly record: EndpointRecord; readonly request: P }
  /** Worth waiting for, so many milliseconds at most. */
  | { readonly kind: "missed"; readonly leftMs: number };

export interface WaysParts {
  readonly home: string;
  readonly own: string;
  readonly ownRows: () => readonly Row[];
  readonly membership: Membership;
  readonly registry: Registry;
  readonly departed: Departed;
  /** The windows that are expected back after a change of leaders. */
  readonly expected: () => ReadonlySet<string>;
  readonly returnMs: number;
  readonly clock: Clock;
}

/** What is left of a request when it is told that a window has not come back. */
const lastWordMs = 300;

/** Finds the window that answers a request, and asks it. */
export class Ways {
  readonly #parts: WaysParts;

  constructor(parts: WaysParts) {
    this.#parts = parts;
  }

  /** The reply of the window that has what is asked for; "here" when that is this one, or when none has it. */
  async pass<P extends Passable, R>(
    passing: Passing<P, R>,
    leftMs: number,
    signal: AbortSignal,
  ): Promise<Way<R>> {
    if (passing.request.passedOn >= mostPasses) return here;
    const endMs = performance.now() + leftMs;
    const gone = new Set<string>();
    let wasMissed = false;
    for (;;) {
      signal.throwIfAborted();
      const target = await this.#targetOf(passing, gone, signal);
      const left = endMs - performance.now();
      if (target.kind === "missed") {
        const waitMs = Math.min(target.leftMs, left - lastWordMs);
        if (waitMs <= 0) return { kind: "departed" };
        wasMissed = true;
        await this.#until(this.#parts.registry.onDidChange, waitMs, signal);
      } else if (target.kind === "unknown") {
        return wasMissed ? { kind: "departed" } : here;
      } else if (target.kind !== "window") {
        return target;
      } else {
        const way = await this.#ask(passing, target, left, signal);
        if (way !== undefined) return way;
        gone.add(idOf(target.record));
      }
    }
  }

  /** Own and others' connectors, own first. */
  rows(): readonly Placed[] {
    const { own, ownRows, registry } = this.#parts;
    return [...ownRows().map((row) => ({ ...row, window: own })), ...registry.rows()];
  }

  /** The one that has taken the place of this window, which goes. */
  async successor(): Promise<EndpointRecord | undefined> {
    const reading = await readEndpoint(endpointFileOf(this.#parts.home));
    if (reading.kind !== "record" || idOf(reading.record) === this.#parts.own) return undefined;
    return reading.record;
  }

  /** Whether another window takes the place of this one within so many milliseconds. */
  async isSucceededWithin(ms: number): Promise<boolean> {
    const end = new AbortController();
    const timer = this.#parts.clock.after(ms, () => end.abort());
    try {
      for (;;) {
        let tell = (): void => undefined;
        const changed = new Promise<void>((resolve) => (tell = resolve));
        const watcher = watchFile(endpointFileOf(this.#parts.home), () => tell());
        try {
          if ((await this.successor()) !== undefined) return true;
          await untilAborted(changed, end.signal);
        } finally {
          watcher.dispose();
        }
      }
    } catch {
      return (await this.successor()) !== undefined;
    } finally {
      timer.dispose();
    }
  }

  /** @returns undefined when that window is gone. */
  async #ask<P extends Passable, R>(
    passing: Passing<P, R>,
    { record, request }: { readonly record: EndpointRecord; readonly request: P },
    leftMs: number,
    signal: AbortSignal,
  ): Promise<Way<R> | undefined> {
    const { membership } = this.#parts;
    const { rank } = membership;
    const passed = await passOn(record, passing.path, request, passing.reply, leftMs, signal);
    if (passed.kind === "reply") return passed;
    if (passed.kind === "late") {
      throw new LanyardError("timedOut", "Another window did not answer in time.");
    }
    if (rank.kind === "following" && membership.rank === rank) {
      await this.#until(membership.onDidChange, leftMs, signal);
    }
    return undefined;
  }

  async #targetOf<P extends Passable, R>(
    { request, choose }: Passing<P, R>,
    gone: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<Target<P>> {
    const { membership } = this.#parts;
    let rank = await membership.settled(signal);
    if (rank.kind === "leading") {
      let choice = choose(this.#placed(gone));
      if (choice.kind !== "window" || !choice.isSure) {
        rank = await membership.doubt(signal);
        await this.#allBack(rank, signal);
        choice = choose(this.#placed(gone));
      }
      if (rank.kind === "leading") return this.#chosen(choice);
    }
    if (rank.kind === "following") {
      const isHome = request.passedOn > 0 || gone.has(idOf(rank.leader));
      return isHome ? here : { kind: "window", record: rank.leader, request };
    }
    const successor = await this.successor();
    return successor === undefined || gone.has(idOf(successor))
      ? here
      : { kind: "window", record: successor, request };
  }

  #chosen<P>(choice: Choice<P>): Target<P> {
    const { own, registry, departed } = this.#parts;
    if (choice.kind !== "window") return choice;
    if (choice.window === own) return here;
    const record = registry.recordOf(choice.window);
    if (record !== undefined) return { kind: "window", record, request: choice.request };
    const leftMs = departed.leftMs(choice.window);
    return leftMs > 0 ? { kind: "missed", leftMs } : { kind: "departed" };
  }

  #placed(gone: ReadonlySet<string>): readonly Placed[] {
    const present = this.rows().filter(({ window }) => !gone.has(window));
    return [...present, ...this.#parts.departed.rows(present)];
  }

  /** Resolves once the windows that were there before the leader changed are back, or have had time enough. */
  async #allBack(rank: Rank, signal: AbortSignal): Promise<void> {
    if (rank.kind !== "leading") return;
    const { registry, expected, clock, returnMs, membership } = this.#parts;
    const isBack = (): boolean => [...expected()].every((id) => registry.recordOf(id) !== undefined);
    const leftMs = (): number => rank.sinceMs + returnMs - clock.now();
    while (!isBack() && leftMs() > 0 && membership.rank === rank) {
      await this.#until(registry.onDidChange, leftMs(), signal);
    }
  }

  /** Until the event, or so long. Rejects when the signal fires. */
  async #until(event: Event<unknown>, ms: number, signal: AbortSignal): Promise<void> {
    const end = new AbortController();
    const heard = event(() => end.abort());
    try {
      await sleep(this.#parts.clock, ms, AbortSignal.any([end.signal, signal])).catch(() => undefined);
    } finally {
      heard.dispose();
    }
    signal.throwIfAborted();
  }
}

const here = { kind: "here" } as const;
