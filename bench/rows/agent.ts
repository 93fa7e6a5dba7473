import { join } from "node:path";
import { run } from "../../test/process/support.ts";
import { agentRequest } from "../parts/agentRequest.ts";
import { drive, type Loaded } from "../parts/load.ts";
import { startProgram } from "../parts/programs.ts";
import { openStage } from "../parts/stage.ts";
import { compare, median, rounded } from "../parts/statistics.ts";
import type { Family, BenchRow } from "../row.ts";

const connections = 64;
const requests = 1280;
const reach = 0.5;

const statusRow: BenchRow = {
  name: `agent: status requests a second at ${connections} connections`,
  against: "Node's `http` server answering a constant of the same length",
  reach: `≥ ${reach}`,
  measure: async () => {
    await using stage = await openStage({ connectors: 8 });
    await stage.window.ask({ kind: "checkAll" });
    const { path, request } = await agentRequest(stage, "status");
    const status = await run(["/bin/sh", join(stage.home, "bin/lanyard"), "status"], {
      env: { PATH: process.env["PATH"] ?? "", LANYARD_HOME: stage.home },
    });
    const constantServer = join(import.meta.dirname, "../parts/constantServer.ts");
    const socket = join(stage.folder, "constant.sock");
    await using server = await startProgram(constantServer, socket, `0\n${status.stdout.trimEnd()}`);
    const p99s: { readonly agent: number[]; readonly constant: number[] } = { agent: [], constant: [] };
    const perSecond = async (at: string, seen: number[]): Promise<number> => {
      const loaded: Loaded = await drive({ path: at, request, connections, requests });
      seen.push(loaded.p99Ms);
      return loaded.perSecond;
    };
    const compared = await compare(
      () => perSecond(path, p99s.agent),
      () => perSecond(server.said, p99s.constant),
    );
    const [agentP99Ms, constantP99Ms] = [median(p99s.agent), median(p99s.constant)];
    return {
      measured: `${rounded(compared.ratio)} (${Math.round(compared.subject)} against ${Math.round(compared.baseline)} a second; p99 ${Math.round(agentP99Ms)} ms against ${Math.round(constantP99Ms)} ms)`,
      isMet: compared.ratio >= reach,
      runs: compared.runs,
      figures: {
        ratio: compared.ratio,
        agentPerSecond: compared.subject,
        constantPerSecond: compared.baseline,
        ...{ agentP99Ms, constantP99Ms },
      },
    };
  },
};

export const agentFamily: Family = { key: "agent", rows: [statusRow] };
