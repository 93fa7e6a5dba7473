import { watch } from "node:fs";
import { basename, dirname } from "node:path";
import { inBackground } from "../../core/background.ts";
import { sleep, untilAborted } from "../../core/abort.ts";
import type { Disposable } from "../../core/disposable.ts";
import { Emitter } from "../../core/emitter.ts";
import { forLog } from "../../core/errors.ts";
import type { Clock, Log } from "../../core/ports.ts";
import { pauseAfter } from "../../core/retry/backoff.ts";
import type { Claim, Endpoint } from "../endpoint/endpoint.ts";
import { endpointFileOf, readEndpoint, type EndpointRecord } from "../endpoint/endpointFile.ts";
import { follow } from "./following.ts";
import { type Message, windowIdOf } from "./messages.ts";

/** What a window is among the others. */
export type Role =
  | { readonly kind: "claiming" }
  | { readonly kind: "leading"; readonly sinceMs: number }
  | { readonly kind: "following"; readonly leader: EndpointRecord; readonly send: (message: Message) => void }
  | { readonly kind: "gone" };

export interface ElectionParts {
  readonly home: string;
  readonly endpoint: Endpoint;
  readonly clock: Clock;
  readonly log: Log;
  readonly silenceMs: number;
  /** This window's secret storage does not work: any other leads better, and is given so many milliseconds to begin. */
  readonly isIll: () => boolean;
  readonly handoverMs: number;
  readonly ping: (leader: EndpointRecord) => Promise<boolean>;
  readonly hello: () => Message;
  readonly onMessage: (message: Message) => void;
  /** This window no longer leads: its followers have to find the one that does. */
  readonly onStepDown: () => void;
}

const pauses = { firstMs: 20, longestMs: 1000 };

/** Leads or follows, and changes from the one to the other when a window goes. */
export class Election {
  readonly #parts: ElectionParts;
  readonly #end = new AbortController();
  readonly #changed = new Emitter<Role>();
  #role: Role = { kind: "claiming" };
  #hasHadRole = false;
  #running: Promise<void> = Promise.resolve();
  #endTerm: () => void = () => undefined;

  readonly onDidChange = this.#changed.event;

  constructor(parts: ElectionParts) {
    this.#parts = parts;
  }

  get role(): Role {
    return this.#role;
  }

  /**
   * Resolves once this window leads or follows.
   * @throws LanyardError `endpointUnsafe` when others can reach the place.
   */
  async start(): Promise<void> {
    this.#running = this.#run();
    await Promise.race([this.settled(this.#end.signal), this.#running]);
  }

  /** The role once this window leads or follows; rejects when the signal fires first. */
  async settled(signal: AbortSignal): Promise<Role> {
    while (this.#role.kind === "claiming") await this.#nextChange(signal);
    return this.#role;
  }

  /** Looks whether helpers still find this window, if it believes so. @returns the role after that. */
  async verifyLeadership(signal: AbortSignal): Promise<Role> {
    if (this.#role.kind === "leading" && !(await this.#parts.endpoint.isPublished())) this.#stepDown();
    return this.settled(signal);
  }

  /** Introduces itself as one that does not lead, so that another takes its place. */
  stepDown(): void {
    this.#become({ kind: "gone" });
  }

  /** The one that has taken the place of this window, which goes. */
  async successor(): Promise<EndpointRecord | undefined> {
    const reading = await readEndpoint(endpointFileOf(this.#parts.home));
    if (reading.kind !== "record" || windowIdOf(reading.record) === windowIdOf(this.#parts.endpoint.record))
      return undefined;
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

  /** Lets another window lead, and follows it; leads again when none does. */
  giveWay(): void {
    if (this.#role.kind !== "leading") return;
    this.#parts.log.warn("window.givesWay");
    this.#endTermAs({ kind: "claiming" });
  }

  async stop(): Promise<void> {
    this.#become({ kind: "gone" });
    this.#end.abort();
    this.#endTerm();
    await this.#running.catch(() => undefined);
    this.#changed.dispose();
  }

  async #run(): Promise<void> {
    const { log } = this.#parts;
    let silent: EndpointRecord | undefined;
    let fruitless = 0;
    while (!this.#isOver()) {
      if (this.#hasHadRole && this.#parts.isIll()) await this.#pauseFor(this.#parts.handoverMs);
      if (this.#isOver()) return;
      const claim = await this.#claim(silent);
      silent = undefined;
      if (this.#isOver()) {
        if (claim?.kind === "free") await this.#parts.endpoint.release();
        return;
      }
      if (claim === undefined) {
        await this.#pause((fruitless += 1));
        continue;
      }
      if (claim.kind === "free") {
        fruitless = 0;
        await this.#lead();
        continue;
      }
      const { ended, admitted } = await this.#follow(claim.record);
      if (ended === "silent") silent = claim.record;
      fruitless = admitted ? 0 : fruitless + 1;
      log.debug("window.unfollowed", { how: ended, admitted });
      if (fruitless > 0) await this.#pause(fruitless);
    }
  }

  /** At the start the caller gets the failure; later the claim is tried again, because other windows depend on it. */
  async #claim(silent: EndpointRecord | undefined): Promise<Claim | undefined> {
    try {
      return await this.#parts.endpoint.publish(silent);
    } catch (error) {
      if (!this.#hasHadRole) throw error;
      this.#parts.log.error("window.claim", { error: forLog(error) });
      return undefined;
    }
  }

  async #lead(): Promise<void> {
    const { clock, endpoint, log, home } = this.#parts;
    const over = new Promise<void>((resolve) => (this.#endTerm = resolve));
    const { signal } = this.#end;
    const verify = (): void =>
      inBackground("window.verify", async () => {
        if (!signal.aborted) await this.verifyLeadership(signal).catch(() => undefined);
      });
    const watcher = watchFile(endpointFileOf(home), verify);
    this.#become({ kind: "leading", sinceMs: clock.now() });
    log.info("window.leads", { pid: process.pid });
    endpoint.sweep().catch((error: unknown) => log.warn("agent.sweep", { error: forLog(error) }));
    await over;
    watcher.dispose();
    this.#parts.onStepDown();
  }

  async #follow(leader: EndpointRecord): Promise<{ readonly ended: string; readonly admitted: boolean }> {
    const { clock, silenceMs, hello, ping, onMessage, log } = this.#parts;
    let admitted = false;
    const ended = await follow(
      leader,
      {
        ...{ clock, silenceMs, hello, ping, onMessage },
        onAdmitted: (send) => {
          admitted = true;
          this.#become({ kind: "following", leader, send });
          log.info("window.follows", { pid: leader.pid });
        },
      },
      this.#end.signal,
    );
    this.#become({ kind: "claiming" });
    return { ended, admitted };
  }

  #stepDown(): void {
    if (this.#role.kind !== "leading") return;
    this.#parts.log.warn("window.deposed");
    this.#endTermAs({ kind: "claiming" });
  }

  #endTermAs(role: Role): void {
    this.#become(role);
    this.#endTerm();
  }

  #become(role: Role): void {
    if (this.#role.kind === "gone") return;
    this.#role = role;
    this.#hasHadRole ||= role.kind !== "claiming";
    this.#changed.fire(role);
  }

  #isOver(): boolean {
    return this.#end.signal.aborted || this.#role.kind === "gone";
  }

  async #pause(fruitless: number): Promise<void> {
    await this.#pauseFor(pauseAfter(fruitless, pauses));
  }

  async #pauseFor(delayMs: number): Promise<void> {
    await sleep(this.#parts.clock, delayMs, this.#end.signal).catch(() => undefined);
  }

  async #nextChange(signal: AbortSignal): Promise<void> {
    let tell = (): void => undefined;
    const changed = new Promise<void>((resolve) => (tell = resolve));
    const listening = this.#changed.event(() => tell());
    try {
      await untilAborted(changed, signal);
    } finally {
      listening.dispose();
    }
  }
}

/** Tells when a file comes, goes or changes; never, where files cannot be watched. */
const watchFile = (file: string, onChange: () => void): Disposable => {
  try {
    const watcher = watch(dirname(file), { persistent: false }, (_kind, name) => {
      if (name === null || name === basename(file)) onChange();
    });
    watcher.on("error", () => watcher.close());
    return { dispose: () => watcher.close() };
  } catch {
    return { dispose: () => undefined };
  }
};
