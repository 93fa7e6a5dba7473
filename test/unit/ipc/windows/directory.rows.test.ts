import { beforeEach, expect, test } from "vitest";
import { UserActions } from "../../../../src/core/connectors/wait/userActions.ts";
import { Board } from "../../../../src/core/connectors/board/board.ts";
import { areAsBefore, rowsOf } from "../../../../src/ipc/windows/directory.ts";
import type { ConnectorRow } from "../../../../src/ipc/windows/messages.ts";
import { catalogueOf, connectorNamed } from "../../../support/connectors.ts";

const [github, linear] = [connectorNamed("github"), connectorNamed("linear")];

let board: Board;
let before: ReadonlyMap<string, ConnectorRow>;
beforeEach(() => {
  board = new Board();
  board.load(catalogueOf([github, linear]), () => "approved");
  before = new Map(rowsOf(board).map((row) => [row.id, row]));
});

test("a row does not tell what a source answered: a check changes none", () => {
  board.checking(github.id);
  expect(areAsBefore([github.id], before, board)).toBe(true);
});

test("it tells whether an entry is approved", () => {
  board.load(catalogueOf([github, linear]), () => "unapproved");
  expect(areAsBefore([github.id], before, board)).toBe(false);
});

test("it tells that the person does something about it", () => {
  const acts = new UserActions();
  const acting = {
    of: (id: string) => (id === github.id ? "here" : undefined),
    onDidChange: acts.onDidChange,
  };
  expect(areAsBefore([linear.id], before, board, acting)).toBe(true);
  expect(areAsBefore([linear.id, github.id], before, board, acting)).toBe(false);
  acts.dispose();
});

test("an entry that came or went is not as before", () => {
  const sentry = connectorNamed("sentry");
  board.load(catalogueOf([github, sentry]), () => "approved");
  expect(areAsBefore([sentry.id], before, board)).toBe(false);
  expect(areAsBefore([linear.id], before, board)).toBe(false);
});
