import type * as z from "zod";
import { sleep } from "../../core/abort.ts";
import type { Event } from "../../core/emitter.ts";
import { LanyardError } from "../../core/errors.ts";
import { callEndpoint } from "../client.ts";
import type { Clock } from "../../core/ports.ts";
import type { EndpointRecord } from "../endpoint/endpointFile.ts";
import type { RecentlyClosedWindows, PlacedRow } from "./directory.ts";
import type { Election, Role } from "./election.ts";
import { type ConnectorRow, windowIdOf } from "./messages.ts";
import type { Followers } from "./followers.ts";

/** A request as far as its way to the right window needs to know. */
export interface Forwardable {
  readonly passedOn: number;
  readonly deadlineMs: number;
}

export const mostForwards = 2;

export type Forwarded<R> =
  | { readonly kind: "reply"; readonly reply: R }
  /** The window is gone; another may know. */
  | { readonly kind: "gone" }
  /** It has not answered in time. */
  | { readonly kind: "late" };

/** Where a request is answered. */
export type Routed<R> =
  | { readonly kind: "here" }
  | { readonly kind: "reply"; readonly reply: R }
  /** So many entries are as near as each other. */
  | { readonly kind: "ambiguous"; readonly count: number }
  /** The window that had it has gone, and has not come back yet. */
  | { readonly kind: "departed" };

export type RouteChoice<P> =
  /** `isSure` when no window that is yet to come could be meant instead. `request` is what that window is asked. */
  | { readonly kind: "window"; readonly window: string; readonly isSure: boolean; readonly request: P }
  | { readonly kind: "ambiguous"; readonly count: number }
  /** Nobody has what is asked for; the window that can say why not. */
  | { readonly kind: "unknown"; readonly says?: string };

export interface RoutedRequest<P extends Forwardable, R> {
  readonly path: string;
  readonly request: P;
  readonly reply: z.ZodType<R>;
  readonly choose: (rows: readonly PlacedRow[]) => RouteChoice<P>;
}

type Target<P> =
  | Routed<never>
  | { readonly kind: "unknown" }
  | { readonly kind: "window"; readonly record: EndpointRecord; readonly request: P }
  /** Worth waiting for, so many milliseconds at most. */
  | { readonly kind: "missed"; readonly leftMs: number };

export interface RequestRouterParts {
  readonly own: string;
  readonly ownRows: () => readonly ConnectorRow[];
  readonly election: Election;
  readonly followers: Followers;
  readonly recentlyClosed: RecentlyClosedWindows;
  /** The windows that are expected back after a change of leaders. */
  readonly expected: () => ReadonlySet<string>;
  readonly returnMs: number;
  readonly clock: Clock;
}

/** What is left of a request when it is told that a window has not come back. */
const lastWordMs = 300;

/** Finds the window that answers a request, and asks it. */
export class RequestRouter {
  readonly #parts: RequestRouterParts;

  constructor(parts: RequestRouterParts) {
    this.#parts = parts;
  }

  /** The reply of the window that has what is asked for; "here" when that is this one, or when none has it. */
  async route<P extends Forwardable, R>(
    routed: RoutedRequest<P, R>,
    leftMs: number,
    signal: AbortSignal,
  ): Promise<Routed<R>> {
    if (routed.request.passedOn >= mostForwards) return here;
    const endMs = performance.now() + leftMs;
    const gone = new Set<string>();
    let wasMissed = false;
    for (;;) {
      signal.throwIfAborted();
      const target = await this.#targetOf(routed, gone, signal);
      const left = endMs - performance.now();
      if (target.kind === "missed") {
        const waitMs = Math.min(target.leftMs, left - lastWordMs);
        if (waitMs <= 0) return { kind: "departed" };
        wasMissed = true;
        await this.#until(this.#parts.followers.onDidChange, waitMs, signal);
      } else if (target.kind === "unknown") {
        return wasMissed ? { kind: "departed" } : here;
      } else if (target.kind !== "window") {
        return target;
      } else {
        const way = await this.#forward(routed, target, left, signal);
        if (way !== undefined) return way;
        gone.add(windowIdOf(target.record));
      }
    }
  }

  /** Own and others' connectors, own first. */
  rows(): readonly PlacedRow[] {
    const { own, ownRows, followers } = this.#parts;
    return [...ownRows().map((row) => ({ ...row, window: own })), ...followers.rows()];
  }

  /** @returns undefined when that window is gone. */
  async #forward<P extends Forwardable, R>(
    routed: RoutedRequest<P, R>,
    { record, request }: { readonly record: EndpointRecord; readonly request: P },
    leftMs: number,
    signal: AbortSignal,
  ): Promise<Routed<R> | undefined> {
    const { election } = this.#parts;
    const { role } = election;
    const passed = await forward(record, routed.path, request, routed.reply, leftMs, signal);
    if (passed.kind === "reply") return passed;
    if (passed.kind === "late") {
      throw new LanyardError("timedOut", "Another window did not answer in time.");
    }
    if (role.kind === "following" && election.role === role) {
      await this.#until(election.onDidChange, leftMs, signal);
    }
    return undefined;
  }

  async #targetOf<P extends Forwardable, R>(
    { request, choose }: RoutedRequest<P, R>,
    gone: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<Target<P>> {
    const { election } = this.#parts;
    let role = await election.settled(signal);
    if (role.kind === "leading") {
      let choice = choose(this.#placed(gone));
      if (choice.kind !== "window" || !choice.isSure) {
        role = await election.verifyLeadership(signal);
        await this.#allBack(role, signal);
        choice = choose(this.#placed(gone));
      }
      if (role.kind === "leading") return this.#chosen(choice, request);
    }
    if (role.kind === "following") {
      const isHome = request.passedOn > 0 || gone.has(windowIdOf(role.leader));
      return isHome ? here : { kind: "window", record: role.leader, request };
    }
    const successor = await election.successor();
    return successor === undefined || gone.has(windowIdOf(successor))
      ? here
      : { kind: "window", record: successor, request };
  }

  #chosen<P>(choice: RouteChoice<P>, request: P): Target<P> {
    const { own, followers, recentlyClosed } = this.#parts;
    if (choice.kind === "ambiguous") return choice;
    if (choice.kind === "unknown") {
      // It is not waited for, should it have gone.
      const says = choice.says === undefined ? undefined : followers.recordOf(choice.says);
      return says === undefined ? { kind: "unknown" } : { kind: "window", record: says, request };
    }
    if (choice.window === own) return here;
    const record = followers.recordOf(choice.window);
    if (record !== undefined) return { kind: "window", record, request: choice.request };
    const leftMs = recentlyClosed.leftMs(choice.window);
    return leftMs > 0 ? { kind: "missed", leftMs } : { kind: "departed" };
  }

  #placed(gone: ReadonlySet<string>): readonly PlacedRow[] {
    const present = this.rows().filter(({ window }) => !gone.has(window));
    return [...present, ...this.#parts.recentlyClosed.rows(present)];
  }

  /** Resolves once the windows that were there before the leader changed are back, or have had time enough. */
  async #allBack(role: Role, signal: AbortSignal): Promise<void> {
    if (role.kind !== "leading") return;
    const { followers, expected, clock, returnMs, election } = this.#parts;
    const isBack = (): boolean => [...expected()].every((id) => followers.recordOf(id) !== undefined);
    const leftMs = (): number => role.sinceMs + returnMs - clock.now();
    while (!isBack() && leftMs() > 0 && election.role === role) {
      await this.#until(followers.onDidChange, leftMs(), signal);
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

/** The other window keeps its own margin; together the two are to be one. */
const marginBackMs = 300;
/** The one who asked here runs out of time first, and is told so. */
const graceMs = 1000;

/** Asks another window in the name of the one who asked here. */
export const forward = async <R>(
  record: EndpointRecord,
  path: string,
  request: Forwardable,
  schema: z.ZodType<R>,
  leftMs: number,
  signal: AbortSignal,
): Promise<Forwarded<R>> => {
  const called = await callEndpoint(record, {
    path,
    message: {
      ...request,
      deadlineMs: Math.max(1, Math.min(request.deadlineMs, Math.floor(leftMs + marginBackMs))),
      passedOn: request.passedOn + 1,
    },
    accept: "json",
    timeoutMs: Math.max(0, leftMs) + graceMs,
    signal,
  });
  switch (called.kind) {
    case "reply":
      return read(called.body, schema);
    case "timedOut":
      return { kind: "late" };
    case "absent":
    case "unreadable":
    case "unsafe":
    case "lost":
    case "broken":
      return { kind: "gone" };
  }
};

const read = <R>(body: string, schema: z.ZodType<R>): Forwarded<R> => {
  try {
    const parsed = schema.safeParse(JSON.parse(body));
    return parsed.success ? { kind: "reply", reply: parsed.data } : { kind: "gone" };
  } catch {
    return { kind: "gone" };
  }
};
