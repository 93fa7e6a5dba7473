import { stat } from "node:fs/promises";
import { build } from "../../scripts/build.ts";
import { packVsix, vsixPath } from "../../scripts/package.ts";
import type { Family, BenchRow } from "../row.ts";

const limit = 400_000;

const vsixRow: BenchRow = {
  name: "VSIX",
  against: "",
  reach: "≤ 400 kB",
  measure: async () => {
    await build();
    await packVsix();
    const { size } = await stat(vsixPath);
    return {
      measured: `${(size / 1000).toFixed(1)} kB`,
      isMet: size <= limit,
      runs: 1,
      figures: { vsixBytes: size },
    };
  },
};

export const sizeFamily: Family = { key: "size", rows: [vsixRow] };
