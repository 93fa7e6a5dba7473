import { beforeEach, expect, test } from "vitest";
import { UserActions } from "../../../../src/core/connectors/wait/userActions.ts";
import { ViewProgress } from "../../../../src/editor/status/viewProgress.ts";
import { editor } from "../../../support/editor/vscode.ts";
import { settle } from "../../core/connectors/acme.ts";

beforeEach(() => editor.reset());

test("the view's bar moves for as long as anything is under way, and once for all of it", async () => {
  const acts = new UserActions();
  const progress = new ViewProgress(acts);
  const ends: (() => void)[] = [];
  const underWay = (): Promise<void> => new Promise((resolve) => ends.push(resolve));
  const runs = ["a", "b"].map((id) => acts.run(id, "browser", underWay));
  expect(editor.progress).toHaveLength(1);
  ends[0]?.();
  await runs[0];
  await settle();
  expect(editor.progress).toHaveLength(1);
  ends[1]?.();
  await runs[1];
  await settle();
  expect(editor.progress).toEqual([]);
  progress.dispose();
});

test("it ends with its window, whatever is under way", async () => {
  const acts = new UserActions();
  const progress = new ViewProgress(acts);
  void acts.run("c", "browser", () => new Promise<void>(() => undefined));
  progress.dispose();
  await settle();
  expect(editor.progress).toEqual([]);
});
