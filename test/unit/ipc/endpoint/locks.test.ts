import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { agentRouter } from "../../../../src/ipc/agent.ts";
import { createEndpoint } from "../../../../src/ipc/endpoint/endpoint.ts";
import { runDirectoryOf, type EndpointRecord } from "../../../../src/ipc/endpoint/endpointFile.ts";
import { Locks, type LockLimits } from "../../../../src/ipc/endpoint/locks.ts";
import { AgentServer } from "../../../../src/ipc/server/server.ts";
import { WindowRequests } from "../../../../src/ipc/windows/windowRequests.ts";
import { Windows } from "../../../../src/ipc/windows/windows.ts";
import { Board } from "../../../../src/core/connectors/board/board.ts";
import type { Turn } from "../../../../src/core/identity/context.ts";
import { english } from "../../../../src/core/text.ts";
import { systemClock } from "../../../../src/node/clock.ts";
import { recordingLog } from "../../../support/ports.ts";

let home: string;
const open: Holder[] = [];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "lanyard-test-"));
});
afterEach(async () => {
  for (const holder of open.splice(0)) await holder.end();
  await rm(home, { recursive: true, force: true });
});

/** A window, as far as locks go: a socket where others hear when it is done. */
interface Holder {
  readonly locks: Locks;
  readonly record: EndpointRecord;
  /** It is gone, and leaves what it held. */
  end(): Promise<void>;
}

const holder = async (limits: Partial<LockLimits> = {}): Promise<Holder> => {
  const log = recordingLog();
  const endpoint = await createEndpoint({ home, version: "0", probe: () => Promise.resolve("dead") });
  const { record } = endpoint;
  const locks = new Locks({
    home,
    record,
    clock: systemClock,
    log,
    limits: { storageDelayMs: 5, ...limits },
  });
  const board = new Board();
  const windows = new Windows({ home, endpoint, board, clock: systemClock, log });
  const server = await AgentServer.listen({
    ...{ address: record.address.path, key: record.key, version: "0", log },
    router: agentRouter({
      consent: () => Promise.resolve({ result: "allowed" }),
      board,
      pipeline: {
        obtain: () => Promise.reject(new Error("Nobody asks.")),
        follow: () => Promise.reject(new Error("Nobody asks.")),
        demand: () => undefined,
      },
      sessions: {
        fresh: () => Promise.reject(new Error("Nobody asks.")),
        list: () => Promise.resolve([]),
      },
      clock: systemClock,
      t: english,
      among: { windowId: windows.id, elsewhere: new WindowRequests(windows), locks, isIll: () => false },
    }),
  });
  const one = { locks, record, end: () => server.close() };
  open.push(one);
  return one;
};

const left = async (): Promise<readonly string[]> =>
  (await readdir(runDirectoryOf(home))).filter((name) => name.startsWith("lock-"));

/** Work after which others are to be kept out for long. */
const stored = (turn: Turn): Promise<void> => {
  turn.holdFor(60_000);
  return Promise.resolve();
};

/** Work that goes on until it is told to end. */
const work = () => {
  let begun = (): void => undefined;
  let finish = (): void => undefined;
  const started = new Promise<void>((resolve) => (begun = resolve));
  const ended = new Promise<void>((resolve) => (finish = resolve));
  const run = async (): Promise<void> => {
    begun();
    await ended;
  };
  return { run, started, finish: () => finish() };
};

describe("one piece of work of a name", () => {
  test("is done at a time, over all windows", async () => {
    const windows = await Promise.all([holder(), holder(), holder()]);
    let [running, most, done] = [0, 0, 0];
    await Promise.all(
      windows.map(({ locks }) =>
        locks.run("session", async () => {
          most = Math.max(most, (running += 1));
          await new Promise((resolve) => setImmediate(resolve));
          running -= 1;
          done += 1;
        }),
      ),
    );
    expect({ most, done }).toEqual({ most: 1, done: 3 });
    expect(await left()).toEqual([]);
  });

  test("does not wait for another of another name", async () => {
    const [a, b] = [await holder(), await holder()];
    const first = work();
    const held = a.locks.run("one", first.run);
    await first.started;
    expect(await b.locks.run("two", () => Promise.resolve("done"))).toBe("done");
    first.finish();
    await held;
  });

  test("begins when the one before it ends, whether well or not", async () => {
    const [a, b] = [await holder(), await holder()];
    const first = work();
    const held = a.locks.run("session", async () => {
      await first.run();
      throw new Error("It failed.");
    });
    await first.started;
    const order: string[] = [];
    const second = b.locks.run("session", () => Promise.resolve(order.push("second")));
    order.push("first");
    first.finish();
    await expect(held).rejects.toThrow("It failed.");
    await second;
    expect(order).toEqual(["first", "second"]);
  });

  test("keeps others out a little longer where it asks for it, and its own window not", async () => {
    const [a, b] = [await holder(), await holder()];
    await a.locks.run("session", stored);
    const order: string[] = [];
    const other = b.locks.run("session", () => Promise.resolve(order.push("other")));
    await a.locks.run("session", () => Promise.resolve(order.push("own")));
    await other;
    expect(order).toEqual(["own", "other"]);
  });
});

describe("a window that dies", () => {
  test("holds nothing any more", async () => {
    const [a, b] = [await holder(), await holder()];
    const never = work();
    void a.locks.run("session", never.run);
    await never.started;
    const second = b.locks.run("session", () => Promise.resolve("taken over"));
    await a.end();
    expect(await second).toBe("taken over");
    expect(await left()).toEqual([]);
  });

  test("is told of to the one who takes over what it held, and to nobody after that", async () => {
    const [a, b, c] = [await holder(), await holder(), await holder()];
    const isTakenOver = (turn: Turn): Promise<boolean | undefined> => Promise.resolve(turn.isTakenOver);
    const never = work();
    void a.locks.run("session", never.run);
    await never.started;
    const second = b.locks.run("session", isTakenOver);
    await a.end();
    expect(await second).toBe(true);
    expect(await c.locks.run("session", isTakenOver)).toBe(false);
    expect(await c.locks.run("other", isTakenOver)).toBe(false);
  });

  test("and of several that wait one goes on at a time", async () => {
    const [a, ...others] = await Promise.all([holder(), holder(), holder(), holder()]);
    const never = work();
    void a.locks.run("session", never.run);
    await never.started;
    let [running, most] = [0, 0];
    const waiting = others.map(({ locks }) =>
      locks.run("session", async () => {
        most = Math.max(most, (running += 1));
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
      }),
    );
    await a.end();
    await Promise.all(waiting);
    expect(most).toBe(1);
  });

  test("may leave half a file behind", async () => {
    const a = await holder();
    await a.locks.run("session", () => Promise.resolve());
    await mkdir(runDirectoryOf(home), { recursive: true });
    const first = work();
    const held = a.locks.run("session", first.run);
    await first.started;
    const [name = ""] = await left();
    first.finish();
    await held;
    await writeFile(join(runDirectoryOf(home), name), "unix-sock", { mode: 0o600 });
    expect(await a.locks.run("session", () => Promise.resolve("done"))).toBe("done");
  });
});

describe("a window that lives but does not finish", () => {
  test("is given up on after a while, with a reason", async () => {
    const [a, b] = [await holder(), await holder({ patienceMs: 50, askMs: 20 })];
    const endless = work();
    const held = a.locks.run("session", endless.run);
    await endless.started;
    await expect(b.locks.run("session", () => Promise.resolve())).rejects.toMatchObject({
      code: "timedOut",
    });
    endless.finish();
    await held;
  });

  test("waits for its own work when it closes, and not for ever", async () => {
    const a = await holder({ finishMs: 5000 });
    const first = work();
    const order: string[] = [];
    const held = a.locks.run("session", first.run).then(() => order.push("done"));
    await first.started;
    const stopped = a.locks.stop().then(() => order.push("stopped"));
    await new Promise((resolve) => setTimeout(resolve, 50));
    first.finish();
    await Promise.all([held, stopped]);
    expect(order).toEqual(["done", "stopped"]);

    const b = await holder({ finishMs: 20 });
    const endless = work();
    const endlessHeld = b.locks.run("other", endless.run);
    await endless.started;
    await b.locks.stop();
    expect(await left()).toEqual([]);
    endless.finish();
    await endlessHeld;
  });

  test("lets go of everything when it closes", async () => {
    const a = await holder();
    await a.locks.run("session", stored);
    expect(await left()).toHaveLength(1);
    await a.locks.stop();
    expect(await left()).toEqual([]);
  });
});
