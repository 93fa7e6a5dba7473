import { beforeEach, expect, test } from "vitest";
import { LanyardError } from "../../../src/core/errors.ts";
import { showError } from "../../../src/editor/errors.ts";
import type { EditorLog } from "../../../src/editor/log.ts";
import { recordingLog, type RecordingLog } from "../../support/ports.ts";
import { CancellationError, editor } from "../../support/editor/vscode.ts";

type TestLog = EditorLog & RecordingLog & { shown: number };

const editorLog = (): TestLog => {
  const log: TestLog = Object.assign(recordingLog(), {
    shown: 0,
    show: () => void (log.shown += 1),
    dispose: () => undefined,
  });
  return log;
};

let log: TestLog;
beforeEach(() => {
  editor.reset();
  log = editorLog();
});

test("what a person cancelled says nothing, on the screen or in the log", () => {
  showError(new CancellationError(), log);
  expect(editor.messages).toEqual([]);
  expect(log.entries).toEqual([]);
});

test("an error that is ours is said in its own words", () => {
  showError(new LanyardError("timedOut", "The vault cannot be reached."), log);
  expect(editor.messages).toMatchObject([
    { kind: "error", text: "The vault cannot be reached.", buttons: ["Show Log"] },
  ]);
});

const ofSignIn = Object.assign(new Error("The sign-in was refused."), { name: "SignInError" });

test("a sign-in's error, come back through the editor, is said in its own words and leads on", () => {
  showError(ofSignIn, log);
  expect(editor.messages).toMatchObject([
    { text: "The sign-in was refused.", buttons: ["Run Doctor", "Open Entry", "Show Log"] },
  ]);
});

test.each([
  ["Run Doctor", ["lanyard.runDoctor"]],
  ["Open Entry", ["lanyard.openEntry", { of: "failedSignIn" }]],
])("its button %s does that", async (label, command) => {
  editor.answer = () => label;
  showError(ofSignIn, log);
  await expect.poll(() => editor.executed).toEqual([command]);
});

test("any other error is told without its words, which nobody checked; the log has them", () => {
  showError(new Error("ENOENT: /home/ada/secret"), log);
  expect(editor.messages[0]?.text).toBe("Lanyard could not do that. The log says why.");
  expect(log.text()).toContain("ENOENT: /home/ada/secret");
});

test("the button leads to the log", async () => {
  editor.answer = () => "Show Log";
  showError(new Error("x"), log);
  await expect.poll(() => log.shown).toBe(1);
});
