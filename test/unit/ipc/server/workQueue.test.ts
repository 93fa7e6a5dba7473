import { describe, expect, test } from "vitest";
import { WorkQueue } from "../../../../src/ipc/server/workQueue.ts";

const patient = new AbortController().signal;

/** Work that ends when the test says so. */
const held = (): { work: () => Promise<string>; end: () => void; begun: () => boolean } => {
  let end = (): void => undefined;
  let hasBegun = false;
  const ended = new Promise<string>((resolve) => (end = () => resolve("done")));
  return {
    work: () => {
      hasBegun = true;
      return ended;
    },
    end: () => end(),
    begun: () => hasBegun,
  };
};

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a queue of work", () => {
  test("begins as much as it may, and the rest in the order in which it came", async () => {
    const queue = new WorkQueue(2);
    const works = [held(), held(), held(), held()];
    const results = works.map(({ work }) => queue.run(work, patient));
    await turn();
    expect(works.map(({ begun }) => begun())).toEqual([true, true, false, false]);
    works[1]?.end();
    await turn();
    expect(works.map(({ begun }) => begun())).toEqual([true, true, true, false]);
    for (const { end } of works) end();
    expect(await Promise.all(results)).toEqual(["done", "done", "done", "done"]);
    expect([queue.running, queue.waiting]).toEqual([0, 0]);
  });

  test("work whose time is up before its turn does not begin, and nobody waits behind it", async () => {
    const queue = new WorkQueue(1);
    const [first, late, next] = [held(), held(), held()];
    const end = new AbortController();
    const running = queue.run(first.work, patient);
    const refused = queue.run(late.work, end.signal);
    const last = queue.run(next.work, patient);
    end.abort();
    expect(await refused).toBeUndefined();
    first.end();
    next.end();
    expect(await Promise.all([running, last])).toEqual(["done", "done"]);
    expect(late.begun()).toBe(false);
  });

  test("work that fails gives its place free", async () => {
    const queue = new WorkQueue(1);
    await expect(queue.run(() => Promise.reject(new Error("no")), patient)).rejects.toThrow("no");
    expect(await queue.run(() => Promise.resolve("yes"), patient)).toBe("yes");
  });

  test("a signal that has already fired does not begin anything", async () => {
    const { work, begun } = held();
    expect(await new WorkQueue(1).run(work, AbortSignal.abort())).toBeUndefined();
    expect(begun()).toBe(false);
  });
});
