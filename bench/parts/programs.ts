import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { run } from "../../test/process/support.ts";

/** A program of the bench's own, which ends when its stdin does. */
export interface Program extends AsyncDisposable {
  /** The line that it said first. */
  readonly said: string;
}

/** Starts a TypeScript file on the Node that runs the bench, and waits for its first line. */
export const startProgram = async (file: string, ...args: readonly string[]): Promise<Program> => {
  const child = spawn(process.execPath, [file, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const closed = once(child, "close");
  const line = once(createInterface({ input: child.stdout }), "line") as Promise<[string]>;
  const first = await Promise.race([line, closed.then(() => undefined)]);
  if (first === undefined) throw new Error(`${file} ended before it said anything.`);
  return {
    said: first[0],
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await closed;
    },
  };
};

/** Runs a program to its end, its output read as a helper's is. @returns how long it took, in milliseconds. @throws when it fails. */
export const timeOf = async (
  [command = "", ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<number> => {
  const ran = await run([command, ...args], { env: { PATH: process.env["PATH"] ?? "", ...env } });
  if (ran.exitCode !== 0) throw new Error(`${command} ended with ${ran.exitCode ?? "a signal"}.`);
  return ran.tookMs;
};
