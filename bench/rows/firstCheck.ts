import { checksAtOnce } from "../../src/core/connectors/pipeline/checkInTurns.ts";
import { openStage, type Stage } from "../parts/stage.ts";
import { compare, rounded, timed } from "../parts/statistics.ts";
import type { Family, BenchRow } from "../row.ts";

const many = 500;
/** A vault within the same country: without it, all that is measured is one process that answers itself. */
const roundTripMs = 20;
const turns = many / checksAtOnce;

const check = (stage: Stage): Promise<number> => timed(() => stage.window.ask({ kind: "checkAll" }));

const checkRow: BenchRow = {
  name: `check of ${many} connectors, vault over TLS at ${roundTripMs} ms`,
  against: "of one",
  reach: `≤ ${turns} (n / concurrency: ${many} / ${checksAtOnce})`,
  measure: async () => {
    await using stageOfMany = await openStage({ connectors: many, roundTripMs });
    await using stageOfOne = await openStage({ connectors: 1, roundTripMs });
    const compared = await compare(
      () => check(stageOfMany),
      () => check(stageOfOne),
      { warmUps: 1 },
    );
    return {
      measured: `${rounded(compared.ratio, 1)} (${Math.round(compared.subject)} ms against ${rounded(compared.baseline, 1)} ms)`,
      isMet: compared.ratio <= turns,
      runs: compared.runs,
      figures: { ratio: compared.ratio, manyMs: compared.subject, oneMs: compared.baseline },
    };
  },
};

export const firstCheckFamily: Family = { key: "check", rows: [checkRow] };
