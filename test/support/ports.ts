import { Emitter } from "../../src/core/emitter.ts";
import type { Clock, Log, LogFields, MemoryPort, SecretsPort } from "../../src/core/ports.ts";

/** A clock that stands still until a test moves it. Timers run in the order in which they are due. */
export interface FakeClock extends Clock {
  /** Moves time on; timers that fall due run at their own moment, those they start included. */
  advance(byMs: number): void;
  /** Sets the time without running timers, as a laptop that wakes or a clock that is set. */
  jumpTo(nowMs: number): void;
  /** How many timers wait; tests show that it ends at zero. */
  readonly pending: number;
  /** Resolves once at least `count` timers wait: the moment at which advancing means something. */
  waiting(count?: number): Promise<void>;
}

interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
}

export const fakeClock = (startMs = 1_700_000_000_000): FakeClock => {
  let nowMs = startMs;
  const timers = new Set<Timer>();
  const watchers = new Set<() => void>();
  const next = (untilMs: number): Timer | undefined =>
    [...timers].filter((timer) => timer.dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs)[0];
  return {
    now: () => nowMs,
    after(delayMs, run) {
      const timer = { dueMs: nowMs + delayMs, run };
      timers.add(timer);
      for (const watcher of [...watchers]) watcher();
      return { dispose: () => void timers.delete(timer) };
    },
    advance(byMs) {
      const endMs = nowMs + byMs;
      for (let timer = next(endMs); timer !== undefined; timer = next(endMs)) {
        nowMs = Math.max(nowMs, timer.dueMs);
        timers.delete(timer);
        timer.run();
      }
      nowMs = endMs;
    },
    jumpTo: (toMs) => (nowMs = toMs),
    get pending() {
      return timers.size;
    },
    waiting: (count = 1) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (timers.size < count) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
  };
};

/** Secret storage in memory. Two services over the same one are two windows of one editor. */
export interface MemorySecrets extends SecretsPort {
  /** What is stored, to look for (or plant) things in. */
  readonly entries: Map<string, string>;
  /** While set, every write and every deletion is refused with it. */
  refusal: Error | undefined;
  /** While set, nothing can be read either. */
  locked: Error | undefined;
  /** Loses everything and says nothing, as a storage without a keyring does over a restart. */
  forget(): void;
}

export const memorySecrets = (): MemorySecrets => {
  const entries = new Map<string, string>();
  const changes = new Emitter<{ readonly key: string }>();
  const port: MemorySecrets = {
    entries,
    refusal: undefined,
    locked: undefined,
    get: (key) =>
      port.locked === undefined ? Promise.resolve(entries.get(key)) : Promise.reject(port.locked),
    store: (key, value) => write(() => entries.set(key, value), key),
    delete: (key) => write(() => entries.delete(key), key),
    onDidChange: changes.event,
    forget: () => entries.clear(),
  };
  const write = (change: () => void, key: string): Promise<void> => {
    if (port.refusal !== undefined) return Promise.reject(port.refusal);
    change();
    changes.fire({ key });
    return Promise.resolve();
  };
  return port;
};

/** `globalState` in memory. Values are copied through JSON, as the editor does. */
export interface MemoryMemory extends MemoryPort {
  readonly entries: Map<string, string>;
}

export const memoryMemory = (): MemoryMemory => {
  const entries = new Map<string, string>();
  return {
    entries,
    get(key) {
      const text = entries.get(key);
      return text === undefined ? undefined : (JSON.parse(text) as unknown);
    },
    update(key, value) {
      if (value === undefined) entries.delete(key);
      else entries.set(key, JSON.stringify(value));
      return Promise.resolve();
    },
  };
};

export interface LogEntry {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly event: string;
  readonly fields: LogFields;
}

export interface RecordingLog extends Log {
  readonly entries: readonly LogEntry[];
  /** Everything as a log file would hold it: for canary searches. */
  text(): string;
}

export const recordingLog = (): RecordingLog => {
  const entries: LogEntry[] = [];
  const at =
    (level: LogEntry["level"]) =>
    (event: string, fields: LogFields = {}): void => {
      entries.push({ level, event, fields });
    };
  return {
    entries,
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    text: () => entries.map((entry) => JSON.stringify(entry)).join("\n"),
  };
};
