import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { shortTmp } from "../../../../scripts/support/paths.ts";
import { connectorFacts } from "../../../../src/core/history/history.ts";
import { HistoryView } from "../../../../src/editor/history/historyView.ts";
import { HistoryFile } from "../../../../src/node/historyFile.ts";
import { connectorNamed } from "../../../support/connectors.ts";
import { editor, Uri, workspace } from "../../../support/editor/vscode.ts";
import { fakeClock } from "../../../support/ports.ts";

let home: string;
let view: HistoryView;
beforeEach(async () => {
  editor.reset();
  home = await mkdtemp(join(shortTmp, "history-"));
  view = new HistoryView(home);
});
afterEach(async () => {
  view.dispose();
  await rm(home, { recursive: true });
});

/** The document that was shown last. */
const shown = async (): Promise<readonly string[]> => {
  const place = String(editor.executed.at(-1)?.[1]);
  return (await workspace.openTextDocument(Uri.parse(place))).getText().split("\n");
};

const happened = async (): Promise<void> => {
  const clock = fakeClock();
  const file = new HistoryFile({ home, clock, onError: (error) => expect.fail(String(error)) });
  for (const name of ["github", "linear", "github"]) {
    file.note({ kind: "approval", ...connectorFacts(connectorNamed(name)) });
    clock.advance(1000);
  }
  await file.settled();
};

test("where nothing has happened yet says so", async () => {
  await view.show();
  expect(await shown()).toEqual(["Nothing has happened yet."]);
});

test("of all connectors is shown, the newest first", async () => {
  await happened();
  await view.show();
  const lines = await shown();
  expect(lines.map((line) => /github|linear/.exec(line)?.[0])).toEqual(["github", "linear", "github"]);
  expect([...lines].sort().reverse()).toEqual(lines);
});

test("of one connector holds that one's lines alone", async () => {
  await happened();
  await view.show("linear");
  expect((await shown()).map((line) => /github|linear/.exec(line)?.[0])).toEqual(["linear"]);
});
