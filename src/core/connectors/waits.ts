import { sleep, untilAborted } from "../abort.ts";
import type { Grant } from "../credentials/grant.ts";
import { disposable, type Disposable } from "../disposable.ts";
import type { Clock } from "../ports.ts";
import type { AskOptions, Pipeline, PipelineAnswer } from "./pipeline.ts";

/** How long a vault that knows how may hold one poll: below the limit on replies. */
const heldPollSeconds = 8;
const shortestPauseMs = 25;

export interface PatientOptions extends AskOptions {
  /** Milliseconds from now after which the last known answer is given. */
  readonly deadlineMs: number;
}

/**
 * Waits for people. While somebody approves a push, connects an account or signs in, those who ask share one
 * wait a connector, and hear the moment it is granted.
 */
export class Waits implements Disposable {
  readonly #pipeline: Pipeline;
  readonly #clock: Clock;
  readonly #vigils = new Map<string, Vigil>();
  readonly #acting = new Map<string, number>();

  constructor(parts: { readonly pipeline: Pipeline; readonly clock: Clock }) {
    this.#pipeline = parts.pipeline;
    this.#clock = parts.clock;
  }

  /** Asks, and waits inside the deadline when the person is busy changing the answer. */
  async ask(connectorId: string, options: PatientOptions): Promise<PipelineAnswer> {
    const startedMs = this.#clock.now();
    const answer = await this.#pipeline.ask(connectorId, options);
    if (!this.#isWorthWaiting(connectorId, answer.grant)) return answer;
    const leftMs = options.deadlineMs - (this.#clock.now() - startedMs);
    const later = await this.#join(connectorId, answer, leftMs, options.signal);
    this.#pipeline.handedOut(connectorId, options.asker, later.grant);
    return later;
  }

  /** Keeps asking until the connector no longer waits for the person, its time is up, or the signal fires. */
  async follow(connectorId: string, signal: AbortSignal): Promise<PipelineAnswer> {
    const answer = await this.#pipeline.ask(connectorId, { asker: "wait", signal });
    if (!isWaiting(answer.grant)) return answer;
    return this.#join(connectorId, answer, undefined, signal);
  }

  /** The person acts on this connector until the result is disposed of: helpers that ask meanwhile wait. */
  acting(connectorId: string): Disposable {
    this.#acting.set(connectorId, (this.#acting.get(connectorId) ?? 0) + 1);
    return disposable(() => {
      const left = (this.#acting.get(connectorId) ?? 1) - 1;
      if (left > 0) this.#acting.set(connectorId, left);
      else this.#acting.delete(connectorId);
      this.wake(connectorId);
    });
  }

  isActing(connectorId: string): boolean {
    return this.#acting.has(connectorId);
  }

  /** Something happened that may change the answer (a sign-in, a redirect that came back): ask now. */
  wake(connectorId: string): void {
    this.#vigils.get(connectorId)?.wake();
  }

  wakeAll(): void {
    for (const vigil of this.#vigils.values()) vigil.wake();
  }

  /** How many connectors are being waited for; tests show that it ends at zero. */
  get size(): number {
    return this.#vigils.size;
  }

  dispose(): void {
    for (const vigil of this.#vigils.values()) vigil.end();
    this.#acting.clear();
  }

  #isWorthWaiting(connectorId: string, grant: Grant): boolean {
    if (grant.kind === "pending" || (grant.kind === "stepUp" && grant.how.kind === "push")) return true;
    return this.isActing(connectorId) && (isWaiting(grant) || grant.kind === "signedOut");
  }

  async #join(
    connectorId: string,
    answer: PipelineAnswer,
    leftMs: number | undefined,
    signal: AbortSignal,
  ): Promise<PipelineAnswer> {
    const vigil = this.#vigils.get(connectorId) ?? this.#start(connectorId, answer);
    vigil.join();
    const patience = new AbortController();
    const timer = leftMs === undefined ? undefined : this.#clock.after(leftMs, () => patience.abort());
    try {
      return await untilAborted(vigil.outcome, AbortSignal.any([signal, patience.signal]));
    } catch (error) {
      if (patience.signal.aborted && !signal.aborted) return vigil.latest;
      throw error;
    } finally {
      timer?.dispose();
      vigil.leave();
    }
  }

  #start(connectorId: string, answer: PipelineAnswer): Vigil {
    const vigil: Vigil = new Vigil(answer, this.#clock, (signal, waitSeconds) =>
      this.#pipeline.ask(connectorId, {
        asker: "wait",
        signal,
        ...(waitSeconds === undefined ? {} : { waitSeconds }),
      }),
    );
    this.#vigils.set(connectorId, vigil);
    void vigil.outcome.finally(() => {
      if (this.#vigils.get(connectorId) === vigil) this.#vigils.delete(connectorId);
    });
    return vigil;
  }
}

/** Whether a person's act, and nothing else, changes this answer. */
export const isWaiting = (grant: Grant): boolean =>
  grant.kind === "needsConnection" || grant.kind === "stepUp" || grant.kind === "pending";

/** How soon a poll may follow the one before; `undefined` where only an event changes the answer. */
const intervalOf = (grant: Grant): number | undefined => {
  if (grant.kind === "needsConnection" || grant.kind === "pending") return grant.intervalMs;
  if (grant.kind === "stepUp" && grant.how.kind !== "reauthenticate") return grant.how.intervalMs;
  return undefined;
};

const expiryOf = (grant: Grant): number | undefined => {
  if (grant.kind === "needsConnection" || grant.kind === "pending") return grant.expiresAtMs;
  if (grant.kind === "stepUp" && grant.how.kind !== "reauthenticate") return grant.how.expiresAtMs;
  return undefined;
};

/** One connector's wait: a poll loop that lives as long as somebody listens. */
class Vigil {
  latest: PipelineAnswer;
  readonly outcome: Promise<PipelineAnswer>;
  readonly #clock: Clock;
  readonly #askAgain: (signal: AbortSignal, waitSeconds?: number) => Promise<PipelineAnswer>;
  readonly #over = new AbortController();
  #listeners = 0;
  #alarm = new AbortController();

  constructor(
    first: PipelineAnswer,
    clock: Clock,
    askAgain: (signal: AbortSignal, waitSeconds?: number) => Promise<PipelineAnswer>,
  ) {
    this.latest = first;
    this.#clock = clock;
    this.#askAgain = askAgain;
    this.outcome = this.#watch();
  }

  join(): void {
    this.#listeners += 1;
  }

  leave(): void {
    this.#listeners -= 1;
    if (this.#listeners === 0) this.end();
  }

  wake(): void {
    this.#alarm.abort();
  }

  end(): void {
    this.#over.abort();
    this.#alarm.abort();
  }

  /** Never rejects: when it ends early, the last known answer stands. */
  async #watch(): Promise<PipelineAnswer> {
    let intervalMs = intervalOf(this.latest.grant);
    let expiresAtMs = expiryOf(this.latest.grant);
    let askedAtMs = this.#clock.now();
    while (!this.#over.signal.aborted) {
      await this.#pause(intervalMs, askedAtMs, expiresAtMs);
      if (this.#isOver(expiresAtMs)) break;
      askedAtMs = this.#clock.now();
      const answer = await this.#ask(intervalMs);
      if (answer === undefined) break;
      const { grant } = answer;
      if (grant.kind === "unavailable") {
        intervalMs = Math.max(intervalMs ?? 0, grant.retryAtMs - this.#clock.now());
        continue;
      }
      this.latest = answer;
      if (!isWaiting(grant)) break;
      intervalMs = intervalOf(grant);
      expiresAtMs = expiryOf(grant);
    }
    return this.latest;
  }

  #isOver(expiresAtMs: number | undefined): boolean {
    return this.#over.signal.aborted || (expiresAtMs !== undefined && this.#clock.now() >= expiresAtMs);
  }

  async #ask(intervalMs: number | undefined): Promise<PipelineAnswer | undefined> {
    const waitSeconds = intervalMs === undefined ? undefined : heldPollSeconds;
    try {
      return await this.#askAgain(this.#over.signal, waitSeconds);
    } catch {
      return undefined;
    }
  }

  /** Until the interval since the last question has passed, the answer's time is up, or somebody wakes it. */
  async #pause(
    intervalMs: number | undefined,
    askedAtMs: number,
    expiresAtMs: number | undefined,
  ): Promise<void> {
    this.#alarm = new AbortController();
    if (this.#over.signal.aborted) return;
    const nowMs = this.#clock.now();
    const dueMs =
      intervalMs === undefined ? undefined : Math.max(askedAtMs + intervalMs, nowMs + shortestPauseMs);
    const untilMs = Math.min(dueMs ?? Infinity, expiresAtMs ?? Infinity);
    try {
      const { signal } = this.#alarm;
      if (untilMs === Infinity) await untilAborted(new Promise<never>(() => undefined), signal);
      else await sleep(this.#clock, Math.max(0, untilMs - nowMs), signal);
    } catch {
      // Woken: the loop decides what that means.
    }
  }
}
