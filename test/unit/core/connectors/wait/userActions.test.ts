import { describe, expect, it } from "vitest";
import { UserActions } from "../../../../../src/core/connectors/wait/userActions.ts";
import { settle } from "../acme.ts";

/** Work that ends when the test says so, or with its signal. */
const openWork = (): {
  readonly end: () => void;
  readonly work: (signal: AbortSignal) => Promise<string>;
} => {
  let end = (): void => undefined;
  const work = (signal: AbortSignal): Promise<string> =>
    new Promise((resolve, reject) => {
      end = () => resolve("done");
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    });
  return { end: () => end(), work };
};

const changesOf = (acts: UserActions): (string | undefined)[] => {
  const changes: (string | undefined)[] = [];
  acts.onDidChange((id) => changes.push(id));
  return changes;
};

describe("an act", () => {
  it("is there until its work is done, and tells when it begins and ends", async () => {
    const acts = new UserActions();
    const changes = changesOf(acts);
    const { end, work } = openWork();
    const running = acts.run("notion", "browser", work);
    expect([acts.of("notion"), acts.size, changes]).toEqual(["browser", 1, ["notion"]]);
    end();
    expect(await running).toBe("done");
    expect([acts.of("notion"), acts.size, changes]).toEqual([undefined, 0, ["notion", "notion"]]);
  });

  it("is the only one of its connector", async () => {
    const acts = new UserActions();
    const { end, work } = openWork();
    const first = acts.run("notion", "browser", work);
    expect(await acts.run("notion", "signIn", () => Promise.resolve("second"))).toBeUndefined();
    expect(await acts.run("slack", "signIn", () => Promise.resolve("other"))).toBe("other");
    end();
    await first;
  });

  it("ends without an outcome when it is cancelled", async () => {
    const acts = new UserActions();
    const running = acts.run("notion", "browser", openWork().work);
    acts.cancel("slack");
    acts.cancel("notion");
    expect(await running).toBeUndefined();
    expect(acts.size).toBe(0);
  });

  it("passes on what its work failed with, and is over", async () => {
    const acts = new UserActions();
    await expect(acts.run("notion", "browser", () => Promise.reject(new Error("broke")))).rejects.toThrow(
      "broke",
    );
    expect(acts.size).toBe(0);
  });

  it("ends with the window, and none begins after", async () => {
    const acts = new UserActions();
    const running = acts.run("notion", "browser", openWork().work);
    acts.dispose();
    expect(await running).toBeUndefined();
    await settle();
    expect(await acts.run("notion", "browser", () => Promise.resolve("late"))).toBeUndefined();
    expect(acts.size).toBe(0);
  });
});

describe("the person", () => {
  it.each([
    ["browser", true],
    ["signIn", true],
    ["elsewhere", false],
  ] as const)("with an act of kind %s is busy: %s", async (kind, busy) => {
    const acts = new UserActions();
    const { end, work } = openWork();
    const running = acts.run("notion", kind, work);
    expect(acts.isPersonBusy).toBe(busy);
    end();
    await running;
    expect(acts.isPersonBusy).toBe(false);
  });

  it("is busy while any dialog is open, and both ends are told", () => {
    const acts = new UserActions();
    const changes = changesOf(acts);
    const [first, second] = [acts.busy(), acts.busy()];
    first.dispose();
    first.dispose();
    expect(acts.isPersonBusy).toBe(true);
    second.dispose();
    expect(acts.isPersonBusy).toBe(false);
    expect(changes).toEqual([undefined, undefined, undefined, undefined]);
  });
});
