import type { Connector } from "../config/connector.ts";
import { reasonFor } from "../connectors/sentences.ts";
import type { Refusal } from "../credentials/grant.ts";
import { plainText, type Translate } from "../text.ts";
import type { McpFailure } from "./client.ts";

export type TestStep = "credential" | "initialize" | "tools/list";

export interface TimedStep {
  readonly step: TestStep;
  /** How long it took. */
  readonly ms: number;
}

export type TestOutcome =
  | {
      readonly kind: "passed";
      /** What the server calls itself. */
      readonly server: string;
      readonly protocolVersion: string;
      readonly tools: readonly string[];
    }
  /** There was no credential to test with. */
  | { readonly kind: "notGranted"; readonly finding: Refusal }
  | { readonly kind: "failed"; readonly step: TestStep; readonly failure: McpFailure }
  /** The server is reached in a way that the test does not speak. */
  | { readonly kind: "notTestable"; readonly transport: Connector["transport"] };

/** What a test of a connector found, and the trace id under which both sides logged it. */
export interface TestReport {
  readonly atMs: number;
  readonly traceId: string;
  readonly steps: readonly TimedStep[];
  readonly outcome: TestOutcome;
}

/** The outcome in one line, without the connector's name. */
export const outcomeSentence = (outcome: TestOutcome, t: Translate, nowMs: number): string => {
  switch (outcome.kind) {
    case "passed":
      return passedSentence(outcome, t);
    case "notGranted":
      return t("There is no credential to test with. {0}.", reasonFor(outcome.finding, t, nowMs).reason);
    case "failed":
      return failureSentence(outcome.failure, t);
    case "notTestable":
      return t(
        'The credential was granted, but the test does not speak the transport "{0}".',
        outcome.transport,
      );
  }
};

const passedSentence = (
  { server, tools }: TestOutcome & { readonly kind: "passed" },
  t: Translate,
): string =>
  tools.length === 1
    ? t("{0} answers with 1 tool.", server)
    : t("{0} answers with {1} tools.", server, tools.length);

/** What it means and what is to be done, for the report and the doctor. */
export const oldTransportTold = (t: Translate): string =>
  t(
    "The connector speaks only the older transport of MCP (SSE), which the bridge does not. Ask who runs it for a Streamable HTTP address; until then Claude Code reaches it with headersHelper.",
  );

const failureSentence = (failure: McpFailure, t: Translate): string => {
  switch (failure.kind) {
    case "refused":
      return failure.reason === undefined
        ? t("The connector refuses the credential (HTTP {0}).", failure.status)
        : t("The connector refuses the credential (HTTP {0}) and says: {1}", failure.status, failure.reason);
    case "page":
      return pageSentence(failure, t);
    case "unreachable":
      return plainText(failure.reason);
    case "status":
      return failure.reason === undefined
        ? t("The connector answers with HTTP {0}. Check its URL.", failure.status)
        : t("The connector answers with HTTP {0} and says: {1}", failure.status, failure.reason);
    case "oldTransport":
      return oldTransportTold(t);
    case "notMcp":
      return t("What answers there is not an MCP server. Check the URL.");
    case "version":
      return t("The connector speaks another version of the Model Context Protocol: {0}.", failure.version);
    case "error":
      return t("The connector answers with error {0}: {1}", failure.code, failure.reason);
  }
};

const pageSentence = ({ status, server }: McpFailure & { readonly kind: "page" }, t: Translate): string =>
  server === ""
    ? t(
        "A web page came in place of the connector's answer (HTTP {0}): a firewall or a proxy may stop the request.",
        status,
      )
    : t(
        "A web page of {1} came in place of the connector's answer (HTTP {0}): a firewall or a proxy may stop the request.",
        status,
        server,
      );

/** "credential 12 ms, initialize 40 ms": the protocol's own names, which are not translated. */
export const stepsText = (steps: readonly TimedStep[]): string =>
  steps.map(({ step, ms }) => `${step} ${Math.round(ms)} ms`).join(", ");
