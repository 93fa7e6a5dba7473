import { describe, expect, test } from "vitest";
import type { Connector } from "../../../../src/core/config/connector.ts";
import { Board } from "../../../../src/core/connectors/board/board.ts";
import type { CredentialHeaders, Grant, RequestToSign } from "../../../../src/core/credentials/grant.ts";
import { testConnector } from "../../../../src/core/mcp/connectorTest.ts";
import { outcomeSentence, type TestReport } from "../../../../src/core/mcp/report.ts";
import { Secret } from "../../../../src/core/secret.ts";
import { english } from "../../../../src/core/text.ts";
import { systemClock } from "../../../../src/node/clock.ts";
import { catalogueOf, connectorNamed } from "../../../support/connectors.ts";
import { grants } from "../../../support/grants.ts";
import { recordingLog } from "../../../support/ports.ts";
import { startOldServer } from "../../../support/mcpServers/oldServer.ts";
import { listen, listenMcp } from "./server.ts";

const traceId = "cd".repeat(16);
const token = "canary-granted-8e21";
const granted: Grant = { kind: "granted", headers: { Authorization: new Secret(`Bearer ${token}`) } };

interface Tested {
  readonly report: TestReport | undefined;
  readonly kept: TestReport | undefined;
  readonly log: ReturnType<typeof recordingLog>;
}

const tested = async (over: Partial<Connector>, grant: Grant = granted): Promise<Tested> => {
  const connector = connectorNamed("linear", over);
  const board = new Board();
  board.load(catalogueOf([connector]), () => "approved");
  const log = recordingLog();
  const evidence = { answeredBy: "vault.example.com", atMs: 0, traceId };
  const pipeline = { obtain: () => Promise.resolve({ grant, evidence }) };
  const parts = { pipeline, board, log, clock: systemClock, fetch: globalThis.fetch };
  const report = await testConnector(connector.id, parts, new AbortController().signal);
  return { report, kept: board.get(connector.id)?.lastTest, log };
};

const sentence = ({ report }: Tested): string | undefined =>
  report && outcomeSentence(report.outcome, english, 0);

describe("a test of a connector", () => {
  test("passes when it lists its tools, and is kept and logged with its trace", async () => {
    await using server = await listenMcp({ tools: ["whoami", "search"] });
    const result = await tested({ url: server.url });
    expect(sentence(result)).toBe("acme-test answers with 2 tools.");
    expect(result.report?.steps.map(({ step }) => step)).toEqual(["credential", "initialize", "tools/list"]);
    expect(result.kept).toEqual(result.report);
    expect(result.log.entries).toMatchObject([
      { event: "connector.tested", fields: { connector: "linear", outcome: "passed", tools: 2, traceId } },
    ]);
    expect(result.log.text()).not.toContain(token);
  });

  test("signs each request where the grant holds no header", async () => {
    await using server = await listenMcp();
    const asked: RequestToSign[] = [];
    const sign = (request: RequestToSign): Promise<CredentialHeaders> => {
      asked.push(request);
      return Promise.resolve({ authorization: new Secret(`signed ${asked.length}`) });
    };
    const result = await tested({ url: server.url }, { kind: "granted", headers: {}, sign });
    expect(result.report?.outcome.kind).toBe("passed");
    expect(server.requests.map(({ headers }) => headers["authorization"])).toEqual(
      asked.map((_request, index) => `signed ${index + 1}`),
    );
    expect(asked[0]).toMatchObject({ method: "POST", url: server.url });
    expect(asked[0]?.bodyHash).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(asked.map(({ bodyHash }) => bodyHash)).size).toBe(asked.length);
  });

  test.each([400, 404, 405])("knows the older transport, which refuses the POST with %d", async (status) => {
    await using server = await startOldServer(status);
    const result = await tested({ url: server.url });
    expect(sentence(result)).toMatch(/^The connector speaks only the older transport of MCP \(SSE\)/);
    expect(server.requests.map(({ method }) => method)).toEqual(["POST", "GET"]);
  });

  test("sends the trace on to the connector", async () => {
    await using server = await listenMcp();
    await tested({ url: server.url });
    expect(server.requests[0]?.headers["traceparent"]).toContain(traceId);
  });

  test("fails where the connector refuses the credential", async () => {
    await using server = await listen((_request, response) =>
      response.writeHead(403).end(`{"message":"No seat"}`),
    );
    const result = await tested({ url: server.url });
    expect(sentence(result)).toBe("The connector refuses the credential (HTTP 403) and says: No seat");
    expect(result.report?.steps.map(({ step }) => step)).toEqual(["credential", "initialize"]);
  });

  test("asks the connector nothing without a credential", async () => {
    await using server = await listenMcp();
    const result = await tested({ url: server.url }, grants.denied());
    expect(sentence(result)).toBe(
      "There is no credential to test with. Denied by policy (Contractors may not).",
    );
    expect(server.requests).toEqual([]);
  });

  test("says which transport it does not speak", async () => {
    const result = await tested({ transport: "sse" });
    expect(sentence(result)).toBe(
      'The credential was granted, but the test does not speak the transport "sse".',
    );
  });
});

test("a server without tools passes, and is not asked for them", async () => {
  await using server = await listen((_request, response) => {
    const result = { protocolVersion: "2025-06-18", capabilities: {}, serverInfo: { name: "quiet" } };
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, result }));
  });
  expect(sentence(await tested({ url: server.url }))).toBe("quiet answers with 0 tools.");
  expect(server.requests).toHaveLength(2);
});

test.each([
  [
    { kind: "unreachable", reason: "mcp.example.com cannot be reached." },
    "mcp.example.com cannot be reached.",
  ],
  [{ kind: "status", status: 404 }, "The connector answers with HTTP 404. Check its URL."],
  [{ kind: "notMcp" }, "What answers there is not an MCP server. Check the URL."],
  [
    { kind: "version", version: "1999-01-01" },
    "The connector speaks another version of the Model Context Protocol: 1999-01-01.",
  ],
  [{ kind: "error", code: -32603, reason: "Broken" }, "The connector answers with error -32603: Broken"],
] as const)("%o is said in words", (failure, expected) => {
  expect(outcomeSentence({ kind: "failed", step: "initialize", failure }, english, 0)).toBe(expected);
});

test("a connector that is gone is not tested", async () => {
  const board = new Board();
  const pipeline = { obtain: () => Promise.reject(new Error("Nobody asks")) };
  const parts = { pipeline, board, log: recordingLog(), clock: systemClock, fetch: globalThis.fetch };
  expect(await testConnector("gone", parts, new AbortController().signal)).toBeUndefined();
});
