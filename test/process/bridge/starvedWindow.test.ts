import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { startAgentProcess, type AgentProcess } from "../support.ts";
import { BridgeClient, textIn } from "./client.ts";
import { OddConnector } from "./connector.ts";
import { useInstalledHome } from "./stage.ts";
import { awaitedLater } from "../../support/awaitedLater.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

/** One window leads and dies; the other, which is to take its place, gets no time on a busy machine: it is stopped. */
const homeHere = useInstalledHome();
const connector = new OddConnector();
let windows: readonly AgentProcess[] = [];
let client: BridgeClient;

beforeEach(async () => {
  const [home, url] = [homeHere(), await connector.listen()];
  windows = [await startAgentProcess(home, url), await startAgentProcess(home, url)];
  expect(windows.map(({ isLeading }) => isLeading)).toEqual([true, false]);
  client = new BridgeClient(home, "ready");
});
afterEach(async () => {
  client.child.kill("SIGKILL");
  for (const { child } of windows) child.kill("SIGCONT");
  await Promise.all(windows.map((each) => each.stop()));
  await connector.close();
});

const kill = async (child: AgentProcess["child"] | undefined): Promise<void> => {
  if (child === undefined) throw new Error("There is no such window.");
  const closed = once(child, "close");
  child.kill("SIGKILL");
  await closed;
};

const starve = async (): Promise<void> => {
  windows[1]?.child.kill("SIGSTOP");
  await kill(windows[0]?.child);
};

test("a call waits for the window that lives, and is carried out once", async () => {
  await client.begin();
  await starve();
  const call = awaitedLater(client.call("echo", { text: "late" }, 25_000));
  await delay(2_500);
  expect(connector.ran.get("echo")).toBeUndefined();
  windows[1]?.child.kill("SIGCONT");
  expect(textIn(await call)).toBe("late");
  expect(connector.ran.get("echo")).toBe(1);
});

test("a start does not wait, and is not told that Lanyard is not running; a call is once none lives", async () => {
  await starve();
  const startedMs = Date.now();
  await client.begin();
  expect(Date.now() - startedMs).toBeLessThan(4_000);
  const [tool] = (await client.ask("tools/list")).result?.tools ?? [];
  expect(tool?.description).toContain("Lanyard did not answer in time");
  const call = awaitedLater(client.call("echo", {}, 25_000));
  await delay(1_500);
  await kill(windows[1]?.child);
  const diedMs = Date.now();
  expect(textIn(await call)).toContain("Lanyard is not running");
  expect(Date.now() - diedMs).toBeLessThan(3_000);
});
