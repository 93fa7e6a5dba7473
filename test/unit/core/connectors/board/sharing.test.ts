import { describe, expect, test } from "vitest";
import { Board } from "../../../../../src/core/connectors/board/board.ts";
import type { Permission } from "../../../../../src/core/connectors/board/status.ts";
import type { Observation } from "../../../../../src/core/connectors/board/observation.ts";
import { Sharing } from "../../../../../src/core/connectors/board/sharing.ts";
import { observationSchema } from "../../../../../src/core/connectors/board/observationSchema.ts";
import { catalogueOf, connectorNamed } from "../../../../support/connectors.ts";
import { refusals } from "../../../../support/grants.ts";

const github = connectorNamed("github");

interface Shown {
  readonly board: Board;
  readonly sharing: Sharing;
  readonly told: Observation[];
}

/** A window's board, and what it tells. */
const open = (standing: Permission = "approved", connector = github): Shown => {
  const board = new Board();
  board.load(catalogueOf([connector]), () => standing);
  const told: Observation[] = [];
  const sharing = new Sharing(board, (observations) => told.push(...observations));
  return { board, sharing, told };
};

const evidence = (atMs: number) => ({ answeredBy: "vault.example.com", atMs, traceId: `trace-${atMs}` });
const statusOf = ({ board }: Shown) => board.get(github.id)?.status;

describe("what one window sees", () => {
  test("the other shows, with its evidence, and does not tell back", () => {
    const [a, b] = [open(), open()];
    a.board.record(github.id, { kind: "granted" }, evidence(10));
    a.board.noteRequested(github.id, 5);
    a.board.issued(github.id, 6, 100);
    b.sharing.take(a.told);
    expect(b.board.entries()).toEqual(a.board.entries());
    expect(b.told).toEqual([]);
  });

  test("takes nothing back of what lives longer, were it handed out before", () => {
    const [a, b] = [open(), open()];
    b.board.issued(github.id, 5, 3_600);
    a.board.issued(github.id, 6, 60);
    b.sharing.take(a.told);
    a.sharing.take(b.told);
    for (const { board } of [a, b])
      expect(board.get(github.id)?.lastIssued).toEqual({ atMs: 5, expiresAtMs: 3_600 });
  });

  test.each(Object.entries(refusals))("survives the way, were it %s", (_name, refusal) => {
    const [a, b] = [open(), open()];
    a.board.record(github.id, refusal, evidence(10));
    const sent: unknown = JSON.parse(JSON.stringify(a.told));
    b.sharing.take(observationSchema.array().parse(sent));
    expect(statusOf(b)).toEqual({ ...refusal, evidence: evidence(10) });
  });

  test("gives way to what is newer, whichever window saw it", () => {
    const [a, b] = [open(), open()];
    b.board.record(github.id, refusals.denied, evidence(20));
    a.board.record(github.id, { kind: "granted" }, evidence(10));
    b.sharing.take(a.told);
    expect(statusOf(b)).toMatchObject({ kind: "denied" });
    a.sharing.take(b.told);
    expect(statusOf(a)).toMatchObject({ kind: "denied" });
  });

  test("is not told where its storage does not work, nor what it could not ask for", () => {
    const a = open();
    const ill: Observation[] = [];
    const mute = new Sharing(
      a.board,
      (seen) => ill.push(...seen),
      () => false,
    );
    a.board.record(github.id, { kind: "granted" }, evidence(10));
    expect([ill, mute.all(), a.told.length]).toEqual([[], [], 1]);
    a.board.record(github.id, refusals.unavailable, { ...evidence(20), answeredBy: "Lanyard" });
    expect(a.told.flatMap(({ finding }) => finding?.kind ?? [])).toEqual(["granted"]);
    expect(a.sharing.all().flatMap(({ finding }) => finding?.kind ?? [])).toEqual([]);
  });

  test("is told whole to a window that comes", () => {
    const a = open();
    a.board.record(github.id, { kind: "granted" }, evidence(10));
    const late = open();
    late.sharing.take(a.sharing.all());
    expect(statusOf(late)).toMatchObject({ kind: "granted" });
  });
});

describe("nothing is shown of another window's answer", () => {
  test.each(["untrusted", "unapproved", "changed"] as const)("where the entry is %s here", (standing) => {
    const [a, b] = [open(), open(standing)];
    const before = statusOf(b);
    a.board.record(github.id, { kind: "granted" }, evidence(10));
    b.sharing.take(a.told);
    expect(statusOf(b)).toEqual(before);
    expect(b.sharing.all()).toEqual([]);
  });

  test("where the entry of that name is another", () => {
    const a = open();
    const b = open("approved", { ...github, url: "https://elsewhere.example.com/mcp" });
    a.board.record(github.id, { kind: "granted" }, evidence(10));
    b.sharing.take(a.told);
    expect(statusOf(b)).toEqual({ kind: "unchecked" });
  });
});
