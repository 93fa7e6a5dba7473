import { beforeEach, expect, test, vi } from "vitest";
import { Board } from "../../../../src/core/connectors/board/board.ts";
import type { GrantState } from "../../../../src/core/connectors/board/status.ts";
import { StatusBar } from "../../../../src/editor/status/statusBar.ts";
import { brokenNamed, catalogueOf, connectorNamed } from "../../../support/connectors.ts";
import { grants } from "../../../support/grants.ts";
import { statusBarItems, type StatusBarItem } from "../../../support/editor/vscode.ts";

let board: Board;
let item: StatusBarItem;
beforeEach(() => {
  vi.useFakeTimers();
  board = new Board();
  const bar = new StatusBar();
  const made = statusBarItems.at(-1);
  if (made === undefined) throw new Error("No item was made.");
  item = made;
  bar.show(board);
  return () => {
    bar.dispose();
    vi.useRealTimers();
  };
});

const answer = (name: string, finding: GrantState): void =>
  board.record(connectorNamed(name).id, finding, { answeredBy: "vault", atMs: 0, traceId: "trace" });

test("it is hidden where there are no connectors", () => {
  expect(item.isShown).toBe(false);
});

test("it counts who is ready among all, broken entries too", () => {
  board.load(
    catalogueOf([connectorNamed("github"), connectorNamed("notion")], [brokenNamed("slack")]),
    () => "approved",
  );
  answer("github", { kind: "granted" });
  vi.advanceTimersByTime(50);
  expect(item).toMatchObject({ isShown: true, text: "$(key) 1/3", command: "lanyard.connectors.focus" });
});

test("its tooltip and its words for screen readers name who needs the person", () => {
  board.load(catalogueOf([connectorNamed("github"), connectorNamed("notion")]), () => "approved");
  answer("notion", grants.needsConnection());
  vi.advanceTimersByTime(50);
  expect(item.tooltip).toBe("Lanyard: 0 of 2 connectors ready\nnotion: Needs connection");
  expect(item.accessibilityInformation?.label).toBe(
    "Lanyard: 0 of 2 connectors ready. 1 connector needs you",
  );
});

test("its tooltip names ten and counts the others", () => {
  const names = Array.from({ length: 12 }, (_, index) => `c${index}`);
  board.load(catalogueOf(names.map((name) => connectorNamed(name))), () => "approved");
  for (const name of names) answer(name, grants.needsConnection());
  vi.advanceTimersByTime(50);
  expect(item.tooltip?.split("\n")).toHaveLength(12);
  expect(item.tooltip).toMatch(/\nand 2 more$/);
});
