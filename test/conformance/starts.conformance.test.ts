/** A client may start bridges and end them as it likes: none outlives it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { connectorName, startWindow, token } from "../process/bridge/window.ts";
import { buildHelper, install, oddFolder } from "../process/support.ts";
import { Door } from "./door.ts";
import { referenceServer } from "./referenceServer.ts";

const starts = 1_000;
const atOnce = 8;

/** The processes that have the folder in what they were started with. */
const running = async (folder: string): Promise<number> => {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  );
  return lines.filter((line) => line.includes(folder)).length;
};

const ways = ["end of input", "SIGTERM", "SIGINT", "SIGKILL", "the shell killed"] as const;

const startAndEnd = async (home: string, index: number): Promise<void> => {
  const way = ways[index % ways.length] ?? "SIGTERM";
  const program = join(home, "bin/lanyard");
  // Behind a shell that stays, as under npm: it goes, and the bridge has but the end of its input to hear of it.
  const script = way === "the shell killed" ? '"$0" bridge "$1"; true' : 'exec "$0" bridge "$1"';
  const child = spawn("/bin/sh", ["-c", script, program, connectorName], {
    cwd: home,
    env: { PATH: process.env["PATH"], LANYARD_HOME: home },
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.stdin.on("error", () => undefined);
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "t", version: "1" } };
  child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params })}\n`);
  if (index % 3 === 0) await Promise.race([once(child.stdout, "data"), once(child, "exit")]);
  else await delay((index * 37) % 200);
  const closed = once(child, "exit");
  if (way === "end of input") child.stdin.end();
  else child.kill(way === "the shell killed" ? "SIGKILL" : way);
  if (way === "the shell killed") child.stdin.destroy();
  child.stdout.resume();
  await closed;
};

test.runIf(process.platform === "linux")(
  `${starts} bridges that were started and ended in every way leave no process`,
  async () => {
    const folder = await oddFolder();
    const home = join(folder.path, "home");
    await install(home, await buildHelper(folder.path));
    const door = new Door({ converse: referenceServer(), authorization: `Bearer ${token}` });
    const window = await startWindow(home, await door.listen());
    let next = 0;
    const startSome = async (): Promise<void> => {
      for (let index = next++; index < starts; index = next++) await startAndEnd(home, index);
    };
    await Promise.all(Array.from({ length: atOnce }, startSome));
    await vi.waitFor(async () => expect(await running(home)).toBe(0), { timeout: 10_000, interval: 200 });
    await window.stop();
    await door.close();
    await folder.remove();
  },
  600_000,
);
