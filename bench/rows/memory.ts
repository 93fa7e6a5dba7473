import { agentRequest } from "../parts/agentRequest.ts";
import { drive } from "../parts/load.ts";
import { openStage } from "../parts/stage.ts";
import { rounded } from "../parts/statistics.ts";
import type { Family, BenchRow } from "../row.ts";

const calls = 10_000;
/** Long enough for code to be compiled and for caches to be filled, which is no leak. */
const warmUpCalls = 2_000;
/** More than a first reading of the heap wanders by; a leak of 100 bytes a call would be as much. */
const flatBytes = 1_000_000;

const megabytes = (bytes: number): string => `${rounded(bytes / 1_000_000, 1)} MB`;

const memoryRow = (connectors: number): BenchRow => ({
  name: `memory of the agent with ${connectors} connectors, heap after garbage collection`,
  against: `itself before ${calls} helper calls`,
  reach: "flat (± 1 MB)",
  measure: async () => {
    await using stage = await openStage({ connectors, flags: ["--expose-gc"] });
    const call = async (count: number): Promise<void> => {
      const each = Math.min(connectors, 8);
      for (let index = 0; index < each; index += 1) {
        const request = await agentRequest(stage, "headers", index);
        await drive({ ...request, connections: 4, requests: count / each });
      }
    };
    await stage.window.ask({ kind: "checkAll" });
    const idle = await stage.window.ask({ kind: "memory" });
    await call(warmUpCalls);
    const before = await stage.window.ask({ kind: "memory" });
    await call(calls);
    const after = await stage.window.ask({ kind: "memory" });
    const grownBytes = after.heapUsedBytes - before.heapUsedBytes;
    return {
      measured: `${megabytes(idle.heapUsedBytes)} idle, ${megabytes(before.heapUsedBytes)} → ${megabytes(after.heapUsedBytes)} by the calls (RSS ${megabytes(idle.rssBytes)}, ${megabytes(after.rssBytes)})`,
      isMet: grownBytes <= flatBytes,
      runs: 1,
      figures: {
        idleHeapBytes: idle.heapUsedBytes,
        heapBytesBefore: before.heapUsedBytes,
        heapBytesAfter: after.heapUsedBytes,
        idleRssBytes: idle.rssBytes,
        rssBytesAfter: after.rssBytes,
      },
    };
  },
});

export const memoryFamily: Family = { key: "memory", rows: [8, 100, 500].map(memoryRow) };
