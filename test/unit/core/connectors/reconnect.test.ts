import { describe, expect, it } from "vitest";
import {
  reconnectCommand,
  reconnectHint,
  reconnectSentence,
} from "../../../../src/core/connectors/reconnect.ts";
import type { GrantState, Observed, Status } from "../../../../src/core/connectors/board/status.ts";
import { english } from "../../../../src/core/text.ts";
import { connectorNamed } from "../../../support/connectors.ts";
import { refusals } from "../../../support/grants.ts";

const observed = (finding: GrantState): Observed => ({
  ...finding,
  evidence: { answeredBy: "vault.example.com", atMs: 0, traceId: "0".repeat(32) },
});
const entry = (status: Status, refusedAtMs?: number): Parameters<typeof reconnectHint>[0] => ({
  ...{ connector: connectorNamed("salesforce"), status },
  ...(refusedAtMs === undefined ? {} : { refusedAtMs }),
});

const granted = observed({ kind: "granted" });
const checking: Status = { kind: "checking", last: granted };
const saidNo = observed({ kind: "denied", by: "user", reason: "No." });

describe("what a person types into a session of Claude Code that was refused", () => {
  it.each<[string, Status, number | undefined, string | undefined, string | undefined]>([
    ["nobody was refused", granted, undefined, undefined, undefined],
    [
      ...(["granted by now", granted, 1, "type /mcp reconnect salesforce in Claude Code"] as const),
      "Claude Code was refused at noon and does not ask again by itself: type /mcp reconnect salesforce in it.",
    ],
    [
      ...(["being checked, after it was granted", checking, 1] as const),
      "type /mcp reconnect salesforce in Claude Code",
      "Claude Code was refused at noon and does not ask again by itself: type /mcp reconnect salesforce in it.",
    ],
    [
      ...([
        "rejected by the person",
        saidNo,
        1,
        "/mcp reconnect salesforce in Claude Code asks again",
      ] as const),
      "Claude Code was refused at noon. To ask once more, type /mcp reconnect salesforce in it.",
    ],
    [
      ...(["signed out", observed(refusals.signedOut), 1, undefined] as const),
      "Claude Code was refused at noon. Once this is ready, type /mcp reconnect salesforce in it.",
    ],
  ])("%s", (_what, status, refusedAtMs, hint, sentence) => {
    const row = entry(status, refusedAtMs);
    expect(reconnectHint(row, english)).toBe(hint);
    expect(reconnectSentence(row, english, "noon")).toBe(sentence);
  });

  it("is one line, whatever the server is called", () => {
    expect(reconnectCommand("a\n\u202e b")).not.toMatch(/[\n\u202e]/u);
  });
});
