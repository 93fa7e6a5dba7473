import { appendFile, mkdir, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  historyLine,
  readHistoryLine,
  type History,
  type HistoryEvent,
  type HistoryLine,
} from "../core/history/history.ts";
import { errnoOf } from "../core/errors.ts";
import type { Clock } from "../core/ports.ts";

/** Where the history of a Lanyard home lies; only the user reads it. */
export const historyFolder = (home: string): string => join(home, "history");

/** Calls have files of their own: however many there are, they push out nothing else. */
const series = ["history", "calls"] as const;
type Series = (typeof series)[number];

const presentOf = (name: Series): string => `${name}.jsonl`;
const pastOf: Readonly<Record<Series, RegExp>> = {
  history: /^history-\d{13,16}-\d+\.jsonl$/,
  calls: /^calls-\d{13,16}-\d+\.jsonl$/,
};
const segmentBytes = 256 * 1024;
/** Beside the present one. */
const mostPast = 3;

export interface HistoryFileParts {
  readonly home: string;
  readonly clock: Clock;
  /** Told once when nothing can be written; the history then has a gap. */
  readonly onError: (error: unknown) => void;
  readonly segmentBytes?: number;
}

/**
 * The history as lines of JSON that all windows append to. A segment that is full is renamed to a name of its own, so
 * that rivals never overwrite each other's, and the oldest go.
 */
export class HistoryFile implements History {
  readonly #parts: HistoryFileParts;
  readonly #folder: string;
  #writing: Promise<void> = Promise.resolve();
  #hasFailed = false;

  constructor(parts: HistoryFileParts) {
    this.#parts = parts;
    this.#folder = historyFolder(parts.home);
  }

  note(event: HistoryEvent): void {
    const line = `${JSON.stringify(historyLine(event, this.#parts.clock.now()))}\n`;
    const name = event.kind === "call" ? "calls" : "history";
    this.#writing = this.#writing
      .then(() => this.#append(line, name))
      .catch((error: unknown) => {
        if (!this.#hasFailed) this.#parts.onError(error);
        this.#hasFailed = true;
      });
  }

  /** Resolves once everything that was noted is written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #append(line: string, series: Series): Promise<void> {
    const path = join(this.#folder, presentOf(series));
    const append = (): Promise<void> => appendFile(path, line, { mode: 0o600 });
    await append().catch(async (error: unknown) => {
      if (errnoOf(error) !== "ENOENT") throw error;
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await append();
    });
    // Another window may just have put the full one aside.
    const size = (await stat(path).catch(() => undefined))?.size ?? 0;
    if (size < (this.#parts.segmentBytes ?? segmentBytes)) return;
    const name = `${series}-${String(this.#parts.clock.now()).padStart(13, "0")}-${process.pid}.jsonl`;
    await rename(path, join(this.#folder, name)).catch(() => undefined);
    const old = (await pastSegments(this.#folder, series)).slice(0, -mostPast);
    await Promise.all(old.map((each) => rm(join(this.#folder, each), { force: true })));
  }
}

/** Oldest first. */
const pastSegments = async (folder: string, series: Series): Promise<readonly string[]> =>
  (await readdir(folder)).filter((name) => pastOf[series].test(name)).sort();

/** Everything that is kept, oldest first. A history that is not there is empty. */
export const readHistory = async (home: string): Promise<readonly HistoryLine[]> => {
  const folder = historyFolder(home);
  const past = series.map((each) => pastSegments(folder, each).catch(() => []));
  const names = [...(await Promise.all(past)).flat(), ...series.map(presentOf)];
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), "utf8").catch(() => "")));
  const lines = texts.flatMap((text) => text.split("\n")).map(readHistoryLine);
  return lines.filter((line) => line !== undefined).sort((a, b) => a.atMs - b.atMs);
};
