import { join } from "node:path";
import { inRoot } from "../../scripts/support/paths.ts";
import { startProgram, timeOf } from "../parts/programs.ts";
import { openStage, type Stage } from "../parts/stage.ts";
import { compare, percentile, rounded, type Compared } from "../parts/statistics.ts";
import type { Family, Measurement, BenchRow } from "../row.ts";

const ratioOutcome = (compared: Compared, reach: number, baselineName: string): Measurement => ({
  measured: `${rounded(compared.ratio)} (${rounded(compared.subject, 1)} ms against ${rounded(compared.baseline, 1)} ms)`,
  isMet: compared.ratio <= reach,
  runs: compared.runs,
  figures: { ratio: compared.ratio, helperMs: compared.subject, [baselineName]: compared.baseline },
});

/** The least that can be asked over a socket: curl as Debian has it, and a server that does nothing. */
const bareCurl = (socket: string): readonly string[] => [
  ...["curl", "-q", "-s", "--unix-socket", socket, "http://lanyard/"],
];

const startConstantServer = (stage: Stage): ReturnType<typeof startProgram> =>
  startProgram(
    join(import.meta.dirname, "../parts/constantServer.ts"),
    join(stage.folder, "constant.sock"),
    '0\n{"Authorization":"Bearer x"}',
  );

export const againstCurl = async (stage: Stage, runs?: number): Promise<Compared> => {
  await using server = await startConstantServer(stage);
  return await compare(
    () => stage.helper(0),
    () => timeOf(bareCurl(server.said), {}),
    runs === undefined ? {} : { runs },
  );
};

const curlRow: BenchRow = {
  name: "`lanyard headers`, granted, vault on loopback",
  against: "`curl` to a socket with a constant reply",
  reach: "≤ 1.6",
  measure: async () => {
    await using stage = await openStage({ connectors: 8 });
    return ratioOutcome(await againstCurl(stage), 1.6, "curlMs");
  },
};

const nodeRow: BenchRow = {
  name: "the same",
  against: "`node -e 0`",
  reach: "≤ 0.6",
  measure: async () => {
    await using stage = await openStage({ connectors: 8 });
    const node = [process.execPath, "-e", "0"];
    return ratioOutcome(
      await compare(
        () => stage.helper(0),
        () => timeOf(node, {}),
      ),
      0.6,
      "nodeMs",
    );
  },
};

const roundTripMs = 20;

const tlsRow: BenchRow = {
  name: `the same, vault over TLS, ${roundTripMs} ms a round trip`,
  against: "`examples/helpers/token-exchange.sh` run directly",
  reach: "≤ 0.6",
  measure: async () => {
    await using stage = await openStage({ connectors: 8, roundTripMs });
    const { tokenEndpoint, caFile = "" } = stage;
    const env = {
      EXCHANGE_URL: tokenEndpoint,
      CURL_CA_BUNDLE: caFile,
      CLAUDE_CODE_MCP_USER_TOKEN: "a.user.token",
      CLAUDE_CODE_MCP_SERVER_URL: stage.urlOf(0),
    };
    const example = ["/bin/sh", inRoot("examples/helpers/token-exchange.sh")];
    return ratioOutcome(
      await compare(
        () => stage.helper(0),
        () => timeOf(example, env),
      ),
      0.6,
      "exampleMs",
    );
  },
};

const atOnce = 8;

/** How much longer so many bare curls take than one: what the machine's cores make of it, without Lanyard. */
const curlsAtOnce = async (stage: Stage, count: number): Promise<Compared> => {
  await using server = await startConstantServer(stage);
  const curl = `${bareCurl(server.said).join(" ")} &`;
  const together = (size: number): readonly string[] => [
    ...["/bin/sh", "-c", [...Array.from({ length: size }, () => curl), "wait"].join("\n")],
  ];
  return await compare(
    () => timeOf(together(count), {}),
    () => timeOf(together(1), {}),
  );
};

const eightRow: BenchRow = {
  name: "eight helpers at once, the last of them",
  against: "one helper",
  reach: "≤ 3 on two cores",
  measure: async () => {
    await using stage = await openStage({ connectors: atOnce });
    const helpers = await compare(
      () => stage.helpersAtOnce(atOnce),
      () => stage.helpersAtOnce(1),
    );
    const curls = await curlsAtOnce(stage, atOnce);
    const { measured, figures, ...rest } = ratioOutcome(helpers, 3, "oneMs");
    return {
      ...rest,
      measured: `${measured}; eight bare \`curl\`s: ${rounded(curls.ratio)}`,
      figures: { ...figures, curlRatio: curls.ratio },
    };
  },
};

const crowd = 200;
const rounds = 5;
const tokenLifeMs = 300_000;

const crowdRow: BenchRow = {
  name: `${crowd} helpers at once, token just expired`,
  against: "",
  reach: "no failure, one refresh",
  measure: async () => {
    await using stage = await openStage({ connectors: 8 });
    await stage.helper(0);
    const times: number[] = [];
    let failures = 0;
    const refreshes: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await stage.window.ask({ kind: "shift", byMs: tokenLifeMs });
      const before = await stage.refreshes();
      const helpers = Array.from({ length: crowd }, (_, index) => stage.helper(index % 8));
      for (const ran of await Promise.allSettled(helpers)) {
        if (ran.status === "fulfilled") times.push(ran.value);
        else failures += 1;
      }
      refreshes.push((await stage.refreshes()) - before);
    }
    const p99Ms = percentile(times, 0.99);
    return {
      measured: `${failures} failures, ${refreshes.join(", ")} refreshes in ${rounds} rounds, p99 ${Math.round(p99Ms)} ms`,
      isMet: failures === 0 && refreshes.every((count) => count === 1),
      runs: rounds,
      figures: { failures, refreshes: refreshes.join(" "), p50Ms: percentile(times, 0.5), p99Ms },
    };
  },
};

export const helperFamily: Family = { key: "helper", rows: [curlRow, nodeRow, tlsRow, eightRow] };
export const crowdFamily: Family = { key: "crowd", rows: [crowdRow] };
