import { join } from "node:path";
import { installClaudeCode, type ClaudeCode } from "../../scripts/clients/claudeCode.ts";
import { openClaudeFolder, type ClaudeFolder } from "../../test/clients/support/claudeFolder.ts";
import { startRecorders } from "../../test/clients/support/recorder.ts";
import { nameOf, openStage } from "../parts/stage.ts";
import { compare, rounded } from "../parts/statistics.ts";
import type { BenchRow, Family } from "../row.ts";

const connectors = 8;
const reach = 1.25;
const runs = 15;

/** The least that a helper can do: print what it was written with. */
const printing = `printf '{"Authorization":"Bearer vault-credential"}'`;

/** `claude mcp list` to its end. @returns how long it took, in milliseconds. @throws unless all are connected. */
const list = async (
  client: ClaudeCode,
  folder: ClaudeFolder,
  env: Readonly<Record<string, string>> = {},
): Promise<number> => {
  const ran = await folder.run(client, ["mcp", "list"], { env });
  const connected = ran.stdout.split("✔ Connected").length - 1;
  if (connected !== connectors) throw new Error(`Claude Code connected to ${connected}:\n${ran.stdout}`);
  return ran.tookMs;
};

const listRow: BenchRow = {
  name: "`claude mcp list`, eight connectors, granted, vault on loopback",
  against: "the same with a helper that only prints",
  reach: `≤ ${reach}`,
  measure: async () => {
    const client = (await installClaudeCode()).installed.at(-1);
    if (client === undefined) throw new Error("Claude Code cannot be had.");
    await using recorders = startRecorders();
    const ports: number[] = [];
    for (let index = 0; index < connectors; index += 1) ports.push((await recorders.open()).port);
    const urlOf = (index: number): string => `http://127.0.0.1:${ports[index] ?? 0}/mcp`;
    await using stage = await openStage({ connectors, urlOf });
    await using asking = await openClaudeFolder({
      isTrusted: true,
      project: join(stage.folder, "workspace"),
    });
    await using plain = await openClaudeFolder({ isTrusted: true });
    const entries = ports.map((_port, index) => [
      nameOf(index),
      { type: "http", url: urlOf(index), headersHelper: printing },
    ]);
    await plain.writeMcpJson(Object.fromEntries(entries) as Readonly<Record<string, object>>);
    const { ratio, subject, baseline } = await compare(
      () => list(client, asking, { LANYARD_HOME: stage.home }),
      () => list(client, plain),
      { runs },
    );
    return {
      measured: `${rounded(ratio)} (${rounded(subject)} ms against ${rounded(baseline)} ms, Claude Code ${client.version})`,
      isMet: ratio <= reach,
      runs,
      figures: { ratio, lanyardMs: subject, printingMs: baseline, version: client.version },
    };
  },
};

export const clientFamily: Family = { key: "client", rows: [listRow] };
