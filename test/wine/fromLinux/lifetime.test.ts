/** That nothing of a Windows outlives who opened it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, readlink, realpath } from "node:fs/promises";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { inRoot } from "../../../scripts/support/paths.ts";
import { debian, nodeProgram } from "../../../scripts/wine/places.ts";
import { openWindows } from "../../../scripts/wine/windows.ts";

/** A program that has started another in the background, and neither ends. */
const stays = [
  "const { spawn } = require('child_process');",
  "spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1e6)'], { detached: true, stdio: 'ignore' });",
  "setInterval(() => undefined, 1e6); console.log('up');",
].join(" ");
/** One that starts others, one after the other, as tests do. */
const starts = [
  "const start = () => require('child_process').execFile(process.execPath, ['-v'], start);",
  "start(); console.log('up');",
].join(" ");
const line = [nodeProgram, "-e", stays];

/** The processes whose root is the lab's, as seen from here: Windows' programs and Wine's own. */
const idsInThere = async (): Promise<readonly string[]> => {
  const root = await realpath(debian);
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const roots = await Promise.all(ids.map((id) => readlink(`/proc/${id}/root`).catch(() => "")));
  return ids.filter((_id, index) => roots[index] === root);
};

const processesInThere = async (): Promise<number> => (await idsInThere()).length;

const serversInThere = async (): Promise<readonly number[]> => {
  const named = await Promise.all(
    (await idsInThere()).map(async (id) => ((await nameOf(id)).startsWith("wineserver") ? [Number(id)] : [])),
  );
  return named.flat();
};

const nameOf = async (id: string): Promise<string> =>
  (await readFile(`/proc/${id}/comm`, "utf8").catch(() => "")).trim();

test("what a program started ends with its Windows", async () => {
  await using windows = await openWindows();
  const program = await windows.start(line, { limitMs: 60_000 });
  await expect.poll(async () => (await program.said()).stdout).toContain("up");
  expect(await processesInThere()).toBeGreaterThan(3);
  await windows[Symbol.asyncDispose]();
  expect(await processesInThere()).toBe(0);
});

test("a program is ended at its limit, and what it started with its Windows", async () => {
  const windows = await openWindows();
  expect(await windows.run(line, { limitMs: 5_000 })).toMatchObject({ exitCode: 124 });
  await windows[Symbol.asyncDispose]();
  expect(await processesInThere()).toBe(0);
});

test("a program ends at once where Wine's server has crashed", async () => {
  await using windows = await openWindows();
  const program = await windows.start([nodeProgram, "-e", starts], { limitMs: 60_000 });
  await expect.poll(async () => (await program.said()).stdout).toContain("up");
  for (const server of await serversInThere()) process.kill(server, "SIGSEGV");
  const { exitCode } = await program.ended;
  expect(exitCode).not.toBe(124);
  expect(await processesInThere()).toBe(0);
});

test.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)(
  "all ends when %s ends who opened it",
  async (signal) => {
    const opener = [
      `const { openWindows } = await import(${JSON.stringify(inRoot("scripts/wine/windows.ts"))});`,
      "const windows = await openWindows();",
      `const program = await windows.start(${JSON.stringify(line)}, { limitMs: 60_000 });`,
      "while (!(await program.said()).stdout.includes('up')) await new Promise((next) => setTimeout(next, 100));",
      "console.log('up');",
    ].join("\n");
    const child = spawn(process.execPath, ["--input-type=module", "--eval", opener], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(createInterface({ input: child.stdout }), "line");
    expect(await processesInThere()).toBeGreaterThan(3);
    child.kill(signal);
    await expect.poll(processesInThere).toBe(0);
  },
);
