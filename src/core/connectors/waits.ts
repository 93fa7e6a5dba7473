import type { Grant } from "../credentials/grant.ts";
import { disposable, type Disposable } from "../disposable.ts";
import type { Clock } from "../ports.ts";
import type { AskOptions, Pipeline } from "./pipeline.ts";
import type { PipelineAnswer } from "./answer.ts";
import { Vigil, type Happenings } from "./vigil.ts";
import { isWaiting } from "./waiting.ts";

export interface PatientOptions extends Omit<AskOptions, "withinMs" | "waitSeconds" | "entry"> {
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
  /** By entry, not by id: nobody waits for an entry that has changed since they asked. */
  readonly #vigils = new Map<string, Vigil>();
  readonly #acting = new Map<string, number>();
  /** First questions under way: what happens meanwhile may make their answer stale. */
  readonly #firsts = new Set<{ readonly connectorId: string; readonly missed: Happenings }>();
  #disposed = false;

  constructor(parts: { readonly pipeline: Pipeline; readonly clock: Clock }) {
    this.#pipeline = parts.pipeline;
    this.#clock = parts.clock;
  }

  /** Asks, and waits inside the deadline when the person is busy changing the answer. */
  async ask(connectorId: string, options: PatientOptions): Promise<PipelineAnswer> {
    const { deadlineMs, ...rest } = options;
    const goesOn = (grant: Grant): boolean => this.#isWorthWaiting(connectorId, grant);
    return this.#wait(connectorId, { ...rest, withinMs: deadlineMs }, goesOn);
  }

  /** Keeps asking until the connector no longer waits for the person, its time is up, or the signal fires. */
  async follow(connectorId: string, signal: AbortSignal): Promise<PipelineAnswer> {
    const goesOn = (grant: Grant): boolean => isWaiting(grant) || this.#isWorthWaiting(connectorId, grant);
    return this.#wait(connectorId, { asker: "wait", signal }, goesOn);
  }

  /** Asks once, for a person who checks; whoever waits hears the answer too. */
  async check(connectorId: string, signal: AbortSignal): Promise<PipelineAnswer> {
    return this.#wait(connectorId, { asker: "check", signal }, () => false);
  }

  /** Tells whoever waits for a connector what became of it. */
  tell(connectorId: string, answer: PipelineAnswer): void {
    const entry = this.#pipeline.entryOf(connectorId);
    if (entry !== undefined) this.#vigils.get(entry)?.take(answer);
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

  /** Something happened that may change this connector's answer (a redirect that came back): ask now. */
  wake(connectorId: string): void {
    const concerned = (each: { readonly connectorId: string }): boolean => each.connectorId === connectorId;
    for (const { missed } of [...this.#firsts].filter(concerned)) missed.woken = true;
    for (const vigil of [...this.#vigils.values()].filter(concerned)) vigil.wake();
  }

  /** The person does not want to be waited for: whoever waits for this connector gets the last known answer. */
  giveUp(connectorId: string): void {
    for (const vigil of [...this.#vigils.values()]) if (vigil.connectorId === connectorId) vigil.end();
  }

  /** A session came, went or changed: whoever waits for a sign-in asks now. */
  wakeAll(): void {
    for (const { missed } of this.#firsts) missed.sessionChanged = true;
    for (const vigil of [...this.#vigils.values()]) vigil.sessionChanged();
  }

  /** How many waits and first questions are under way; tests show that it ends at zero. */
  get size(): number {
    return this.#vigils.size + this.#firsts.size;
  }

  /** Whoever waits gets the last known answer, and nobody waits any more. */
  dispose(): void {
    this.#disposed = true;
    this.#acting.clear();
    for (const vigil of [...this.#vigils.values()]) vigil.end();
  }

  #isWorthWaiting(connectorId: string, grant: Grant): boolean {
    if (grant.kind === "pending" || (grant.kind === "stepUp" && grant.how.kind === "push")) return true;
    return this.isActing(connectorId) && (isWaiting(grant) || grant.kind === "signedOut");
  }

  /** A wait that is under way is joined without a question of one's own: sources are asked once an interval. */
  async #wait(
    connectorId: string,
    options: AskOptions,
    goesOn: (grant: Grant) => boolean,
  ): Promise<PipelineAnswer> {
    const entry = this.#pipeline.entryOf(connectorId);
    const startedMs = this.#clock.now();
    const known = entry === undefined ? undefined : this.#vigils.get(entry);
    if (known !== undefined && goesOn(known.latest.grant)) {
      this.#pipeline.noteAsked(connectorId, options.asker);
      return this.#listen(known, options, goesOn, startedMs);
    }
    const { answer: first, missed } = await this.#askFirst(connectorId, entry, options);
    if (entry === undefined || this.#disposed) return first;
    this.#vigils.get(entry)?.take(first);
    if (!goesOn(first.grant)) return first;
    const vigil = this.#vigils.get(entry) ?? this.#start(connectorId, entry, first, missed);
    return this.#listen(vigil, options, goesOn, startedMs);
  }

  async #askFirst(
    connectorId: string,
    entry: string | undefined,
    options: AskOptions,
  ): Promise<{ readonly answer: PipelineAnswer; readonly missed: Happenings }> {
    const first = { connectorId, missed: { woken: false, sessionChanged: false } };
    this.#firsts.add(first);
    try {
      const meant = entry === undefined ? {} : { entry };
      return {
        answer: await this.#pipeline.ask(connectorId, { ...options, ...meant }),
        missed: first.missed,
      };
    } finally {
      this.#firsts.delete(first);
    }
  }

  async #listen(
    vigil: Vigil,
    { asker, signal, withinMs }: AskOptions,
    goesOn: (grant: Grant) => boolean,
    startedMs: number,
  ): Promise<PipelineAnswer> {
    const leftMs = withinMs === undefined ? undefined : withinMs - (this.#clock.now() - startedMs);
    const answer = await vigil.join({
      goesOn,
      signal,
      ...(leftMs === undefined ? {} : { withinMs: leftMs }),
    });
    this.#pipeline.handedOut(vigil.connectorId, asker, answer.grant);
    return answer;
  }

  #start(connectorId: string, entry: string, first: PipelineAnswer, missed: Happenings): Vigil {
    const vigil: Vigil = new Vigil({
      connectorId,
      first,
      missed,
      clock: this.#clock,
      ask: (signal, waitSeconds) =>
        this.#pipeline.ask(connectorId, {
          asker: "wait",
          signal,
          entry,
          ...(waitSeconds === undefined ? {} : { waitSeconds }),
        }),
      onEnd: () => void this.#vigils.delete(entry),
    });
    this.#vigils.set(entry, vigil);
    return vigil;
  }
}
