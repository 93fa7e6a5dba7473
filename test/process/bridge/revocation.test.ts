import { expect, test, vi } from "vitest";
import { grants } from "../../support/grants.ts";
import { useStage, type Stage } from "./stage.ts";
import { goodGrant } from "./window.ts";

const now = useStage();

const times = 200;
/** What is left between the window's knowing and the last request that was under way. */
const mostMs = 1000;

/** Somebody leaves at a random moment of what runs. @returns how long after it the connector accepted a last request. */
const revokeOnce = async ({ window, connector }: Stage): Promise<number> => {
  await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
  window.answer = () => grants.denied();
  await window.check();
  const revokedMs = Date.now();
  await vi.waitFor(() => expect(connector.streams.size).toBe(0), { timeout: mostMs, interval: 10 });
  await new Promise((resolve) => setTimeout(resolve, 30));
  return (connector.seen.at(-1)?.atMs ?? 0) - revokedMs;
};

test(`of ${times} people who leave at a random moment, each is out within a second, streams and all`, async () => {
  const stage = now();
  const { window, connector } = stage;
  // As with events: the board hears of it. `reuseSeconds` 10 stays, for what is void is not used again.
  const client = await stage.streaming();
  const over = new AbortController();
  const calling = (async () => {
    while (!over.signal.aborted) await client.call("echo", { text: "x" });
  })();
  const lateMs: number[] = [];
  for (let each = 0; each < times; each += 1) {
    window.answer = goodGrant;
    await window.check();
    while (connector.streams.size === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    lateMs.push(await revokeOnce(stage));
  }
  over.abort();
  await calling;
  expect(Math.max(...lateMs)).toBeLessThan(mostMs);
  console.log(`last accepted request after the revocation, of ${times}: at most ${Math.max(...lateMs)} ms`);
}, 120_000);
