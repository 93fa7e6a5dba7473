import { expect, test } from "vitest";
import { BoundedSecrets } from "../../../../src/core/secrets/bounded.ts";
import { StorageWatch } from "../../../../src/core/secrets/storageWatch.ts";
import { fakeClock, memorySecrets, type FakeClock } from "../../../support/ports.ts";

/** Lets time pass, and what hangs on it come about. */
const pass = async (clock: FakeClock, ms: number): Promise<void> => {
  clock.advance(ms);
  await new Promise((resolve) => setImmediate(resolve));
};

const scene = (isWanted = true) => {
  const clock = fakeClock();
  const secrets = memorySecrets();
  const asked: ((value: undefined) => void)[] = [];
  secrets.get = () => new Promise((resolve) => asked.push(resolve));
  const storage = new BoundedSecrets(secrets, clock);
  const watch = new StorageWatch({ storage, clock, isWanted: () => isWanted });
  return { clock, storage, asked, watch };
};

test("a storage that goes silent is known, and asked no second time; its answer says that it is back", async () => {
  const { clock, storage, asked } = scene();
  await pass(clock, 5000);
  expect(asked).toHaveLength(1);
  await pass(clock, 3000);
  expect(storage.health).toEqual({ kind: "failing", how: "silent" });
  await pass(clock, 60_000);
  expect(asked).toHaveLength(1);
  asked[0]?.(undefined);
  await pass(clock, 0);
  await pass(clock, 5000);
  expect(storage.health).toEqual({ kind: "working" });
  expect(asked).toHaveLength(2);
});

test("nothing is asked where nobody could take over, and none after the end", async () => {
  const { clock, asked } = scene(false);
  await pass(clock, 60_000);
  expect(asked).toEqual([]);
  const other = scene();
  other.watch.dispose();
  await pass(other.clock, 60_000);
  expect(other.asked).toEqual([]);
});
