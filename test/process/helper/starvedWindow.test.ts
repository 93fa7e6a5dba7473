import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { shortTmp } from "../../../scripts/support/paths.ts";
import { endpointFileOf } from "../../../src/ipc/endpoint/endpointFile.ts";
import { vaultCredential } from "../acme.ts";
import { claude, headersOf, unsendable, ways } from "../contract.ts";
import { openHomes, type Homes } from "../homes.ts";
import { install, startAgentProcess, type AgentProcess, type Ran } from "../support.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** One window leads and goes; the other, which is to take its place, gets no time on a busy machine: it is stopped. */
let homes: Homes;
/** One home whose path no shell reads out of a claim, and one that any does. */
let odd: string;
let plain: string;

beforeAll(async () => {
  homes = await openHomes();
  odd = homes.quiet;
  plain = await mkdtemp(join(shortTmp, "lanyard-starved-"));
  await install(plain, homes.bundle);
});
afterAll(async () => {
  await homes.close();
  await rm(plain, { recursive: true, force: true });
});

const opened: AgentProcess[] = [];
const openTwo = async (home: string): Promise<readonly [AgentProcess, AgentProcess]> => {
  const two = [await startAgentProcess(home), await startAgentProcess(home)] as const;
  opened.push(...two);
  expect(two.map(({ isLeading }) => isLeading)).toEqual([true, false]);
  two[1].child.kill("SIGSTOP");
  return two;
};
afterEach(async () => {
  for (const { child } of opened) child.kill("SIGCONT");
  await Promise.all(opened.splice(0).map((each) => each.stop()));
});

const kill = async ({ child }: AgentProcess): Promise<void> => {
  const closed = once(child, "close");
  child.kill("SIGKILL");
  await closed;
};

/** In every way at once. */
const askAll = (home: string, seconds: string): Promise<readonly Ran[]> =>
  Promise.all(
    Object.values(ways).map((lanyard) =>
      lanyard(home, ["headers"], { ...claude("ready"), LANYARD_DEADLINE_SECONDS: seconds }),
    ),
  );

test("the leader closes and leaves no endpoint file: helpers wait for the other as long as they may", async () => {
  const answered = await Promise.all(
    [odd, plain].map(async (home) => {
      const [leader, other] = await openTwo(home);
      // The end of its process waits for the other.
      leader.child.stdin?.end();
      await expect.poll(() => existsSync(endpointFileOf(home))).toBe(false);
      const asking = askAll(home, "9");
      await delay(3000);
      other.child.kill("SIGCONT");
      return asking;
    }),
  );
  for (const ran of answered.flat())
    expect(headersOf(ran.stdout)).toEqual({ Authorization: vaultCredential });
});

test("the leader is killed and leaves its endpoint file: nobody is told that Lanyard is not running", async () => {
  const [leader] = await openTwo(plain);
  await kill(leader);
  for (const ran of await askAll(plain, "4")) {
    expect(unsendable(ran)).toContain("did not answer in time");
    expect(ran.tookMs).toBeGreaterThan(3000);
    expect(ran.tookMs).toBeLessThan(6000);
  }
});

test("both are killed: that is told, and before the time is over", async () => {
  for (const each of await openTwo(plain)) await kill(each);
  for (const ran of await askAll(plain, "9")) {
    expect(unsendable(ran)).toContain("Lanyard is not running");
    expect(ran.tookMs).toBeLessThan(8000);
  }
});
