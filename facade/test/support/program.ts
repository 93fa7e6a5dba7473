import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { vi } from "vitest";
import { clientSecret } from "./world.ts";

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
  const child = spawn(process.execPath, [bundle, ...args], {
    env: { ...process.env, FACADE_SECRET: clientSecret },
  });
  children.add(child);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (line) => lines.push(line));
  return { child, lines, ended: once(child, "close") };
};

/** Where it listens, once it does. */
export const addressIn = ({ lines }: Program): Promise<string> =>
  vi.waitFor(
    () => {
      const found = lines.map((line) => /listens at (\S+)/.exec(line)?.[1]).find((each) => each);
      if (found === undefined) throw new Error(`It does not listen: ${lines.join()}`);
      return found;
    },
    { timeout: 20_000 },
  );
