import { describe, expect, it } from "vitest";
import {
  attention,
  isStillNeeded,
  reviewCause,
  type Attention,
  type AttentionInput,
} from "../../../../../src/core/connectors/wording/attention.ts";
import type { GrantState, Observed, Status } from "../../../../../src/core/connectors/board/status.ts";
import { connectorNamed } from "../../../../support/connectors.ts";
import { grants, refusals } from "../../../../support/grants.ts";

const observed = (finding: GrantState): Observed => ({
  ...finding,
  evidence: { answeredBy: "vault.example.com", atMs: 0, traceId: "0".repeat(32) },
});
const granted = observed({ kind: "granted" });

const entriesOf = (statuses: Readonly<Record<string, Status>>): AttentionInput["entries"] =>
  Object.entries(statuses).map(([name, status]) => ({ connector: connectorNamed(name), status }));

/** One look after another, each with what the one before has told. */
const looks = (...steps: readonly Readonly<Record<string, Status>>[]): (readonly string[])[] => {
  let last: Attention = { speakOf: [], told: new Set() };
  return steps.map((statuses) => {
    last = attention({
      entries: entriesOf(statuses),
      told: last.told,
      isPersonBusy: false,
      isMuted: () => false,
      isInSight: false,
    });
    return last.speakOf.map(({ name, kind }) => `${name}: ${kind}`);
  });
};

const push = (bindingMessage: string): Status => observed(grants.push({ bindingMessage }));

describe("who is spoken of", () => {
  it.each<[string, Status, string[]]>([
    ["untrusted", { kind: "untrusted" }, []],
    ["unapproved", { kind: "unapproved", changed: false }, ["x: review"]],
    ["changed", { kind: "unapproved", changed: true }, ["x: review"]],
    ["ready", granted, []],
    ["needs a connection", observed(refusals.needsConnection), ["x: connect"]],
    ["needs a stronger sign-in", observed(refusals.reauthenticate), ["x: stepUp"]],
    ["needs a confirmation", observed(refusals.stepUpPage), ["x: stepUp"]],
    ["waits for the phone", observed(refusals.push), ["x: approveElsewhere"]],
    ["waits for somebody else", observed(refusals.pending), []],
    ["denied", observed(refusals.denied), []],
    ["signed out", observed(refusals.signedOut), ["x: signIn"]],
    ["misconfigured", observed(refusals.misconfigured), []],
    ["unavailable", observed(refusals.unavailable), []],
  ])("%s", (_what, status, spoken) => {
    expect(looks({ x: status })).toEqual([spoken]);
  });

  it("is everyone who needs the person, together", () => {
    const statuses = { notion: observed(refusals.needsConnection), pagerduty: observed(refusals.stepUpPage) };
    expect(looks({ github: granted, ...statuses })).toEqual([["notion: connect", "pagerduty: stepUp"]]);
  });

  it("is nobody before every connector has its first answer", () => {
    const notion = observed(refusals.needsConnection);
    expect(
      looks(
        { notion, github: { kind: "unchecked" } },
        { notion, github: { kind: "checking" } },
        { notion, github: granted },
      ),
    ).toEqual([[], [], ["notion: connect"]]);
  });

  it("is nobody while the person acts, and whoever is left when they are done", () => {
    const entries = entriesOf({
      notion: observed(refusals.needsConnection),
      slack: observed(refusals.stepUpPage),
    });
    const none = { entries, told: new Set<string>(), isMuted: () => false, isInSight: false };
    const busy = attention({ ...none, isPersonBusy: true });
    expect([busy.speakOf, [...busy.told]]).toEqual([[], []]);
    expect(attention({ ...none, told: busy.told, isPersonBusy: false }).speakOf).toHaveLength(2);
  });

  it("is nobody whom the person muted", () => {
    const entries = entriesOf({
      notion: observed(refusals.needsConnection),
      slack: observed(refusals.stepUpPage),
    });
    const muted = connectorNamed("notion").id;
    const { speakOf } = attention({
      entries,
      told: new Set(),
      isPersonBusy: false,
      isMuted: (id) => id === muted,
      isInSight: false,
    });
    expect(speakOf.map(({ name }) => name)).toEqual(["slack"]);
  });
});

describe("connectors that are in sight", () => {
  const entries = entriesOf({
    a: { kind: "unapproved", changed: false },
    b: observed(refusals.needsConnection),
  });
  const shown = attention({
    ...{ entries, told: new Set<string>(), isPersonBusy: false, isMuted: () => false },
    isInSight: true,
  });

  it("offer their review themselves; what else they need is said", () => {
    expect(shown.speakOf.map(({ name }) => name)).toEqual(["b"]);
  });

  it("are not spoken of later, when they are out of sight", () => {
    const later = { entries, told: shown.told, isPersonBusy: false, isMuted: () => false };
    expect(attention({ ...later, isInSight: false }).speakOf).toEqual([]);
  });
});

describe("what was said", () => {
  const notion = observed(refusals.needsConnection);
  const unapproved: Status = { kind: "unapproved", changed: false };
  const said = (statuses: Readonly<Record<string, Status>>): Attention["speakOf"] =>
    attention({
      ...{ entries: entriesOf(statuses), told: new Set<string>(), isPersonBusy: false },
      ...{ isMuted: () => false, isInSight: false },
    }).speakOf;

  it.each<[string, Status, Status, boolean]>([
    ["holds while nothing is done", unapproved, unapproved, true],
    ["is over once it is approved elsewhere", unapproved, granted, false],
    ["is over once something else is wanted", unapproved, notion, false],
    ["holds while it is checked again", notion, { kind: "checking", last: notion }, true],
    ["is over once it is given", notion, granted, false],
  ])("%s", (_what, before, after, expected) => {
    expect(isStillNeeded(said({ x: before }), entriesOf({ x: after }))).toBe(expected);
  });

  it("holds as long as one of several needs it", () => {
    const needs = said({ x: unapproved, y: unapproved });
    expect(isStillNeeded(needs, entriesOf({ x: granted, y: unapproved }))).toBe(true);
  });
});

describe("one cause", () => {
  const notion = observed(refusals.needsConnection);

  it("is told once, through every check and outage", () => {
    const outage = observed({ kind: "unavailable", reason: "Down.", retryAtMs: 0 });
    const lastKnown = notion.kind === "needsConnection" ? notion : undefined;
    const steps: Status[] = [
      notion,
      notion,
      { kind: "checking", ...(lastKnown === undefined ? {} : { last: lastKnown }) },
      { ...outage, ...(lastKnown === undefined ? {} : { lastKnown }) },
      notion,
    ];
    expect(looks(...steps.map((status) => ({ notion: status })))).toEqual([
      ["notion: connect"],
      [],
      [],
      [],
      [],
    ]);
  });

  it("is another one when it was over and comes back", () => {
    expect(looks({ notion }, { notion: granted }, { notion })).toEqual([
      ["notion: connect"],
      [],
      ["notion: connect"],
    ]);
  });

  it("of another connector is told beside it, alone", () => {
    const slack = observed(refusals.stepUpPage);
    expect(looks({ notion, slack: granted }, { notion, slack })).toEqual([
      ["notion: connect"],
      ["slack: stepUp"],
    ]);
  });

  it("is one push: another request is another", () => {
    expect(looks({ x: push("code 1") }, { x: push("code 1") }, { x: push("code 2") })).toEqual([
      ["x: approveElsewhere"],
      [],
      ["x: approveElsewhere"],
    ]);
  });

  it("is the sign-in that several connectors share, also for one that joins later", () => {
    const out = observed({ kind: "signedOut", cause: "expired" });
    expect(looks({ a: out, b: out }, { a: out, b: out, c: out })).toEqual([["a: signIn", "b: signIn"], []]);
  });

  it("is no news when the person themself has signed out", () => {
    const out = observed({ kind: "signedOut", cause: "never" });
    expect(looks({ a: granted }, { a: out }, { a: granted }, { a: out })).toEqual([[], [], [], []]);
    expect(looks({ a: out }, { a: granted }, { a: out })).toEqual([["a: signIn"], [], []]);
  });

  it("is news when somebody else has ended the sign-in", () => {
    const out = observed({ kind: "signedOut", cause: "revoked" });
    expect(looks({ a: granted }, { a: out })).toEqual([[], ["a: signIn"]]);
  });

  it("is the review of everything in a workspace, whatever comes later", () => {
    const waits: Status = { kind: "unapproved", changed: false };
    expect(looks({ a: waits }, { a: granted }, { a: granted, b: waits })).toEqual([["a: review"], [], []]);
    const { speakOf } = attention({
      entries: entriesOf({ a: waits }),
      told: new Set([reviewCause]),
      isPersonBusy: false,
      isMuted: () => false,
      isInSight: false,
    });
    expect(speakOf).toEqual([]);
  });
});

describe("a session of Claude Code that was refused", () => {
  const row = (status: Status, refusedAtMs?: number): AttentionInput["entries"][number] => ({
    ...{ connector: connectorNamed("salesforce"), status },
    ...(refusedAtMs === undefined ? {} : { refusedAtMs }),
  });
  const look = (
    entry: AttentionInput["entries"][number],
    told: ReadonlySet<string> = new Set(),
    isInSight = false,
  ): Attention => attention({ entries: [entry], told, isPersonBusy: false, isMuted: () => false, isInSight });
  const kinds = ({ speakOf }: Attention): readonly string[] => speakOf.map(({ kind }) => kind);

  it.each<[string, Status, number | undefined, string[]]>([
    ["and is granted by now", granted, 5, ["reconnect"]],
    ["and nobody signed in since", observed(refusals.signedOut), 5, ["signIn"]],
    ["and the person said no", observed(refusals.denied), 5, []],
    ["never", granted, undefined, []],
  ])("%s", (_what, status, refusedAtMs, spoken) => {
    expect(kinds(look(row(status, refusedAtMs)))).toEqual(spoken);
  });

  it("is told of once for each refusal, and not to those who see the row", () => {
    const first = look(row(granted, 5));
    expect(kinds(look(row(granted, 5), first.told))).toEqual([]);
    expect(kinds(look(row(granted, 9), first.told))).toEqual(["reconnect"]);
    expect(kinds(look(row(granted, 5), new Set(), true))).toEqual([]);
  });
});
