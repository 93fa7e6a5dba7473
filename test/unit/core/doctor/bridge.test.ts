import { expect, it } from "vitest";
import type { Connector } from "../../../../src/core/config/connector.ts";
import { Board } from "../../../../src/core/connectors/board/board.ts";
import { judgeBridges } from "../../../../src/core/doctor/bridge.ts";
import type { TestOutcome } from "../../../../src/core/mcp/report.ts";
import { english } from "../../../../src/core/text.ts";
import { catalogueOf, connectorNamed } from "../../../support/connectors.ts";

const old: TestOutcome = { kind: "failed", step: "initialize", failure: { kind: "oldTransport" } };

const told = (helper: Connector["helper"], outcome?: TestOutcome): readonly string[] => {
  const connector = connectorNamed("tickets", { helper });
  const board = new Board();
  board.load(catalogueOf([connector]), () => "approved");
  if (outcome !== undefined) board.tested(connector.id, { atMs: 0, traceId: "", steps: [], outcome });
  return judgeBridges(board.entries(), english).map(
    ({ verdict, finding, remedy = "" }) => `${verdict}: ${finding} ${remedy}`,
  );
};

it("names the entries whose server has the older transport alone, and what to do", () => {
  expect(told({ kind: "bridge" }, old)).toEqual([
    expect.stringMatching(/^failed: tickets .*older transport of MCP \(SSE\).*Ask who runs it/),
  ]);
  expect(told({ kind: "lanyard" }, old)).toEqual([]);
  expect(told({ kind: "bridge" })).toEqual([]);
});

it("names those that start a program of their own, as a server on stdio is", () => {
  expect(told({ kind: "foreign", command: "npx tickets-server" })).toEqual([
    expect.stringMatching(/^warning: .*another program.*: tickets\. .*itself a command \(stdio\)/),
  ]);
});
