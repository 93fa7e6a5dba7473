import { measureApprovals } from "../approval.ts";
import type { Family, BenchRow } from "../row.ts";

const approvalRow: BenchRow = {
  name: "from the approval on the phone to headers: long poll; a vault without it",
  against: "",
  reach: "≤ 100 ms; ≤ 1.1 s, the demo's polling interval and as much",
  measure: async () => {
    const measured = await measureApprovals();
    return {
      measured: measured.map(({ medianMs, maxMs }) => `${medianMs} ms (at most ${maxMs} ms)`).join("; "),
      isMet: measured.every(({ medianMs, limitMs }) => medianMs <= limitMs),
      runs: Math.min(...measured.map(({ runs }) => runs)),
      figures: Object.fromEntries(measured.map(({ name, medianMs }) => [name, medianMs])),
    };
  },
};

export const approvalFamily: Family = { key: "approval", rows: [approvalRow] };
