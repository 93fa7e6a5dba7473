import { expect, it, test } from "vitest";
import { boardFacts, type BoardFacts } from "../../../../../src/core/connectors/board/boardFacts.ts";
import type { GrantState, Observed, Status } from "../../../../../src/core/connectors/board/status.ts";
import { refusals } from "../../../../support/grants.ts";

const observed = (finding: GrantState): Observed => ({
  ...finding,
  evidence: { answeredBy: "vault.example.com", atMs: 0, traceId: "0".repeat(32) },
});
const granted = observed({ kind: "granted" });
const unapproved: Status = { kind: "unapproved", changed: false };

/** The names of what is true. */
const facts = (...statuses: readonly Status[]): readonly string[] =>
  namesOf(boardFacts(statuses.map((status) => ({ status }))));
const namesOf = (all: BoardFacts): readonly string[] =>
  Object.entries(all).flatMap(([name, isTrue]) => (isTrue === true ? [name] : []));

it.each<[string, readonly Status[], readonly string[]]>([
  ["no connector", [], []],
  ["an untrusted one", [{ kind: "untrusted" }], ["hasConnectors"]],
  ["an unapproved one", [unapproved], ["hasConnectors", "needsApproval"]],
  ["one that was not asked", [{ kind: "unchecked" }], ["hasConnectors", "hasApproved"]],
  ["a first check under way", [granted, { kind: "checking" }], ["hasConnectors", "hasApproved"]],
  ["one that is ready", [granted], ["hasConnectors", "hasApproved", "needsNothing"]],
  [
    "one that is checked again",
    [{ kind: "checking", last: observed(refusals.needsConnection) }],
    ["hasConnectors", "hasApproved", "needsConnection"],
  ],
  [
    "one that wants to be connected",
    [granted, observed(refusals.needsConnection)],
    ["hasConnectors", "hasApproved", "needsConnection"],
  ],
  [
    "one that wants a stronger sign-in",
    [granted, observed(refusals.push)],
    ["hasConnectors", "hasApproved", "needsStepUp"],
  ],
  [
    "one that somebody else decides on",
    [granted, observed(refusals.pending)],
    ["hasConnectors", "hasApproved", "needsStepUp", "needsNothing"],
  ],
  [
    "one that is denied for good",
    [granted, observed(refusals.denied)],
    ["hasConnectors", "hasApproved", "needsNothing"],
  ],
  ["one that is signed out", [granted, observed(refusals.signedOut)], ["hasConnectors", "hasApproved"]],
])("what is true of %s", (_what, statuses, expected) => {
  expect(facts(...statuses)).toEqual(expected);
});

test("connectors are used once a helper has asked for one", () => {
  expect(namesOf(boardFacts([{ status: granted, lastAskedAtMs: 1 }, { status: unapproved }]))).toContain(
    "isUsed",
  );
  expect(facts(granted)).not.toContain("isUsed");
});
