import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { inBackground } from "../../core/background.ts";
import { orAfter, sleep, untilAborted } from "../../core/abort.ts";
import { disposable, type Disposable } from "../../core/disposable.ts";
import { forLog, LanyardError } from "../../core/errors.ts";
import type { Turn } from "../../core/identity/context.ts";
import type { Clock, Log } from "../../core/ports.ts";
import { placeClaim, removeClaim } from "./claimFile.ts";
import { callEndpoint } from "../client.ts";
import {
  formatEndpoint,
  readEndpoint,
  runDirectoryOf,
  type EndpointReading,
  type EndpointRecord,
} from "./endpointFile.ts";
import { exitCodes } from "../api/exitCodes.ts";
import { readPlainReply } from "../api/replies.ts";
import { unsafe } from "./safety.ts";
import { paths } from "../wire.ts";

export interface LockParts {
  readonly home: string;
  /** This window's own endpoint: what others ask to learn when it is done. */
  readonly record: EndpointRecord;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Partial<LockLimits>;
}

export interface LockLimits {
  /** How long one question to the holder may take; asked again while it lives. */
  readonly askMs: number;
  /** How long a holder may hang before what it holds is taken. */
  readonly hangMs: number;
  /** How long a holder that lives is waited for. */
  readonly patienceMs: number;
  /** How long what a dead holder may have stored takes to be seen here. */
  readonly storageDelayMs: number;
  /** How long a window that closes waits for its own work. */
  readonly finishMs: number;
}

const defaultLimits: LockLimits = {
  ...{ askMs: 5000, hangMs: 30_000, patienceMs: 60_000 },
  ...{ storageDelayMs: 400, finishMs: 2500 },
};

/** What one window alone of this user and machine may do at a time: a claim each, which dies with its window. */
export class Locks {
  readonly #parts: LockParts;
  readonly #limits: LockLimits;
  /** What this window holds, by name. */
  readonly #held = new Map<string, Held>();
  /** What is done here under a lock now; never rejects. */
  readonly #working = new Set<Promise<void>>();
  /** Kept for others' sake only: this window may go on at once. */
  readonly #lingering = new Map<string, Disposable>();
  readonly #stopped = new AbortController();

  constructor(parts: LockParts) {
    this.#parts = parts;
    this.#limits = { ...defaultLimits, ...parts.limits };
  }

  /**
   * Does the work while no other window does any of this name. Pieces of work of one name in this window must not
   * overlap. @throws LanyardError `timedOut` when another window does not finish, `endpointUnsafe` when others can
   * reach the place.
   */
  async run<T>(name: string, work: (turn: Turn) => Promise<T>): Promise<T> {
    const lock = lockName(name);
    const lingering = this.#lingering.get(lock);
    const isTakenOver = lingering === undefined && (await this.#claim(lock).catch(placeFailed));
    lingering?.dispose();
    let holdMs = 0;
    let end = nothing;
    const working = new Promise<void>((resolve) => (end = resolve));
    this.#working.add(working);
    try {
      return await work({ holdFor: (ms) => (holdMs = Math.max(holdMs, ms)), isTakenOver });
    } finally {
      this.#working.delete(working);
      end();
      if (holdMs > 0 && !this.#stopped.signal.aborted) this.#linger(lock, holdMs);
      else await this.#release(lock);
    }
  }

  /** Resolves once this window holds no lock of that name. Rejects when the signal fires first. */
  async released(lock: string, signal: AbortSignal): Promise<void> {
    await untilAborted(this.#held.get(lock)?.done ?? Promise.resolve(), signal);
  }

  /**
   * Waits for what is under way: the only good refresh token may be in a reply that is about to come. Then until others
   * have seen what was stored, and lets go of everything.
   */
  async stop(): Promise<void> {
    const { clock } = this.#parts;
    const { finishMs, storageDelayMs } = this.#limits;
    await orAfter(Promise.all(this.#working).then(nothing), clock, finishMs, nothing);
    const all = Promise.all([...this.#held.values()].map(({ done }) => done));
    await orAfter(all.then(nothing), clock, storageDelayMs, nothing);
    this.#stopped.abort(new LanyardError("cancelled", "The window is closing."));
    for (const lingering of [...this.#lingering.values()]) lingering.dispose();
    await Promise.all([...this.#held.keys()].map((lock) => this.#release(lock)));
  }

  async #release(lock: string): Promise<void> {
    const held = this.#held.get(lock);
    if (held === undefined) return;
    try {
      await removeClaim(this.#fileOf(lock), held.text);
    } catch (error) {
      this.#parts.log.warn("lock.release", { error: forLog(error) });
    } finally {
      if (this.#held.get(lock) === held) this.#held.delete(lock);
      held.tell();
    }
  }

  /** Others are kept out a little longer. Who takes it over here ends that without letting go of the claim. */
  #linger(lock: string, holdMs: number): void {
    const end = (): boolean => this.#lingering.delete(lock);
    const timer = this.#parts.clock.after(holdMs, () => {
      end();
      inBackground("lock.release", () => this.#release(lock));
    });
    this.#lingering.set(
      lock,
      disposable(() => {
        timer.dispose();
        end();
      }),
    );
  }

  /** @returns whether it was taken from one who died or hangs. */
  async #claim(lock: string): Promise<boolean> {
    const file = this.#fileOf(lock);
    const text = `${formatEndpoint(this.#parts.record)}# claim = ${randomBytes(8).toString("hex")}\n`;
    const waiting = new Waiting(this.#limits);
    let isTakenOver = false;
    while (!(await placeClaim(file, text))) {
      const reading = await readEndpoint(file);
      if (reading.kind === "absent") continue;
      const holder = holderOf(file, reading);
      const life = holder === undefined ? "dead" : await this.#waitFor(holder, lock);
      if (waiting.isAbandoned(life, textOf(reading))) {
        this.#parts.log.warn("lock.left", { life });
        await removeClaim(file, textOf(reading));
        if (life === "released") continue;
        isTakenOver = true;
        await this.#sleep(this.#limits.storageDelayMs);
      } else if (life !== "busy") await this.#sleep(pauseMs);
    }
    let tell = nothing;
    const done = new Promise<void>((resolve) => (tell = resolve));
    this.#held.set(lock, { text, done, tell });
    return isTakenOver;
  }

  /** Hears of the end of what the holder does, or of the holder's own. */
  async #waitFor(holder: EndpointRecord, lock: string): Promise<Life> {
    const called = await callEndpoint(holder, {
      path: paths.locks,
      message: { lock, deadlineMs: this.#limits.askMs },
      accept: "plain",
      timeoutMs: this.#limits.askMs,
      signal: this.#stopped.signal,
    });
    this.#stopped.signal.throwIfAborted();
    if (called.kind !== "reply") return called.kind === "absent" ? "dead" : "silent";
    return readPlainReply(called.body)?.exitCode === exitCodes.ok ? "released" : "busy";
  }

  async #sleep(ms: number): Promise<void> {
    await sleep(this.#parts.clock, ms, this.#stopped.signal);
  }

  #fileOf(lock: string): string {
    return join(runDirectoryOf(this.#parts.home), `lock-${lock}`);
  }
}

interface Held {
  readonly text: string;
  readonly done: Promise<void>;
  readonly tell: () => void;
}

/** What became of asking a holder: it is done, goes on, does not answer, or is gone. */
type Life = "released" | "busy" | "silent" | "dead";

const pauseMs = 20;

/** Judges by what is heard over time. */
class Waiting {
  readonly #limits: LockLimits;
  readonly #startedMs = performance.now();
  #silentSinceMs: number | undefined;
  #releasedText: string | undefined;

  constructor(limits: LockLimits) {
    this.#limits = limits;
  }

  /** Whether the claim is worth nothing. @throws LanyardError `timedOut` when a holder that lives takes too long. */
  isAbandoned(life: Life, text: string): boolean {
    const nowMs = performance.now();
    this.#silentSinceMs = life === "silent" ? (this.#silentSinceMs ?? nowMs) : undefined;
    if (life === "dead") return true;
    if (life === "released") {
      // Once it is just being removed; the same claim again was forgotten.
      const isForgotten = this.#releasedText === text;
      this.#releasedText = text;
      return isForgotten;
    }
    if (this.#silentSinceMs !== undefined && nowMs - this.#silentSinceMs > this.#limits.hangMs) return true;
    if (nowMs - this.#startedMs < this.#limits.patienceMs) return false;
    throw new LanyardError(
      "timedOut",
      "Another window of the editor renews the session and does not finish. Reload it.",
    );
  }
}

const nothing = (): void => undefined;

/** No name that tells who signed in where. */
const lockName = (name: string): string => createHash("sha256").update(name).digest("hex").slice(0, 16);

const holderOf = (file: string, reading: EndpointReading): EndpointRecord | undefined => {
  if (reading.kind === "unsafe") throw unsafe(file, reading.what);
  if (reading.kind === "unreadable")
    throw new LanyardError("endpointUnsafe", `${file} cannot be read. Remove it.`);
  return reading.kind === "record" ? reading.record : undefined;
};

const textOf = (reading: EndpointReading): string =>
  reading.kind === "record" || reading.kind === "garbled" ? reading.text : "";

const placeProblems: Readonly<Record<string, string>> = {
  ENOSPC: "The disk is full, so the sign-in cannot be renewed. Make room on it.",
  EDQUOT: "Your quota on the disk is used up, so the sign-in cannot be renewed. Make room on it.",
  EROFS: "Lanyard's folder is on a disk that is read-only, so the sign-in cannot be renewed.",
  EACCES: "Lanyard's folder cannot be written, so the sign-in cannot be renewed. Check whom it belongs to.",
  EPERM: "Lanyard's folder cannot be written, so the sign-in cannot be renewed. Check whom it belongs to.",
  ENOENT: "Lanyard's folder is gone, so the sign-in cannot be renewed. Reload the window.",
};

/** Why a claim cannot be placed, said by the system's code. */
const placeFailed = (error: unknown): never => {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const problem = placeProblems[code];
  throw problem === undefined ? error : new LanyardError("storageFailed", problem, { cause: error });
};
