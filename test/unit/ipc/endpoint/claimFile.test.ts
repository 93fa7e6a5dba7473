import { createHash } from "node:crypto";
import type * as fs from "node:fs/promises";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { placeClaim, removeClaim } from "../../../../src/ipc/endpoint/claimFile.ts";

/** The real file system, with each step some moments late, as between processes on a busy machine. */
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof fs>();
  const late = <Given extends unknown[], Got>(step: (...given: Given) => Promise<Got>) =>
    async function (...given: Given): Promise<Got> {
      await setTimeout(Math.random() * 3);
      return step(...given);
    };
  return {
    ...real,
    open: late(real.open),
    link: late(real.link),
    rename: late(real.rename),
    unlink: late(real.unlink),
  };
});

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lanyard-test-"));
  file = join(folder, "claim");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const dead = "of a window that is gone\n";

/** What a window does that finds the claim of one that is gone. @returns whether it won. */
const contend = async (own: string): Promise<boolean> => {
  for (;;) {
    if (await placeClaim(file, own)) return true;
    const found = await readFile(file, "utf8").catch(() => dead);
    if (found !== dead) return false;
    await removeClaim(file, dead);
  }
};

test(
  "of eight rivals for a dead claim one wins, and it is the one that the file names",
  { timeout: 60_000 },
  async () => {
    for (let round = 0; round < rounds; round += 1) {
      await writeFile(file, dead, { mode: 0o600 });
      const rivals = Array.from({ length: 8 }, (_, index) => `rival ${round} ${index}\n`);
      const won = await Promise.all(rivals.map(contend));
      const winners = rivals.filter((_, index) => won[index]);
      expect(winners).toEqual([await readFile(file, "utf8")]);
      await removeClaim(file, winners[0] ?? "");
    }
    expect(await readdir(folder)).toEqual([]);
  },
);

/** Many times what it takes for two winners to show. */
const rounds = 80;

test("a claim that says something else is left alone", async () => {
  await placeClaim(file, "mine\n");
  await removeClaim(file, dead);
  expect(await readdir(folder)).toEqual(["claim"]);
});

test("a window that died while it removed a claim keeps nobody from removing it", async () => {
  await writeFile(file, dead, { mode: 0o600 });
  await writeFile(`${file}.${createHash("sha256").update(dead).digest("hex").slice(0, 16)}`, "");
  await removeClaim(file, dead, { patienceMs: 20 });
  expect(await readdir(folder)).toEqual(["claim"]);
  expect(await contend("mine\n")).toBe(true);
  expect(await readFile(file, "utf8")).toBe("mine\n");
  expect(await readdir(folder)).toEqual(["claim"]);
});
