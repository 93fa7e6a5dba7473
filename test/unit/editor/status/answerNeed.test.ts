import { beforeEach, expect, test } from "vitest";
import { Board } from "../../../../src/core/connectors/board/board.ts";
import type { Need } from "../../../../src/core/connectors/wording/attention.ts";
import { answerNeed } from "../../../../src/editor/status/answerNeed.ts";
import { catalogueOf, connectorNamed } from "../../../support/connectors.ts";
import { editor } from "../../../support/editor/vscode.ts";

const github = connectorNamed("github");

beforeEach(() => editor.reset());

const answered = async (kind: Need["kind"], connectorId = github.id): Promise<readonly unknown[]> => {
  const calls: unknown[] = [];
  const board = new Board();
  board.load(catalogueOf([github]), () => "approved");
  const noted =
    (name: string) =>
    (what?: unknown): Promise<void> => {
      calls.push([name, what]);
      return Promise.resolve();
    };
  await answerNeed({ kind, connectorId, name: "github" } as Need, {
    board,
    review: { show: (id) => void calls.push(["review", id]) },
    accounts: { signIn: noted("signIn") },
    interactions: { attend: noted("attend") },
  });
  return calls;
};

test.each<[Need["kind"], readonly unknown[]]>([
  ["review", ["review", undefined]],
  ["signIn", ["signIn", github.userAuth]],
  ["connect", ["attend", github.id]],
  ["stepUp", ["attend", github.id]],
  ["approveElsewhere", ["attend", github.id]],
])("the button of a notification that says %s", async (kind, call) => {
  expect(await answered(kind)).toEqual([call]);
  expect(editor.clipboard).toBe("");
});

test("one that says how to connect again copies the command", async () => {
  expect(await answered("reconnect")).toEqual([]);
  expect(editor.clipboard).toContain("github");
});

test("a connector that is gone by then is signed in for as any other", async () => {
  expect(await answered("signIn", "gone")).toEqual([["signIn", undefined]]);
});
