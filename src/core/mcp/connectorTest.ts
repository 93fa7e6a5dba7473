import type { Connector } from "../config/connector.ts";
import type { Board } from "../connectors/board/board.ts";
import type { Pipeline } from "../connectors/pipeline/pipeline.ts";
import type { Granted } from "../credentials/grant.ts";
import { signedFetch } from "./signedFetch.ts";
import type { Clock, Fetch, Log, LogFields } from "../ports.ts";
import { startTrace } from "../trace.ts";
import { McpClient } from "./client.ts";
import type { TestOutcome, TestReport, TestStep, TimedStep } from "./report.ts";

export interface ConnectorTestParts {
  readonly pipeline: Pick<Pipeline, "obtain">;
  readonly board: Pick<Board, "get" | "tested">;
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Asks for the connector's credential, then talks to the connector itself as an MCP client would: `initialize` and
 * `tools/list`. The report goes to the board and the log.
 * @returns undefined when the board has no such connector.
 * @throws LanyardError `cancelled` when the signal fired.
 */
export const testConnector = async (
  connectorId: string,
  parts: ConnectorTestParts,
  signal: AbortSignal,
): Promise<TestReport | undefined> => {
  const { pipeline, board, clock, log } = parts;
  const connector = board.get(connectorId)?.connector;
  if (connector === undefined) return undefined;
  const watch = new Stopwatch(clock);
  const ask = (): ReturnType<Pipeline["obtain"]> =>
    pipeline.obtain(connectorId, { requester: "check", signal });
  const { grant, evidence } = await watch.time("credential", ask);
  const outcome: TestOutcome =
    grant.kind === "granted"
      ? await talk(connector, grant, evidence.traceId, watch, parts, signal)
      : { kind: "notGranted", finding: grant };
  const report = { atMs: clock.now(), traceId: evidence.traceId, steps: watch.steps(), outcome };
  board.tested(connectorId, report);
  log.info("connector.tested", fieldsOf(connector, report));
  return report;
};

const talk = async (
  connector: Connector,
  { headers, sign }: Granted,
  traceId: string,
  watch: Stopwatch,
  { fetch, clock }: Pick<ConnectorTestParts, "fetch" | "clock">,
  signal: AbortSignal,
): Promise<TestOutcome> => {
  const { transport, url } = connector;
  if (transport !== "http") return { kind: "notTestable", transport };
  const ports = { clock, fetch: sign === undefined ? fetch : signedFetch(fetch, sign) };
  const client = new McpClient({ url, headers, trace: startTrace(traceId) }, ports);
  try {
    const initialized = await watch.time("initialize", () => client.initialize(signal));
    if (initialized.kind !== "ok") return { kind: "failed", step: "initialize", failure: initialized };
    const { protocolVersion, serverInfo, capabilities } = initialized.value;
    const passed = { kind: "passed", server: serverInfo.name, protocolVersion } as const;
    if (capabilities.tools === undefined) return { ...passed, tools: [] };
    const tools = await watch.time("tools/list", () => client.listTools(signal));
    return tools.kind === "ok"
      ? { ...passed, tools: tools.value }
      : { kind: "failed", step: "tools/list", failure: tools };
  } finally {
    await client.close();
  }
};

const fieldsOf = ({ name }: Connector, { outcome, steps, traceId }: TestReport): LogFields => ({
  connector: name,
  outcome: outcome.kind,
  ...(outcome.kind === "notGranted" ? { grant: outcome.finding.kind } : {}),
  ...(outcome.kind === "failed" ? { step: outcome.step, failure: outcome.failure.kind } : {}),
  ...(outcome.kind === "passed" ? { protocol: outcome.protocolVersion, tools: outcome.tools.length } : {}),
  tookMs: steps.map(({ step, ms }) => `${step} ${Math.round(ms)}`).join(", "),
  traceId,
});

class Stopwatch {
  readonly #clock: Clock;
  readonly #steps: TimedStep[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async time<T>(step: TestStep, work: () => Promise<T>): Promise<T> {
    const startedAtMs = this.#clock.now();
    try {
      return await work();
    } finally {
      this.#steps.push({ step, ms: Math.max(0, this.#clock.now() - startedAtMs) });
    }
  }

  steps(): readonly TimedStep[] {
    return [...this.#steps];
  }
}
