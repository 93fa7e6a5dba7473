import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect } from "vitest";

/** The bundle as a process, as an administrator starts it. */
export interface Program {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  readonly ended: Promise<unknown>;
}

/** Ends those that a test has left. */
const children = new Set<ChildProcess>();
export const endPrograms = (): void => {
  for (const child of children) child.kill("SIGKILL");
};

export const runFacade = (bundle: string, args: readonly string[]): Program => {
  const child = spawn(process.execPath, [bundle, ...args], { env: { ...process.env, FACADE_SECRET: "s" } });
  children.add(child);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (line) => lines.push(line));
  return { child, lines, ended: once(child, "close") };
};

/** Where it listens, once it does. */
export const addressIn = async ({ lines }: Program): Promise<string> => {
  const found = (): string | undefined =>
    lines.map((line) => /listens at (\S+)/.exec(line)?.[1]).find((each) => each);
  await expect.poll(found, { timeout: 20_000 }).toBeDefined();
  return found() ?? "";
};
