import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { expect, test } from "vitest";
import { run, startTree } from "../../../scripts/support/processes.ts";

/** A program with a child of its own, both deaf to SIGTERM; it says both process ids. */
const stubborn = `
  process.on("SIGTERM", () => {});
  const grandchild = require("node:child_process").spawn(process.execPath,
    ["-e", "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)"]);
  grandchild.stdout.once("data", () => console.log(process.pid + " " + grandchild.pid));
  setInterval(() => {}, 1000);
`;

const firstLine = async (stream: Readable): Promise<string> => {
  for await (const line of createInterface({ input: stream })) return line;
  throw new Error("It said nothing.");
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test.skipIf(process.platform === "win32")(
  "stopping a tree ends descendants that ignore SIGTERM, and waits",
  async () => {
    const tree = startTree(process.execPath, ["-e", stubborn]);
    const pids = (await firstLine(tree.stdout)).split(" ").map(Number);
    expect(pids.map(isAlive)).toEqual([true, true]);
    await tree.stop();
    expect(pids.map(isAlive)).toEqual([false, false]);
  },
  30_000,
);

test("a program's own end and its exit code are passed on", async () => {
  const tree = startTree(process.execPath, ["-e", "process.exit(7)"]);
  tree.stdout.resume();
  tree.stderr.resume();
  expect(await tree.exited).toBe(7);
});

test("a program that fails is reported with its last words", async () => {
  await expect(
    run(process.execPath, ["-e", "console.error('no such luck'); process.exit(1)"]),
  ).rejects.toThrow(/no such luck/);
});

test("a program that does not exist is an error, not a wait", async () => {
  await expect(run("/no/such/program", [])).rejects.toThrow(/ended with 127/);
});
