import { describe, expect, test } from "vitest";
import { BoundedSecrets, type StorageHealth } from "../../../../src/core/secrets/bounded.ts";
import { fakeClock, memorySecrets, type FakeClock, type MemorySecrets } from "../../../support/ports.ts";

const setUp = (): {
  clock: FakeClock;
  secrets: MemorySecrets;
  bounded: BoundedSecrets;
  seen: StorageHealth[];
} => {
  const clock = fakeClock();
  const secrets = memorySecrets();
  const bounded = new BoundedSecrets(secrets, clock, 3000);
  const seen: StorageHealth[] = [];
  bounded.onDidChangeHealth((health) => seen.push(health));
  return { clock, secrets, bounded, seen };
};

describe("storage that works", () => {
  test("is passed through, and leaves no timer", async () => {
    const { clock, bounded, seen } = setUp();
    await bounded.store("a", "1");
    expect(await bounded.get("a")).toBe("1");
    await bounded.delete("a");
    expect(await bounded.get("a")).toBeUndefined();
    expect(clock.pending).toBe(0);
    expect(seen).toEqual([]);
  });
});

describe("storage whose machine is gone", () => {
  test.each(["get", "store", "delete"] as const)(
    "fails to %s after its time, instead of never",
    async (what) => {
      const { clock, seen } = setUp();
      const hung = {
        ...memorySecrets(),
        [what]: () => new Promise<never>(() => undefined),
      };
      const bounded = new BoundedSecrets(hung, clock, 3000);
      bounded.onDidChangeHealth((health) => seen.push(health));
      const asked = what === "store" ? bounded.store("a", "1") : bounded[what]("a");
      const failed = expect(asked).rejects.toMatchObject({ code: "storageFailed" });
      await clock.waiting();
      clock.advance(3000);
      await failed;
      expect(seen).toEqual([{ kind: "failing", how: "silent" }]);
    },
  );
});

describe("storage that waits for a person", () => {
  test.each(["get", "store"] as const)(
    "is waited for when %s is asked for them, and told of",
    async (what) => {
      const { clock, secrets, seen } = setUp();
      let open = (): void => undefined;
      const opened = new Promise<void>((resolve) => (open = resolve));
      const slow = {
        ...secrets,
        get: (key: string) => opened.then(() => secrets.get(key)),
        store: (key: string, value: string) => opened.then(() => secrets.store(key, value)),
      };
      const bounded = new BoundedSecrets(slow, clock, 3000);
      bounded.onDidChangeHealth((health) => seen.push(health));
      const asked = what === "store" ? bounded.store("a", "1", "forPerson") : bounded.get("a", "forPerson");
      await clock.waiting();
      clock.advance(3_600_000);
      await expect.poll(() => seen).toEqual([{ kind: "failing", how: "silent" }]);
      open();
      await asked;
      expect(seen).toEqual([{ kind: "failing", how: "silent" }, { kind: "working" }]);
    },
  );
});

describe("storage that refuses", () => {
  test("says so once, and says when it works again", async () => {
    const { secrets, bounded, seen } = setUp();
    secrets.locked = new Error("The keyring is locked.");
    await expect(bounded.get("a")).rejects.toMatchObject({ code: "storageFailed" });
    await expect(bounded.get("b")).rejects.toMatchObject({ code: "storageFailed" });
    expect(bounded.health).toEqual({ kind: "failing", how: "refuses" });
    secrets.locked = undefined;
    await bounded.get("a");
    expect(seen).toEqual([{ kind: "failing", how: "refuses" }, { kind: "working" }]);
  });
});
