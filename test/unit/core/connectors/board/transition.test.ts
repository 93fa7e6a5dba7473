import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  lastAnswer,
  type Evidence,
  type GrantState,
  type Observed,
  type Status,
  type StatusKind,
} from "../../../../../src/core/connectors/board/status.ts";
import { transition, type StatusEvent } from "../../../../../src/core/connectors/board/transition.ts";
import { grants, refusals } from "../../../../support/grants.ts";

const evidence: Evidence = { answeredBy: "vault.example.com", atMs: 1, traceId: "a".repeat(32) };
const later: Evidence = { answeredBy: "vault.example.com", atMs: 2, traceId: "b".repeat(32) };
const granted: Observed = { kind: "granted", evidence };

const statuses = {
  untrusted: { kind: "untrusted" },
  unapproved: { kind: "unapproved", changed: false },
  unchecked: { kind: "unchecked" },
  checking: { kind: "checking", last: granted },
  granted: { kind: "granted", evidence },
  needsConnection: { ...grants.needsConnection(), evidence },
  stepUp: { ...grants.push(), evidence },
  pending: { ...grants.pending(), evidence },
  denied: { ...grants.denied(), evidence },
  signedOut: { ...grants.signedOut(), evidence },
  misconfigured: { ...grants.misconfigured(), evidence },
  unavailable: { ...grants.unavailable(), evidence, lastKnown: granted },
} satisfies { readonly [K in StatusKind]: Extract<Status, { readonly kind: K }> };

const retryAtMs = 1_700_000_999_000;

const events = {
  untrusted: { kind: "permission", permission: "untrusted" },
  unapproved: { kind: "permission", permission: "unapproved" },
  changed: { kind: "permission", permission: "changed" },
  approved: { kind: "permission", permission: "approved" },
  check: { kind: "check" },
  denied: { kind: "answer", finding: grants.denied(), evidence: later },
  unavailable: { kind: "answer", finding: grants.unavailable(), evidence: later },
  retry: { kind: "retry", atMs: retryAtMs },
} satisfies Readonly<Record<string, StatusEvent>>;

/** `same` is the very object that was there before. */
type Next = "same" | Status;
type Row = Readonly<Record<keyof typeof events, Next>>;

const untrusted: Status = { kind: "untrusted" };
const unapproved: Status = { kind: "unapproved", changed: false };
const changed: Status = { kind: "unapproved", changed: true };
const unchecked: Status = { kind: "unchecked" };
const denied: Status = { ...grants.denied(), evidence: later };
const unreachable = (lastKnown?: Observed): Status => ({
  ...grants.unavailable(),
  evidence: later,
  ...(lastKnown === undefined ? {} : { lastKnown }),
});

/** What an answer that came goes on to, whatever it was. */
const answered = (status: Observed): Row => ({
  ...{ untrusted, unapproved, changed, approved: "same" },
  check: { kind: "checking", last: status },
  denied,
  unavailable: unreachable(status),
  retry: "same",
});

const table: Readonly<Record<StatusKind, Row>> = {
  untrusted: {
    ...{ untrusted: "same", unapproved, changed, approved: unchecked },
    ...{ check: "same", denied: "same", unavailable: "same", retry: "same" },
  },
  unapproved: {
    ...{ untrusted, unapproved: "same", changed, approved: unchecked },
    ...{ check: "same", denied: "same", unavailable: "same", retry: "same" },
  },
  unchecked: {
    ...{ untrusted, unapproved, changed, approved: "same" },
    ...{ check: { kind: "checking" }, denied, unavailable: unreachable(), retry: "same" },
  },
  checking: {
    ...{ untrusted, unapproved, changed, approved: "same" },
    ...{ check: "same", denied, unavailable: unreachable(granted), retry: "same" },
  },
  granted: answered(statuses.granted),
  needsConnection: answered(statuses.needsConnection),
  stepUp: answered(statuses.stepUp),
  pending: answered(statuses.pending),
  denied: answered(statuses.denied),
  signedOut: answered(statuses.signedOut),
  misconfigured: answered(statuses.misconfigured),
  unavailable: {
    ...answered(statuses.unavailable),
    unavailable: unreachable(granted),
    retry: { ...statuses.unavailable, retryAtMs },
  },
};

const cells = Object.entries(table).flatMap(([kind, row]) =>
  Object.entries(row).map(([event, next]: [string, Next]) => ({ kind, event, next })),
);

const statusNamed = (kind: string): Status =>
  Object.entries(statuses).find(([name]) => name === kind)?.[1] ?? unchecked;
const eventNamed = (event: string): StatusEvent =>
  Object.entries(events).find(([name]) => name === event)?.[1] ?? { kind: "check" };

describe("the next status", () => {
  it.each(cells)("$kind, then $event", ({ kind, event, next }) => {
    const status = statusNamed(kind);
    const result = transition(status, eventNamed(event));
    if (next === "same") expect(result).toBe(status);
    else expect(result).toEqual(next);
  });

  it("tells an entry that changed after its approval from one that was never approved", () => {
    const status: Status = { kind: "unapproved", changed: true };
    expect(transition(status, events.changed)).toBe(status);
    expect(transition(status, events.unapproved)).toEqual({ kind: "unapproved", changed: false });
  });
});

const anyFinding: fc.Arbitrary<GrantState> = fc.constantFrom<GrantState[]>(
  { kind: "granted" },
  ...Object.values(refusals),
);
const anyEvidence: fc.Arbitrary<Evidence> = fc.record({
  answeredBy: fc.constant("vault.example.com"),
  atMs: fc.nat(),
  traceId: fc.constant("c".repeat(32)),
});
const answers: fc.Arbitrary<StatusEvent> = fc.record({
  kind: fc.constant("answer" as const),
  finding: anyFinding,
  evidence: anyEvidence,
});
const asking = fc.oneof(
  answers,
  fc.constant<StatusEvent>(events.check),
  fc.record({ kind: fc.constant("retry" as const), atMs: fc.nat() }),
);
const anyEvent = fc.oneof(
  asking,
  fc.constantFrom<StatusEvent[]>(events.untrusted, events.unapproved, events.changed, events.approved),
);
const after = (status: Status, happened: readonly StatusEvent[]): Status =>
  happened.reduce(transition, status);

describe("whatever happens", () => {
  it("no question and no answer lifts a connector out of untrusted or unapproved", () => {
    const shut = fc.constantFrom<Status[]>(untrusted, unapproved, changed);
    fc.assert(
      fc.property(shut, fc.array(asking), (status, happened) => {
        expect(after(status, happened)).toBe(status);
      }),
    );
  });

  it("a connector that cannot be reached remembers the last answer that came since it was approved", () => {
    fc.assert(
      fc.property(fc.array(anyEvent), (happened) => {
        let expected: Observed | undefined;
        let status: Status = unchecked;
        for (const event of happened) {
          const isShut = status.kind === "untrusted" || status.kind === "unapproved";
          if (event.kind === "permission" && event.permission !== "approved") expected = undefined;
          if (event.kind === "answer" && event.finding.kind !== "unavailable" && !isShut) {
            expected = { ...event.finding, evidence: event.evidence };
          }
          status = transition(status, event);
        }
        expect(lastAnswer(status)).toEqual(expected);
      }),
    );
  });

  it("a status that says something says by whom, when and under which trace", () => {
    fc.assert(
      fc.property(fc.array(anyEvent), (happened) => {
        const status = after(unchecked, happened);
        const silent = ["untrusted", "unapproved", "unchecked", "checking"];
        expect("evidence" in status).toBe(!silent.includes(status.kind));
      }),
    );
  });
});
