import type { Grant } from "../../credentials/grant.ts";
import { disposable, type Disposable } from "../../disposable.ts";
import type { Clock } from "../../ports.ts";
import type { ObtainOptions, Pipeline } from "../pipeline/pipeline.ts";
import type { Demand } from "../pipeline/demands.ts";
import type { PipelineAnswer } from "../pipeline/question.ts";
import { PollLoop, type Happenings } from "./pollLoop.ts";
import { isWaiting } from "./waiting.ts";

export interface WaitOptions extends Omit<ObtainOptions, "withinMs" | "waitSeconds" | "entry"> {
  /** Milliseconds from now after which the last known answer is given. */
  readonly deadlineMs: number;
}

/**
 * Waits for people. While somebody approves a push, connects an account or signs in, those who ask share one
 * wait a connector, and hear the moment it is granted.
 */
export class WaitRegistry implements Disposable {
  readonly #pipeline: Pipeline;
  readonly #clock: Clock;
  /** By entry, not by id: nobody waits for an entry that has changed since they asked. */
  readonly #loops = new Map<string, PollLoop>();
  readonly #expected = new Map<string, number>();
  /** First questions under way: what happens meanwhile may make their answer stale. */
  readonly #firsts = new Set<{ readonly connectorId: string; readonly missed: Happenings }>();
  #disposed = false;

  constructor(parts: { readonly pipeline: Pipeline; readonly clock: Clock }) {
    this.#pipeline = parts.pipeline;
    this.#clock = parts.clock;
  }

  /** Asks, and waits inside the deadline when the person is busy changing the answer. */
  async obtain(connectorId: string, options: WaitOptions): Promise<PipelineAnswer> {
    const { deadlineMs, ...rest } = options;
    const goesOn = (grant: Grant): boolean => this.#isWorthWaiting(connectorId, grant);
    return this.#wait(connectorId, { ...rest, withinMs: deadlineMs }, goesOn);
  }

  /**
   * Keeps asking until the connector no longer waits for the person, its time is up, or the signal fires. A sign-out ends
   * it: what the person does at a page then changes nothing.
   */
  async follow(connectorId: string, signal: AbortSignal): Promise<PipelineAnswer> {
    return this.#wait(connectorId, { requester: "wait", signal }, isWaiting);
  }

  /** Asks once, for a person who checks; whoever waits hears the answer too. */
  async check(connectorId: string, signal: AbortSignal): Promise<PipelineAnswer> {
    return this.#wait(connectorId, { requester: "check", signal }, () => false);
  }

  /** As `check`, where nobody asked: the source is told to send nobody a push for it. */
  async look(connectorId: string, signal: AbortSignal): Promise<PipelineAnswer> {
    return this.#wait(connectorId, { requester: "check", unasked: true, signal }, () => false);
  }

  /** See `Pipeline.demand`. */
  demand(connectorId: string, demand: Demand): void {
    this.#pipeline.demand(connectorId, demand);
  }

  /** Tells whoever waits for a connector what became of it. */
  tell(connectorId: string, answer: PipelineAnswer): void {
    const entry = this.#pipeline.entryOf(connectorId);
    if (entry !== undefined) this.#loops.get(entry)?.take(answer);
  }

  /** The person acts on this connector until the result is disposed of: helpers that ask meanwhile wait. */
  expectChange(connectorId: string): Disposable {
    this.#expected.set(connectorId, (this.#expected.get(connectorId) ?? 0) + 1);
    return disposable(() => {
      const left = (this.#expected.get(connectorId) ?? 1) - 1;
      if (left > 0) this.#expected.set(connectorId, left);
      else this.#expected.delete(connectorId);
      this.wake(connectorId);
    });
  }

  isChangeExpected(connectorId: string): boolean {
    return this.#expected.has(connectorId);
  }

  /** Something happened that may change this connector's answer (a redirect that came back): ask now. */
  wake(connectorId: string): void {
    const concerned = (each: { readonly connectorId: string }): boolean => each.connectorId === connectorId;
    for (const { missed } of [...this.#firsts].filter(concerned)) missed.woken = true;
    for (const loop of [...this.#loops.values()].filter(concerned)) loop.wake();
  }

  /** The person does not want to be waited for: whoever waits for this connector gets the last known answer. */
  giveUp(connectorId: string): void {
    for (const loop of [...this.#loops.values()]) if (loop.connectorId === connectorId) loop.end();
  }

  /** A session came, went or changed: whoever waits for a sign-in asks now. */
  wakeAll(): void {
    for (const { missed } of this.#firsts) missed.sessionChanged = true;
    for (const loop of [...this.#loops.values()]) loop.sessionChanged();
  }

  /** How many waits and first questions are under way; tests show that it ends at zero. */
  get size(): number {
    return this.#loops.size + this.#firsts.size;
  }

  /** Whoever waits gets the last known answer, and nobody waits any more. */
  dispose(): void {
    this.#disposed = true;
    this.#expected.clear();
    for (const loop of [...this.#loops.values()]) loop.end();
  }

  #isWorthWaiting(connectorId: string, grant: Grant): boolean {
    if (grant.kind === "pending" || (grant.kind === "stepUp" && grant.how.kind === "push")) return true;
    return this.isChangeExpected(connectorId) && (isWaiting(grant) || grant.kind === "signedOut");
  }

  /** A wait that is under way is joined without a question of one's own: sources are asked once an interval. */
  async #wait(
    connectorId: string,
    options: ObtainOptions,
    goesOn: (grant: Grant) => boolean,
  ): Promise<PipelineAnswer> {
    const entry = this.#pipeline.entryOf(connectorId);
    const startedMs = this.#clock.now();
    const known = entry === undefined ? undefined : this.#loops.get(entry);
    if (known !== undefined && goesOn(known.latest.grant)) {
      this.#pipeline.noteRequested(connectorId, options.requester);
      return this.#listen(known, options, goesOn, startedMs);
    }
    const { answer: first, missed } = await this.#obtainFirst(connectorId, entry, options);
    if (entry === undefined || this.#disposed) return first;
    this.#loops.get(entry)?.take(first);
    if (!goesOn(first.grant)) return first;
    const loop = this.#loops.get(entry) ?? this.#start(connectorId, entry, first, missed);
    return this.#listen(loop, options, goesOn, startedMs);
  }

  async #obtainFirst(
    connectorId: string,
    entry: string | undefined,
    options: ObtainOptions,
  ): Promise<{ readonly answer: PipelineAnswer; readonly missed: Happenings }> {
    const first = { connectorId, missed: { woken: false, sessionChanged: false } };
    this.#firsts.add(first);
    try {
      const meant = entry === undefined ? {} : { entry };
      return {
        answer: await this.#pipeline.obtain(connectorId, { ...options, ...meant }),
        missed: first.missed,
      };
    } finally {
      this.#firsts.delete(first);
    }
  }

  async #listen(
    loop: PollLoop,
    { requester, signal, withinMs }: ObtainOptions,
    goesOn: (grant: Grant) => boolean,
    startedMs: number,
  ): Promise<PipelineAnswer> {
    const leftMs = withinMs === undefined ? undefined : withinMs - (this.#clock.now() - startedMs);
    const answer = await loop.join({
      goesOn,
      signal,
      ...(leftMs === undefined ? {} : { withinMs: leftMs }),
    });
    this.#pipeline.handedOut(loop.connectorId, requester, answer.grant);
    return answer;
  }

  #start(connectorId: string, entry: string, first: PipelineAnswer, missed: Happenings): PollLoop {
    const loop: PollLoop = new PollLoop({
      connectorId,
      first,
      missed,
      clock: this.#clock,
      poll: (signal, waitSeconds) =>
        this.#pipeline.obtain(connectorId, {
          requester: "wait",
          signal,
          entry,
          ...(waitSeconds === undefined ? {} : { waitSeconds }),
        }),
      onEnd: () => this.#loops.delete(entry),
    });
    this.#loops.set(entry, loop);
    return loop;
  }
}
