/**
 * Stands in for the native module @vscode/spdlog, which is not compiled here: the editor's log files, in plain
 * JavaScript. The interface is that module's; files are not rotated.
 */
import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

const levels = ["trace", "debug", "info", "warning", "error", "critical"];

export class Logger {
  readonly #file: string;
  #level = 2;
  #bare = false;

  constructor(_type: string, _name: string, file: string) {
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, "");
  }

  readonly trace = (message: string): void => this.#write(0, message);
  readonly debug = (message: string): void => this.#write(1, message);
  readonly info = (message: string): void => this.#write(2, message);
  readonly warn = (message: string): void => this.#write(3, message);
  readonly error = (message: string): void => this.#write(4, message);
  readonly critical = (message: string): void => this.#write(5, message);
  readonly getLevel = (): number => this.#level;
  readonly setLevel = (level: number): void => void (this.#level = level);
  readonly setPattern = (): void => undefined;
  readonly clearFormatters = (): void => void (this.#bare = true);
  readonly flush = (): void => undefined;
  readonly drop = (): void => undefined;

  #write(level: number, message: string): void {
    if (level < this.#level) return;
    const time = new Date().toISOString().replace("T", " ").replace("Z", "");
    try {
      appendFileSync(this.#file, this.#bare ? message : `${time} [${levels[level] ?? ""}] ${message}\n`);
    } catch {
      // The log folder is gone: the editor is being taken away.
    }
  }
}

export const version = 0;
export const setLevel = (): void => undefined;
export const setFlushOn = (): void => undefined;
export const createRotatingLogger = (name: string, file: string): Promise<Logger> =>
  Promise.resolve(new Logger("rotating", name, file));
export const createAsyncRotatingLogger = createRotatingLogger;
