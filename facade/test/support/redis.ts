import { createClient } from "@redis/client";
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../../test/support/servers.ts";

/** The server as Debian has it, under either name; undefined where a person has none. In CI it has to be there. */
const program = ["redis-server", "valkey-server"].find((name) => spawnSync(name, ["--version"]).status === 0);
if (program === undefined && process.env["CI"] !== undefined && process.platform === "linux")
  throw new Error("Debian's redis-server is missing: .ci/run installs it.");
export const hasRedis = program !== undefined;

export interface Redis extends AsyncDisposable {
  readonly url: string;
  /** Ends it as a crash would, and starts it with nothing in it. */
  restart(): Promise<void>;
  /** Names and values of all that is in it. */
  dump(): Promise<string>;
  pause(): void;
  resume(): void;
}

/** A server of the test's own, in memory alone. */
export const startRedis = async (): Promise<Redis> => {
  const folder = await mkdtemp(join(tmpdir(), "lanyard-redis-"));
  const port = await freePort();
  const start = async (): Promise<ChildProcess> => {
    const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder];
    const child = spawn(program ?? "redis-server", args, { stdio: "ignore" });
    await connected(port);
    return child;
  };
  let child = await start();
  const kill = async (): Promise<void> => {
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    restart: async () => {
      await kill();
      child = await start();
    },
    dump: () => dumpOf(`redis://127.0.0.1:${port}`),
    pause: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    [Symbol.asyncDispose]: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const dumpOf = async (url: string): Promise<string> => {
  const client = await createClient({ url }).connect();
  try {
    const all: unknown[] = [];
    for (const key of await client.keys("*")) {
      const kind = await client.type(key);
      const value: unknown =
        kind === "string"
          ? await client.get(key)
          : kind === "list"
            ? await client.lRange(key, 0, -1)
            : await client.hGetAll(key);
      all.push(key, value);
    }
    return JSON.stringify(all);
  } finally {
    client.destroy();
  }
};

const connected = async (port: number): Promise<void> => {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const socket = createConnection(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      socket.destroy();
    }
  }
  throw new Error("The server does not start.");
};
