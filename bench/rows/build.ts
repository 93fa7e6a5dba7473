import { build } from "../../scripts/build.ts";
import type { Family, BenchRow } from "../row.ts";
import { median } from "../parts/statistics.ts";

const runs = 5;

const timed = async (dev: boolean): Promise<number> => {
  const startMs = performance.now();
  await build({ dev, outdir: "artifacts/bench-build" });
  return performance.now() - startMs;
};

/** Interleaved, so that a busy moment of the machine meets both. */
const buildRow: BenchRow = {
  name: "build for development",
  against: "build for release",
  reach: "≤ 1.5",
  measure: async () => {
    const times: { dev: number[]; release: number[] } = { dev: [], release: [] };
    await timed(false);
    for (let run = 0; run < runs; run += 1) {
      times.release.push(await timed(false));
      times.dev.push(await timed(true));
    }
    const ratio = median(times.dev) / median(times.release);
    return {
      measured: ratio.toFixed(2),
      isMet: ratio <= 1.5,
      runs,
      figures: { devMs: Math.round(median(times.dev)), releaseMs: Math.round(median(times.release)) },
    };
  },
};

export const buildFamily: Family = { key: "build", rows: [buildRow] };
