import { expect, test } from "vitest";
import { Board } from "../../../../src/core/connectors/board/board.ts";
import type { Permission } from "../../../../src/core/connectors/board/status.ts";
import type { BoardEntry } from "../../../../src/core/connectors/board/boardEntry.ts";
import { issuersHere } from "../../../../src/core/doctor/issuers.ts";
import { catalogueOf, connectorNamed } from "../../../support/connectors.ts";

const [approved, unapproved, elsewhere] = [
  "https://approved.example.com",
  "https://unapproved.example.com",
  "https://elsewhere.example.com",
];

const entries = (...rows: readonly (readonly [string, Permission])[]): readonly BoardEntry[] => {
  const board = new Board();
  const connectors = rows.map(([issuer], index) =>
    connectorNamed(`c${index}`, { userAuth: { issuer, clientId: "lanyard", scopes: ["openid"] } }),
  );
  board.load(catalogueOf(connectors), ({ name }) => rows[Number(name.slice(1))]?.[1] ?? "untrusted");
  return board.entries();
};

test("an issuer is asked once, where one of its connectors is approved", () => {
  const rows = entries([approved, "unapproved"], [approved, "approved"], [approved, "approved"]);
  expect(issuersHere(rows, [], true)).toEqual({ probe: [approved], leave: [] });
});

test("one that nobody has agreed to is left alone", () => {
  const rows = entries([approved, "approved"], [unapproved, "unapproved"], [unapproved, "changed"]);
  expect(issuersHere(rows, [], true)).toEqual({
    probe: [approved],
    leave: [{ issuer: unapproved, why: "unapproved" }],
  });
});

test("one that the person has signed in at is asked", () => {
  expect(issuersHere(entries([unapproved, "unapproved"]), [unapproved, elsewhere], true)).toEqual({
    probe: [unapproved, elsewhere],
    leave: [],
  });
});

test("in a folder that is not trusted none is asked, whatever else speaks for it", () => {
  const rows = entries([approved, "approved"], [unapproved, "untrusted"]);
  expect(issuersHere(rows, [elsewhere], false)).toEqual({
    probe: [],
    leave: [approved, elsewhere, unapproved].map((issuer) => ({ issuer, why: "untrusted" })),
  });
});
