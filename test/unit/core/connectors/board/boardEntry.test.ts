import { expect, test } from "vitest";
import { Board } from "../../../../../src/core/connectors/board/board.ts";
import { mayBeAsked } from "../../../../../src/core/connectors/board/boardEntry.ts";
import { catalogueOf, connectorNamed } from "../../../../support/connectors.ts";

test.each([
  ["approved", true],
  ["unapproved", false],
  ["changed", false],
  ["untrusted", false],
] as const)("an entry that is %s may be asked for, or signed in for: %s", (permission, expected) => {
  const board = new Board();
  board.load(catalogueOf([connectorNamed("crm")]), () => permission);
  expect(board.entries().map(mayBeAsked)).toEqual([expected]);
});
